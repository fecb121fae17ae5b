"""What a clinic needs to sort out refunds: proofs, limits, owners, other ways, wishes, fees."""

import sqlalchemy as sa
from alembic import op

from efoy.models.types import UtcDateTime

revision = "0014"
down_revision = "0013"

COLUMNS = (
    ("login_sessions", "proved_at", "{instant}"),
    ("login_sessions", "wrong_proofs", "INTEGER DEFAULT 0 NOT NULL"),
    (
        "clinic",
        "refund_limit_minor",
        "INTEGER CONSTRAINT a_clinics_limit_is_not_negative CHECK (refund_limit_minor >= 0)",
    ),
    (
        "users",
        "refund_limit_minor",
        "INTEGER CONSTRAINT a_persons_limit_is_not_negative CHECK (refund_limit_minor >= 0)",
    ),
    (
        "alerts",
        "owner_id",
        "VARCHAR(26) CONSTRAINT fk_alerts_owner_id REFERENCES users (id)",
    ),
    ("alerts", "note", "VARCHAR(300) DEFAULT '' NOT NULL"),
    (
        "refunds",
        "way",
        "VARCHAR(24) DEFAULT 'stripe' NOT NULL CONSTRAINT a_refund_has_a_known_way"
        " CHECK (way IN ('cash', 'stripe', 'terminal', 'transfer'))",
    ),
    (
        "refunds",
        "handed_by",
        "VARCHAR(120) CONSTRAINT money_by_hand_has_a_hand"
        " CHECK (way = 'stripe' OR (handed_by IS NOT NULL AND refund_ref IS NULL))",
    ),
    (
        "refunds",
        "instead_of_id",
        "VARCHAR(26) CONSTRAINT fk_refunds_instead_of_id REFERENCES refunds (id)",
    ),
    ("disputes", "fee_minor", "INTEGER"),
    ("disputes", "net_minor", "INTEGER"),
)
"""Spelled out, for SQLite takes a column's laws only together with the column."""


def upgrade() -> None:
    """Add the columns and the patients' wishes."""
    sqlite = op.get_bind().dialect.name == "sqlite"
    instant = "DATETIME" if sqlite else "TIMESTAMP WITH TIME ZONE"
    for table, column, kind in COLUMNS:
        op.execute(f"ALTER TABLE {table} ADD COLUMN {column} {kind.format(instant=instant)}")
    op.create_table(
        "refund_wishes",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("refund_id", sa.String(length=26), nullable=False),
        sa.Column("asked_by", sa.String(length=26), nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("choice", sa.String(length=24), nullable=True),
        sa.Column("phone", sa.String(length=32), nullable=False),
        sa.Column("words", sa.String(length=500), nullable=False),
        sa.Column("answered_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["refund_id"], ["refunds.id"], name=op.f("fk_refund_wishes_refund_id")
        ),
        sa.ForeignKeyConstraint(["asked_by"], ["users.id"], name=op.f("fk_refund_wishes_asked_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refund_wishes")),
        sa.UniqueConstraint("refund_id", name=op.f("one_wish_per_refund")),
    )


def downgrade() -> None:
    """Drop them again."""
    op.drop_table("refund_wishes")
    for table, column, _kind in reversed(COLUMNS):
        op.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
