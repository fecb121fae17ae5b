"""Above a limit, the one who asks for a refund is not the one who approves it."""

from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    """Keep who was first, with the laws about it (SQLite takes them only with the column)."""
    op.execute(
        "ALTER TABLE refunds ADD COLUMN first_by VARCHAR(26)"
        " CONSTRAINT fk_refunds_first_by REFERENCES users (id)"
        " CONSTRAINT a_second_person_is_another CHECK (decided_by <> first_by)"
        " CONSTRAINT what_needs_two_waits_for_two CHECK"
        " (first_by IS NULL OR decided_by IS NOT NULL OR status IN ('proposed', 'withdrawn'))"
    )


def downgrade() -> None:
    """Forget who was first."""
    op.drop_column("refunds", "first_by")
