"""What was asked of Stripe, and what goes back."""

import sqlalchemy as sa
from alembic import op

from efoy.models.types import UtcDateTime

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Create payments, refunds, disputes."""

    op.create_table(
        "payments",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("booking_id", sa.String(length=26), nullable=False),
        sa.Column("method", sa.String(length=24), nullable=False),
        sa.Column("status", sa.String(length=24), nullable=False),
        sa.Column("amount_minor", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("idempotency_key", sa.String(length=120), nullable=False),
        sa.Column("params", sa.JSON(), nullable=False),
        sa.Column("live", sa.Boolean(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("checkout_expires_at", UtcDateTime(), nullable=True),
        sa.Column("checkout_ref", sa.String(length=120), nullable=True),
        sa.Column("checkout_url", sa.Text(), nullable=True),
        sa.Column("closing_for", sa.String(length=16), nullable=True),
        sa.Column("intent_ref", sa.String(length=120), nullable=True),
        sa.Column("charge_ref", sa.String(length=120), nullable=True),
        sa.Column("captured_minor", sa.Integer(), nullable=True),
        sa.Column("paid_at", UtcDateTime(), nullable=True),
        sa.Column("card_brand", sa.String(length=24), nullable=True),
        sa.Column("card_last4", sa.String(length=4), nullable=True),
        sa.Column("decline_code", sa.String(length=60), nullable=True),
        sa.Column("parked_reason", sa.String(length=60), nullable=True),
        sa.Column("fee_minor", sa.Integer(), nullable=True),
        sa.Column("net_minor", sa.Integer(), nullable=True),
        sa.Column("settled_currency", sa.String(length=3), nullable=True),
        sa.Column("looked_at", UtcDateTime(), nullable=True),
        sa.Column("look_again_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint(
            "method IN ('stripe', 'cash', 'terminal', 'free')",
            name=op.f("a_payment_has_a_known_method"),
        ),
        sa.CheckConstraint(
            "status <> 'paid' OR captured_minor IS NOT NULL",
            name=op.f("a_paid_payment_has_its_amount"),
        ),
        sa.CheckConstraint(
            "status IN ('creating', 'open', 'closing', 'processing',"
            " 'paid', 'expired', 'failed', 'parked', 'closed')",
            name=op.f("a_payment_has_a_known_status"),
        ),
        sa.CheckConstraint("amount_minor > 0", name=op.f("a_payment_is_positive")),
        sa.ForeignKeyConstraint(
            ["booking_id"], ["bookings.id"], name=op.f("fk_payments_booking_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payments")),
        sa.UniqueConstraint("charge_ref", name=op.f("uq_payments_charge_ref")),
        sa.UniqueConstraint("checkout_ref", name=op.f("uq_payments_checkout_ref")),
        sa.UniqueConstraint("idempotency_key", name=op.f("uq_payments_idempotency_key")),
        sa.UniqueConstraint("intent_ref", name=op.f("uq_payments_intent_ref")),
    )
    op.create_index("ix_payments_booking", "payments", ["booking_id"], unique=False)
    op.create_index("ix_payments_created", "payments", ["created_at"], unique=False)
    op.create_index(
        "ix_payments_undecided",
        "payments",
        ["checkout_expires_at"],
        unique=False,
        sqlite_where=sa.text("status IN ('creating', 'open', 'closing', 'processing')"),
        postgresql_where=sa.text("status IN ('creating', 'open', 'closing', 'processing')"),
    )
    op.create_index(
        "one_open_payment_per_booking",
        "payments",
        ["booking_id"],
        unique=True,
        sqlite_where=sa.text("status IN ('creating', 'open', 'closing', 'processing')"),
        postgresql_where=sa.text("status IN ('creating', 'open', 'closing', 'processing')"),
    )
    op.create_table(
        "refunds",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("payment_id", sa.String(length=26), nullable=False),
        sa.Column("amount_minor", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("status", sa.String(length=24), nullable=False),
        sa.Column("origin", sa.String(length=24), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("message", sa.String(length=500), nullable=False),
        sa.Column("actor_id", sa.String(length=26), nullable=True),
        sa.Column("actor_role", sa.String(length=16), nullable=False),
        sa.Column("available_minor", sa.Integer(), nullable=False),
        sa.Column("form_token", sa.String(length=64), nullable=True),
        sa.Column("idempotency_key", sa.String(length=120), nullable=True),
        sa.Column("refund_ref", sa.String(length=120), nullable=True),
        sa.Column("failure_reason", sa.String(length=60), nullable=True),
        sa.Column("pending_reason", sa.String(length=60), nullable=True),
        sa.Column("bank_reference", sa.String(length=60), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("submitted_at", UtcDateTime(), nullable=True),
        sa.Column("succeeded_at", UtcDateTime(), nullable=True),
        sa.Column("lease_until", UtcDateTime(), nullable=True),
        sa.Column("looked_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint(
            "origin IN ('admin', 'policy', 'auto', 'external')",
            name=op.f("a_refund_has_a_known_origin"),
        ),
        sa.CheckConstraint(
            "status IN ('requested', 'submitted', 'pending', 'requires_action',"
            " 'succeeded', 'failed', 'canceled', 'withdrawn')",
            name=op.f("a_refund_has_a_known_status"),
        ),
        sa.CheckConstraint("amount_minor > 0", name=op.f("a_refund_is_positive")),
        sa.ForeignKeyConstraint(["actor_id"], ["users.id"], name=op.f("fk_refunds_actor_id")),
        sa.ForeignKeyConstraint(
            ["payment_id"], ["payments.id"], name=op.f("fk_refunds_payment_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refunds")),
        sa.UniqueConstraint("form_token", name=op.f("uq_refunds_form_token")),
        sa.UniqueConstraint("idempotency_key", name=op.f("uq_refunds_idempotency_key")),
        sa.UniqueConstraint("refund_ref", name=op.f("uq_refunds_refund_ref")),
    )
    op.create_index("ix_refunds_payment", "refunds", ["payment_id"], unique=False)
    op.create_index(
        "ix_refunds_waiting",
        "refunds",
        ["created_at"],
        unique=False,
        sqlite_where=sa.text("status IN ('requested', 'submitted', 'pending', 'requires_action')"),
        postgresql_where=sa.text(
            "status IN ('requested', 'submitted', 'pending', 'requires_action')"
        ),
    )
    op.create_index(
        "one_give_back_per_payment",
        "refunds",
        ["payment_id"],
        unique=True,
        sqlite_where=sa.text(
            "origin = 'auto' AND status NOT IN ('failed', 'canceled', 'withdrawn')"
        ),
        postgresql_where=sa.text(
            "origin = 'auto' AND status NOT IN ('failed', 'canceled', 'withdrawn')"
        ),
    )
    op.create_index(
        "one_requested_refund_per_payment",
        "refunds",
        ["payment_id"],
        unique=True,
        sqlite_where=sa.text("status = 'requested'"),
        postgresql_where=sa.text("status = 'requested'"),
    )
    op.create_table(
        "disputes",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("payment_id", sa.String(length=26), nullable=False),
        sa.Column("dispute_ref", sa.String(length=120), nullable=False),
        sa.Column("amount_minor", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.String(length=60), nullable=False),
        sa.Column("refundable", sa.Boolean(), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["payment_id"], ["payments.id"], name=op.f("fk_disputes_payment_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_disputes")),
        sa.UniqueConstraint("dispute_ref", name=op.f("uq_disputes_dispute_ref")),
    )
    op.create_index(op.f("ix_disputes_payment_id"), "disputes", ["payment_id"], unique=False)


def downgrade() -> None:
    """Drop them again."""
    op.drop_table("disputes")
    op.drop_table("refunds")
    op.drop_table("payments")
