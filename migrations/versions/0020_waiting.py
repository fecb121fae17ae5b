"""Who waits for a time, who comes when somebody else books, and whose limits a booking counts."""

import sqlalchemy as sa
from alembic import op

from efoy.models.types import UtcDateTime

revision = "0020"
down_revision = "0019"
WAITING = sa.text("status = 'waiting'")
OPEN = sa.text("status = 'open'")


def upgrade() -> None:
    """Columns first; what was booked so far counts towards its patient, as it did."""
    op.add_column("users", _yes("reminders"))
    op.add_column("bookings", sa.Column("visitor_born_on", sa.Date(), nullable=True))
    op.add_column("bookings", _words("visitor_key", 160, "me"))
    op.add_column("bookings", _words("booker_name", 120, ""))
    op.add_column("bookings", sa.Column("holder", sa.String(length=64), nullable=True))
    op.execute("UPDATE bookings SET holder = patient_id")
    op.create_index(op.f("ix_bookings_holder"), "bookings", ["holder", "starts_at"], unique=False)
    _visitors()
    _entries()
    _offers()


def _yes(name: str) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean(), server_default=sa.true(), nullable=False)


def _words(name: str, length: int, default: str) -> sa.Column[str]:
    return sa.Column(name, sa.String(length=length), server_default=default, nullable=False)


def _visitors() -> None:
    op.create_table(
        "visitors",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("user_id", sa.String(length=26), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("born_on", sa.Date(), nullable=False),
        sa.Column("visitor_key", sa.String(length=160), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('me', 'child', 'other')", name=op.f("a_visitor_is_of_a_known_kind")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_visitors_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visitors")),
        sa.UniqueConstraint("user_id", "visitor_key", name=op.f("one_row_per_visitor")),
    )


def _entries() -> None:
    op.create_table(
        "waitlist_entries",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("patient_id", sa.String(length=26), nullable=False),
        sa.Column("holder", sa.String(length=64), nullable=False),
        sa.Column("browser_hash", sa.String(length=64), nullable=True),
        sa.Column("visitor_name", sa.String(length=120), nullable=False),
        sa.Column("visitor_born_on", sa.Date(), nullable=True),
        sa.Column("visitor_key", sa.String(length=160), nullable=False),
        sa.Column("booker_name", sa.String(length=120), nullable=False),
        sa.Column("visitor_email", sa.String(length=254), nullable=False),
        sa.Column("visitor_phone", sa.String(length=32), nullable=False),
        sa.Column("locale", sa.String(length=8), nullable=False),
        sa.Column("doctor_id", sa.Integer(), nullable=False),
        sa.Column("service_id", sa.Integer(), nullable=False),
        sa.Column("days", sa.JSON(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=False),
        sa.Column("part", sa.String(length=24), nullable=False),
        sa.Column("known_free", sa.JSON(), nullable=False),
        sa.Column("status", sa.String(length=24), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("form_token", sa.String(length=64), nullable=True),
        sa.CheckConstraint(
            "status IN ('waiting', 'booked', 'left', 'past')", name=op.f("a_place_in_line_is_known")
        ),
        sa.CheckConstraint(
            "part IN ('any', 'morning', 'afternoon')", name=op.f("a_part_of_a_day_is_known")
        ),
        sa.ForeignKeyConstraint(
            ["patient_id"], ["users.id"], name=op.f("fk_waitlist_entries_patient_id")
        ),
        sa.ForeignKeyConstraint(
            ["doctor_id"], ["doctors.id"], name=op.f("fk_waitlist_entries_doctor_id")
        ),
        sa.ForeignKeyConstraint(
            ["service_id"], ["services.id"], name=op.f("fk_waitlist_entries_service_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_waitlist_entries")),
        sa.UniqueConstraint("form_token", name=op.f("uq_waitlist_entries_form_token")),
    )
    op.create_index(
        "one_place_in_each_line",
        "waitlist_entries",
        ["holder", "doctor_id", "service_id", "visitor_key"],
        unique=True,
        sqlite_where=WAITING,
        postgresql_where=WAITING,
    )
    op.create_index(
        "ix_waitlist_line",
        "waitlist_entries",
        ["doctor_id", "created_at"],
        unique=False,
        sqlite_where=WAITING,
        postgresql_where=WAITING,
    )
    op.create_index("ix_waitlist_patient", "waitlist_entries", ["patient_id"], unique=False)


def _offers() -> None:
    op.create_table(
        "waitlist_offers",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("entry_id", sa.String(length=26), nullable=False),
        sa.Column("booking_id", sa.String(length=26), nullable=False),
        sa.Column("holder", sa.String(length=64), nullable=False),
        sa.Column("starts_at", UtcDateTime(), nullable=False),
        sa.Column("status", sa.String(length=24), nullable=False),
        sa.Column("offered_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint(
            "status IN ('open', 'taken', 'declined', 'lapsed')",
            name=op.f("an_offer_has_a_known_status"),
        ),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["waitlist_entries.id"], name=op.f("fk_waitlist_offers_entry_id")
        ),
        sa.ForeignKeyConstraint(
            ["booking_id"], ["bookings.id"], name=op.f("fk_waitlist_offers_booking_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_waitlist_offers")),
        sa.UniqueConstraint("booking_id", name=op.f("uq_waitlist_offers_booking_id")),
        sa.UniqueConstraint("entry_id", "starts_at", name=op.f("a_time_is_offered_once_to_each")),
    )
    op.create_index(
        "one_open_offer_per_person",
        "waitlist_offers",
        ["holder"],
        unique=True,
        sqlite_where=OPEN,
        postgresql_where=OPEN,
    )


def downgrade() -> None:
    """Drop it all again."""
    for table in ("waitlist_offers", "waitlist_entries", "visitors"):
        op.drop_table(table)
    op.drop_index(op.f("ix_bookings_holder"), table_name="bookings")
    for name in ("holder", "booker_name", "visitor_key", "visitor_born_on"):
        op.drop_column("bookings", name)
    op.drop_column("users", "reminders")
