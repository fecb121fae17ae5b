"""What the rules give waits for a person, or does not; and what was said when cancelling."""

import sqlalchemy as sa
from alembic import op

from efoy.models.migrating import replace_check, rewrite

revision = "0012"
down_revision = "0011"

BEFORE = (
    "status IN ('requested', 'submitted', 'pending', 'requires_action',"
    " 'succeeded', 'failed', 'canceled', 'withdrawn')"
)
AFTER = BEFORE.replace("('requested'", "('proposed', 'requested'")
KNOWN = ("refunds", "a_refund_has_a_known_status")
WAITING = sa.text("status = 'proposed'")
DECIDED_BY = " CONSTRAINT fk_refunds_decided_by REFERENCES users (id)"


def upgrade() -> None:
    """Add the mode of approval, refunds that wait for it, and the quote of a cancellation."""
    bind = op.get_bind()
    instant = "DATETIME" if bind.dialect.name == "sqlite" else "TIMESTAMP WITH TIME ZONE"
    op.execute(
        "ALTER TABLE refund_policies ADD COLUMN approval_mode VARCHAR(24) NOT NULL"
        " DEFAULT 'approval' CONSTRAINT rules_are_approved_or_not"
        " CHECK (approval_mode IN ('approval', 'automatic'))"
    )
    op.execute(
        "ALTER TABLE bookings ADD COLUMN quoted_minor INTEGER"
        " CONSTRAINT a_quote_is_not_negative CHECK (quoted_minor >= 0)"
    )
    op.execute(
        f"ALTER TABLE bookings ADD COLUMN quoted_at {instant} CONSTRAINT a_quote_has_its_time"
        " CHECK ((quoted_minor IS NULL) = (quoted_at IS NULL))"
    )
    op.execute(f"ALTER TABLE refunds ADD COLUMN decided_at {instant}")
    op.execute(f"ALTER TABLE refunds ADD COLUMN decided_by VARCHAR(26){DECIDED_BY}")
    replace_check(bind, *KNOWN, BEFORE, AFTER)
    op.create_index(
        "ix_refunds_proposed",
        "refunds",
        ["created_at"],
        unique=False,
        sqlite_where=WAITING,
        postgresql_where=WAITING,
    )


def downgrade() -> None:
    """Take them away; refunds that wait are asked for, as they were before."""
    bind = op.get_bind()
    op.drop_index("ix_refunds_proposed", table_name="refunds")
    op.execute("UPDATE refunds SET status = 'requested' WHERE status = 'proposed'")
    replace_check(bind, *KNOWN, AFTER, BEFORE)
    if bind.dialect.name == "sqlite":
        rewrite(bind, "refunds", DECIDED_BY, "")
    op.drop_column("refunds", "decided_by")
    op.drop_column("refunds", "decided_at")
    op.drop_column("bookings", "quoted_at")
    op.drop_column("bookings", "quoted_minor")
    op.drop_column("refund_policies", "approval_mode")
