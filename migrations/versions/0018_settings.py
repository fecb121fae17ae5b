"""Fees from a day on, versions of refund rules, a logo and a colour, doctors who left."""

import sqlalchemy as sa
from alembic import op

from efoy.models.migrating import rewrite
from efoy.models.types import UtcDateTime

revision = "0018"
down_revision = "0017"

LOGO = " CONSTRAINT fk_clinic_logo_hash REFERENCES pictures (hash)"
FIRST = " CONSTRAINT fk_refund_policies_first_id REFERENCES refund_policies (id)"


def upgrade() -> None:
    """Add them; nothing that is there changes."""
    op.create_table(
        "pictures",
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("width > 0 AND height > 0", name=op.f("a_picture_has_a_size")),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_pictures")),
    )
    op.add_column(
        "clinic", sa.Column("colour", sa.String(length=7), server_default="", nullable=False)
    )
    op.execute(f"ALTER TABLE clinic ADD COLUMN logo_hash VARCHAR(64){LOGO}")
    op.execute(f"ALTER TABLE refund_policies ADD COLUMN first_id INTEGER{FIRST}")
    op.create_index("one_row_per_version", "refund_policies", ["first_id", "version"], unique=True)
    op.add_column("doctors", sa.Column("removed_at", UtcDateTime(), nullable=True))
    _create_service_prices()


def _create_service_prices() -> None:
    op.create_table(
        "service_prices",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("service_id", sa.Integer(), nullable=False),
        sa.Column("doctor_id", sa.Integer(), nullable=True),
        sa.Column("minor", sa.Integer(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("starts_at", UtcDateTime(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("minor >= 0", name=op.f("a_fee_from_a_day_is_not_negative")),
        sa.CheckConstraint(
            "doctor_id IS NOT NULL OR minor IS NOT NULL", name=op.f("a_service_always_has_a_fee")
        ),
        sa.ForeignKeyConstraint(
            ["doctor_id"], ["doctors.id"], name=op.f("fk_service_prices_doctor_id")
        ),
        sa.ForeignKeyConstraint(
            ["service_id"], ["services.id"], name=op.f("fk_service_prices_service_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_prices")),
    )
    of_all, of_one = sa.text("doctor_id IS NULL"), sa.text("doctor_id IS NOT NULL")
    op.create_index(
        "one_fee_per_service_and_day",
        "service_prices",
        ["service_id", "valid_from"],
        unique=True,
        sqlite_where=of_all,
        postgresql_where=of_all,
    )
    op.create_index(
        "one_fee_per_doctor_service_and_day",
        "service_prices",
        ["service_id", "doctor_id", "valid_from"],
        unique=True,
        sqlite_where=of_one,
        postgresql_where=of_one,
    )
    op.create_index(
        "ix_service_prices_since",
        "service_prices",
        ["service_id", "doctor_id", "starts_at"],
        unique=False,
    )


def downgrade() -> None:
    """Take them away again."""
    op.drop_table("service_prices")
    op.drop_column("doctors", "removed_at")
    op.drop_index("one_row_per_version", table_name="refund_policies")
    bind = op.get_bind()
    if bind.dialect.name == "sqlite":
        rewrite(bind, "refund_policies", FIRST, "")
        rewrite(bind, "clinic", LOGO, "")
    op.drop_column("refund_policies", "first_id")
    op.drop_column("clinic", "logo_hash")
    op.drop_column("clinic", "colour")
    op.drop_table("pictures")
