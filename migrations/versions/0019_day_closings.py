"""Which times were closed, and what was decided for each visit in them."""

import sqlalchemy as sa
from alembic import op

from efoy.models.types import UtcDateTime

revision = "0019"
down_revision = "0018"
OPEN = sa.text("status IN ('waiting', 'offered', 'with_desk', 'failed')")
CLOSINGS = "('running', 'waiting', 'finished', 'reopened')"
SOURCES = "('time_off', 'close_day', 'clash')"
ITEMS = (
    "('waiting', 'offered', 'with_desk', 'failed', 'kept', 'stands', 'moved', 'cancelled', 'gone')"
)


def upgrade() -> None:
    """Create day_closings and day_closing_items."""
    _closings()
    _items()


def _closings() -> None:
    op.create_table(
        "day_closings",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("doctor_id", sa.Integer(), nullable=False),
        sa.Column("time_off_id", sa.Integer(), nullable=True),
        sa.Column("source", sa.String(length=24), nullable=False),
        sa.Column("starts_at", UtcDateTime(), nullable=False),
        sa.Column("ends_at", UtcDateTime(), nullable=False),
        sa.Column("reason", sa.String(length=120), nullable=False),
        sa.Column("status", sa.String(length=24), nullable=False),
        sa.Column("actor_id", sa.String(length=26), nullable=True),
        sa.Column("actor_role", sa.String(length=16), nullable=False),
        sa.Column("form_token", sa.String(length=64), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("finished_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint(f"status IN {CLOSINGS}", name=op.f("a_closing_has_a_known_status")),
        sa.CheckConstraint(f"source IN {SOURCES}", name=op.f("a_closing_has_a_known_source")),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("a_closing_runs_forward")),
        sa.ForeignKeyConstraint(
            ["doctor_id"], ["doctors.id"], name=op.f("fk_day_closings_doctor_id")
        ),
        sa.ForeignKeyConstraint(
            ["time_off_id"],
            ["time_off.id"],
            name=op.f("fk_day_closings_time_off_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(["actor_id"], ["users.id"], name=op.f("fk_day_closings_actor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_day_closings")),
        sa.UniqueConstraint("form_token", name=op.f("uq_day_closings_form_token")),
    )
    op.create_index(op.f("ix_day_closings_doctor_id"), "day_closings", ["doctor_id"])
    op.create_index(op.f("ix_day_closings_time_off_id"), "day_closings", ["time_off_id"])


def _items() -> None:
    op.create_table(
        "day_closing_items",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("closing_id", sa.String(length=26), nullable=False),
        sa.Column("booking_id", sa.String(length=26), nullable=False),
        sa.Column("visit_at", UtcDateTime(), nullable=False),
        sa.Column("choice", sa.String(length=24), nullable=False),
        sa.Column("status", sa.String(length=24), nullable=False),
        sa.Column("problem", sa.String(length=40), nullable=False),
        sa.Column("offers", sa.Integer(), server_default="0", nullable=False),
        sa.Column("answer_by", UtcDateTime(), nullable=True),
        sa.Column("actor_id", sa.String(length=26), nullable=True),
        sa.Column("actor_role", sa.String(length=16), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint(f"status IN {ITEMS}", name=op.f("an_item_has_a_known_status")),
        sa.CheckConstraint(
            "choice IN ('move', 'desk', 'cancel', 'keep')", name=op.f("an_item_has_a_known_choice")
        ),
        sa.ForeignKeyConstraint(
            ["closing_id"], ["day_closings.id"], name=op.f("fk_day_closing_items_closing_id")
        ),
        sa.ForeignKeyConstraint(
            ["booking_id"], ["bookings.id"], name=op.f("fk_day_closing_items_booking_id")
        ),
        sa.ForeignKeyConstraint(
            ["actor_id"], ["users.id"], name=op.f("fk_day_closing_items_actor_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_day_closing_items")),
        sa.UniqueConstraint("closing_id", "booking_id", name="one_item_per_visit_and_closing"),
    )
    op.create_index("ix_day_closing_items_booking", "day_closing_items", ["booking_id"])
    for name, column, unique in (
        ("one_open_item_per_booking", "booking_id", True),
        ("ix_day_closing_items_open", "status", False),
    ):
        op.create_index(
            name,
            "day_closing_items",
            [column],
            unique=unique,
            sqlite_where=OPEN,
            postgresql_where=OPEN,
        )


def downgrade() -> None:
    """Drop them again."""
    op.drop_table("day_closing_items")
    op.drop_table("day_closings")
