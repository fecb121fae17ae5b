"""Who has which time."""

import sqlalchemy as sa
from alembic import op

from efoy.models.types import UtcDateTime

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Create bookings, slot_claims."""

    op.create_table(
        "bookings",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("ref", sa.String(length=7), nullable=False),
        sa.Column("patient_id", sa.String(length=26), nullable=False),
        sa.Column("visitor_name", sa.String(length=120), nullable=False),
        sa.Column("visitor_email", sa.String(length=254), nullable=False),
        sa.Column("visitor_phone", sa.String(length=32), nullable=False),
        sa.Column("browser_hash", sa.String(length=64), nullable=True),
        sa.Column("locale", sa.String(length=8), nullable=False),
        sa.Column("doctor_id", sa.Integer(), nullable=False),
        sa.Column("service_id", sa.Integer(), nullable=False),
        sa.Column("starts_at", UtcDateTime(), nullable=False),
        sa.Column("ends_at", UtcDateTime(), nullable=False),
        sa.Column("busy_until", UtcDateTime(), nullable=False),
        sa.Column("window_starts_at", UtcDateTime(), nullable=False),
        sa.Column("window_ends_at", UtcDateTime(), nullable=False),
        sa.Column("zone", sa.String(length=40), nullable=False),
        sa.Column("status", sa.String(length=24), nullable=False),
        sa.Column("held_at", UtcDateTime(), nullable=False),
        sa.Column("hold_expires_at", UtcDateTime(), nullable=True),
        sa.Column("hold_extended_at", UtcDateTime(), nullable=True),
        sa.Column("price_minor", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("tax_label", sa.String(length=60), nullable=False),
        sa.Column("tax_basis_points", sa.Integer(), nullable=False),
        sa.Column("policy", sa.JSON(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("form_token", sa.String(length=64), nullable=True),
        sa.Column("confirmed_at", UtcDateTime(), nullable=True),
        sa.Column("cancelled_at", UtcDateTime(), nullable=True),
        sa.Column("cancelled_by", sa.String(length=16), nullable=True),
        sa.Column("cancel_reason", sa.String(length=300), nullable=False),
        sa.Column("calendar_sequence", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "status <> 'held' OR hold_expires_at IS NOT NULL", name=op.f("a_hold_has_an_end")
        ),
        sa.CheckConstraint(
            "status IN ('held', 'confirmed', 'expired', 'cancelled', 'attended', 'no_show')",
            name=op.f("a_booking_has_a_known_status"),
        ),
        sa.CheckConstraint("ends_at <= busy_until", name=op.f("a_buffer_follows_the_visit")),
        sa.CheckConstraint("price_minor >= 0", name=op.f("a_booked_price_is_not_negative")),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("a_visit_runs_forward")),
        sa.CheckConstraint(
            "window_starts_at <= starts_at AND ends_at <= window_ends_at",
            name=op.f("a_visit_lies_in_opening_hours"),
        ),
        sa.ForeignKeyConstraint(["doctor_id"], ["doctors.id"], name=op.f("fk_bookings_doctor_id")),
        sa.ForeignKeyConstraint(["patient_id"], ["users.id"], name=op.f("fk_bookings_patient_id")),
        sa.ForeignKeyConstraint(
            ["service_id"], ["services.id"], name=op.f("fk_bookings_service_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bookings")),
        sa.UniqueConstraint("form_token", name=op.f("uq_bookings_form_token")),
        sa.UniqueConstraint("ref", name=op.f("uq_bookings_ref")),
    )
    op.create_index("ix_bookings_day", "bookings", ["starts_at"], unique=False)
    op.create_index("ix_bookings_doctor_day", "bookings", ["doctor_id", "starts_at"], unique=False)
    op.create_index(
        "ix_bookings_holds",
        "bookings",
        ["hold_expires_at"],
        unique=False,
        sqlite_where=sa.text("status = 'held'"),
        postgresql_where=sa.text("status = 'held'"),
    )
    op.create_index("ix_bookings_patient", "bookings", ["patient_id", "starts_at"], unique=False)
    op.create_table(
        "slot_claims",
        sa.Column("doctor_id", sa.Integer(), nullable=False),
        sa.Column("cell_at", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("booking_id", sa.String(length=26), nullable=False),
        sa.ForeignKeyConstraint(
            ["booking_id"],
            ["bookings.id"],
            name=op.f("fk_slot_claims_booking_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["doctor_id"], ["doctors.id"], name=op.f("fk_slot_claims_doctor_id")
        ),
        sa.PrimaryKeyConstraint("doctor_id", "cell_at", name=op.f("pk_slot_claims")),
    )
    op.create_index(op.f("ix_slot_claims_booking_id"), "slot_claims", ["booking_id"], unique=False)


def downgrade() -> None:
    """Drop them again."""
    op.drop_table("slot_claims")
    op.drop_table("bookings")
