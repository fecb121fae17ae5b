"""A visit moves: from where, to where, and the payment for a dearer time."""

import sqlalchemy as sa
from alembic import op

from efoy.models.types import UtcDateTime

revision = "0015"
down_revision = "0014"
PENDING = sa.text("status = 'pending'")


def upgrade() -> None:
    """Create booking_moves; a payment says what it is for (its law comes with the column)."""
    op.execute(
        "ALTER TABLE payments ADD COLUMN purpose VARCHAR(24) DEFAULT 'visit' NOT NULL"
        " CONSTRAINT a_payment_has_a_known_purpose CHECK (purpose IN ('visit', 'top_up'))"
    )
    op.create_table(
        "booking_moves",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("booking_id", sa.String(length=26), nullable=False),
        sa.Column("status", sa.String(length=24), nullable=False),
        sa.Column("from_doctor_id", sa.Integer(), nullable=False),
        sa.Column("from_starts_at", UtcDateTime(), nullable=False),
        sa.Column("from_ends_at", UtcDateTime(), nullable=False),
        sa.Column("from_price_minor", sa.Integer(), nullable=False),
        sa.Column("doctor_id", sa.Integer(), nullable=False),
        sa.Column("starts_at", UtcDateTime(), nullable=False),
        sa.Column("ends_at", UtcDateTime(), nullable=False),
        sa.Column("busy_until", UtcDateTime(), nullable=False),
        sa.Column("window_starts_at", UtcDateTime(), nullable=False),
        sa.Column("window_ends_at", UtcDateTime(), nullable=False),
        sa.Column("place", sa.String(length=120), nullable=True),
        sa.Column("price_minor", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("tax_label", sa.String(length=60), nullable=False),
        sa.Column("tax_basis_points", sa.Integer(), nullable=False),
        sa.Column("back_minor", sa.Integer(), nullable=False),
        sa.Column("moved_by", sa.String(length=16), nullable=False),
        sa.Column("payment_id", sa.String(length=26), nullable=True),
        sa.Column("form_token", sa.String(length=64), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=True),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("why", sa.String(length=24), nullable=False),
        sa.CheckConstraint(
            "price_minor >= 0 AND from_price_minor >= 0",
            name=op.f("a_moved_price_is_not_negative"),
        ),
        sa.CheckConstraint(
            "status <> 'pending' OR payment_id IS NOT NULL",
            name=op.f("a_pending_move_has_its_top_up"),
        ),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("a_moved_visit_runs_forward")),
        sa.CheckConstraint(
            "status IN ('pending', 'done', 'dropped')", name=op.f("a_move_has_a_known_status")
        ),
        sa.ForeignKeyConstraint(
            ["booking_id"], ["bookings.id"], name=op.f("fk_booking_moves_booking_id")
        ),
        sa.ForeignKeyConstraint(
            ["doctor_id"], ["doctors.id"], name=op.f("fk_booking_moves_doctor_id")
        ),
        sa.ForeignKeyConstraint(
            ["from_doctor_id"], ["doctors.id"], name=op.f("fk_booking_moves_from_doctor_id")
        ),
        sa.ForeignKeyConstraint(
            ["payment_id"], ["payments.id"], name=op.f("fk_booking_moves_payment_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_booking_moves")),
        sa.UniqueConstraint("form_token", name=op.f("uq_booking_moves_form_token")),
        sa.UniqueConstraint("payment_id", name=op.f("uq_booking_moves_payment_id")),
    )
    op.create_index("ix_booking_moves_booking", "booking_moves", ["booking_id"], unique=False)
    op.create_index(
        "one_pending_move_per_booking",
        "booking_moves",
        ["booking_id"],
        unique=True,
        sqlite_where=PENDING,
        postgresql_where=PENDING,
    )


def downgrade() -> None:
    """Drop them again."""
    op.drop_table("booking_moves")
    op.execute("ALTER TABLE payments DROP COLUMN purpose")
