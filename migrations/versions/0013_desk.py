"""What the desk does: takes money, keeps a time for a pay link, books beside another visit."""

import sqlalchemy as sa
from alembic import op

from efoy.models.types import UtcDateTime

revision = "0013"
down_revision = "0012"
LIVE = "status IN ('held', 'confirmed', 'attended', 'no_show')"
OVERBOOKED = sa.text("overbooked_reason <> ''")


def upgrade() -> None:
    """Add columns, each with the law that is about it: both databases take that in one step."""
    _add(
        "payments",
        "taken_by VARCHAR(26)",
        "fk_payments_taken_by REFERENCES users (id)",
        "money_at_the_desk_is_taken_by_somebody"
        " CHECK ((method IN ('cash', 'terminal')) = (taken_by IS NOT NULL))",
        "money_at_the_desk_is_there_at_once"
        " CHECK (method NOT IN ('cash', 'terminal') OR status = 'paid')",
    )
    _add("payments", "taken_note VARCHAR(200) DEFAULT '' NOT NULL")
    op.add_column("payments", sa.Column("form_token", sa.String(length=64), nullable=True))
    op.create_index("one_payment_per_form", "payments", ["form_token"], unique=True)
    _add("bookings", "made_by VARCHAR(26)", "fk_bookings_made_by REFERENCES users (id)")
    op.add_column("bookings", sa.Column("pay_by", UtcDateTime(), nullable=True))
    _add(
        "bookings",
        "overbooked_reason VARCHAR(200) DEFAULT '' NOT NULL",
        "an_overbooking_is_somebodys CHECK (overbooked_reason = '' OR made_by IS NOT NULL)",
    )
    _add(
        "bookings",
        "free_reason VARCHAR(200) DEFAULT '' NOT NULL",
        "a_free_visit_costs_nothing CHECK (free_reason = '' OR price_minor = 0)",
    )
    op.create_index(
        "ix_bookings_overbooked",
        "bookings",
        ["doctor_id", "starts_at"],
        unique=False,
        sqlite_where=OVERBOOKED,
        postgresql_where=OVERBOOKED,
    )
    _second_guard(f"{LIVE} AND overbooked_reason = ''")


def _add(table: str, column: str, *laws: str) -> None:
    named = " ".join(f"CONSTRAINT {law}" for law in laws)
    op.execute(f"ALTER TABLE {table} ADD COLUMN {column} {named}")


def _second_guard(which: str) -> None:
    """On PostgreSQL no two of these overlap; who stands beside another on purpose is not meant."""
    if op.get_bind().dialect.name != "postgresql":
        return
    op.execute("ALTER TABLE bookings DROP CONSTRAINT no_two_live_bookings_overlap")
    op.execute(
        "ALTER TABLE bookings ADD CONSTRAINT no_two_live_bookings_overlap "
        "EXCLUDE USING gist (doctor_id WITH =, tstzrange(starts_at, busy_until) WITH &&) "
        f"WHERE ({which})"
    )


def downgrade() -> None:
    """Take it away again."""
    _second_guard(LIVE)
    op.drop_index("ix_bookings_overbooked", table_name="bookings")
    for column in ("free_reason", "overbooked_reason", "pay_by", "made_by"):
        op.drop_column("bookings", column)
    op.drop_index("one_payment_per_form", table_name="payments")
    for column in ("form_token", "taken_note", "taken_by"):
        op.drop_column("payments", column)
