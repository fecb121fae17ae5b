"""What a doctor keeps: breaks, places and services of hours, arrivals, notes, a calendar feed."""

import sqlalchemy as sa
from alembic import op

from efoy.models.types import UtcDateTime

revision = "0017"
down_revision = "0016"
ADDED = (
    ("doctors", "hours_version"),
    ("clinic", "doctors_see_totals"),
    ("bookings", "place"),
    ("bookings", "arrived_at"),
    ("opening_hours", "break_to"),
    ("opening_hours", "break_from"),
    ("opening_hours", "place"),
    ("opening_hours", "service_ids"),
    ("extra_hours", "place"),
    ("extra_hours", "service_ids"),
)


def upgrade() -> None:
    """Add columns that older code may leave alone, and two tables."""

    op.add_column(
        "doctors",
        sa.Column("hours_version", sa.Integer(), server_default="0", nullable=False),
    )
    op.add_column(
        "clinic",
        sa.Column("doctors_see_totals", sa.Boolean(), server_default=sa.false(), nullable=False),
    )
    op.add_column("bookings", sa.Column("place", sa.String(length=120), nullable=True))
    op.add_column("bookings", sa.Column("arrived_at", UtcDateTime(), nullable=True))
    op.add_column("opening_hours", sa.Column("break_from", sa.Integer(), nullable=True))
    # the law comes with its column: SQLite adds no check to a table that is there
    op.execute(
        "ALTER TABLE opening_hours ADD COLUMN break_to INTEGER "
        "CONSTRAINT a_break_lies_in_its_hours CHECK ("
        "(break_from IS NULL) = (break_to IS NULL) AND (break_from IS NULL OR"
        " (from_minute < break_from AND break_from < break_to AND break_to < to_minute)))"
    )
    for table in ("opening_hours", "extra_hours"):
        op.add_column(
            table, sa.Column("place", sa.String(length=120), server_default="", nullable=False)
        )
        op.add_column(
            table,
            sa.Column("service_ids", sa.String(length=400), server_default="", nullable=False),
        )
    op.create_table(
        "visit_notes",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("booking_id", sa.String(length=26), nullable=False),
        sa.Column("doctor_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("written_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("position > 0", name=op.f("notes_are_counted_from_one")),
        sa.ForeignKeyConstraint(
            ["booking_id"], ["bookings.id"], name=op.f("fk_visit_notes_booking_id")
        ),
        sa.ForeignKeyConstraint(
            ["doctor_id"], ["doctors.id"], name=op.f("fk_visit_notes_doctor_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit_notes")),
        sa.UniqueConstraint(
            "booking_id", "doctor_id", "position", name=op.f("one_note_after_the_other")
        ),
    )
    op.create_table(
        "calendar_feeds",
        sa.Column("doctor_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["doctor_id"], ["doctors.id"], name=op.f("fk_calendar_feeds_doctor_id")
        ),
        sa.PrimaryKeyConstraint("doctor_id", name=op.f("pk_calendar_feeds")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_calendar_feeds_token_hash")),
    )


def downgrade() -> None:
    """Take them away again."""
    op.drop_table("calendar_feeds")
    op.drop_table("visit_notes")
    for table, column in ADDED:
        op.drop_column(table, column)
