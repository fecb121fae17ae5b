"""What was asked of Stripe, what came in, what goes back, what is disputed?"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, Integer, String, Text, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from efoy.domain.money import Money
from efoy.domain.payment import UNDECIDED, PaymentMethod, PaymentPurpose, PaymentStatus
from efoy.domain.refund import RefundOrigin, RefundStatus
from efoy.domain.refund_way import RefundWay
from efoy.models.base import Base
from efoy.models.types import UtcDateTime, Word, one_of

_UNDECIDED = text("status IN ('creating', 'open', 'closing', 'processing')")
_PROPOSED = text("status = 'proposed'")
_REQUESTED = text("status = 'requested'")
_AUTO = text("origin = 'auto' AND status NOT IN ('failed', 'canceled', 'withdrawn')")
_WAITING = text("status IN ('requested', 'submitted', 'pending', 'requires_action')")


class Payment(Base):
    """One attempt to collect the price of one booking.

    ``params`` is what is sent to Stripe, frozen; it is replayed, never rebuilt. ``closing_for``
    says what the end of the checkout means for the booking (expire, cancel, desk). Money taken at
    the desk never was at Stripe: ``taken_by`` took it, ``taken_note`` is what they wrote with it.
    """

    __tablename__ = "payments"
    __table_args__ = (
        CheckConstraint(one_of("status", PaymentStatus), name="a_payment_has_a_known_status"),
        CheckConstraint(one_of("method", PaymentMethod), name="a_payment_has_a_known_method"),
        CheckConstraint(one_of("purpose", PaymentPurpose), name="a_payment_has_a_known_purpose"),
        CheckConstraint("amount_minor > 0", name="a_payment_is_positive"),
        CheckConstraint(
            "status <> 'paid' OR captured_minor IS NOT NULL", name="a_paid_payment_has_its_amount"
        ),
        CheckConstraint(
            "(method IN ('cash', 'terminal')) = (taken_by IS NOT NULL)",
            name="money_at_the_desk_is_taken_by_somebody",
        ),
        CheckConstraint(
            "method NOT IN ('cash', 'terminal') OR status = 'paid'",
            name="money_at_the_desk_is_there_at_once",
        ),
        Index(
            "one_open_payment_per_booking",
            "booking_id",
            unique=True,
            sqlite_where=_UNDECIDED,
            postgresql_where=_UNDECIDED,
        ),
        Index("ix_payments_booking", "booking_id"),
        Index("ix_payments_created", "created_at"),
        Index("one_payment_per_form", "form_token", unique=True),
        Index(
            "ix_payments_undecided",
            "checkout_expires_at",
            sqlite_where=_UNDECIDED,
            postgresql_where=_UNDECIDED,
        ),
    )

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    booking_id: Mapped[str] = mapped_column(ForeignKey("bookings.id"))
    method: Mapped[PaymentMethod] = mapped_column(Word(PaymentMethod))
    purpose: Mapped[PaymentPurpose] = mapped_column(
        Word(PaymentPurpose), default=PaymentPurpose.VISIT, server_default="visit"
    )
    status: Mapped[PaymentStatus] = mapped_column(Word(PaymentStatus))
    amount_minor: Mapped[int] = mapped_column(Integer)
    currency: Mapped[str] = mapped_column(String(3))
    idempotency_key: Mapped[str] = mapped_column(String(120), unique=True)
    params: Mapped[dict[str, Any]] = mapped_column(JSON)
    live: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    checkout_expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    checkout_ref: Mapped[str | None] = mapped_column(String(120), unique=True)
    checkout_url: Mapped[str | None] = mapped_column(Text)
    closing_for: Mapped[str | None] = mapped_column(String(16))
    intent_ref: Mapped[str | None] = mapped_column(String(120), unique=True)
    charge_ref: Mapped[str | None] = mapped_column(String(120), unique=True)
    captured_minor: Mapped[int | None] = mapped_column(Integer)
    paid_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    card_brand: Mapped[str | None] = mapped_column(String(24))
    card_last4: Mapped[str | None] = mapped_column(String(4))
    decline_code: Mapped[str | None] = mapped_column(String(60))
    parked_reason: Mapped[str | None] = mapped_column(String(60))
    fee_minor: Mapped[int | None] = mapped_column(Integer)
    net_minor: Mapped[int | None] = mapped_column(Integer)
    settled_currency: Mapped[str | None] = mapped_column(String(3))
    looked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    look_again_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    taken_by: Mapped[str | None] = mapped_column(ForeignKey("users.id"))
    taken_note: Mapped[str] = mapped_column(String(200), default="", server_default="")
    form_token: Mapped[str | None] = mapped_column(String(64))

    @property
    def amount(self) -> Money:
        """What was asked for."""
        return Money(self.amount_minor, self.currency)


class Refund(Base):
    """Money on its way back: asked for here, or found at Stripe (origin external).

    ``decided_*``: who approved or declined what the rules had proposed, and when. ``first_by``
    asked for or approved more than they may alone. ``way`` is how it goes; where it is not
    Stripe, ``handed_by`` handed it over. ``instead_of_id`` is the failed refund it makes good.
    """

    __tablename__ = "refunds"
    __table_args__ = (
        CheckConstraint(one_of("status", RefundStatus), name="a_refund_has_a_known_status"),
        CheckConstraint(one_of("origin", RefundOrigin), name="a_refund_has_a_known_origin"),
        CheckConstraint("amount_minor > 0", name="a_refund_is_positive"),
        CheckConstraint(one_of("way", RefundWay), name="a_refund_has_a_known_way"),
        CheckConstraint(
            "way = 'stripe' OR (handed_by IS NOT NULL AND refund_ref IS NULL)",
            name="money_by_hand_has_a_hand",
        ),
        CheckConstraint("decided_by <> first_by", name="a_second_person_is_another"),
        CheckConstraint(
            "first_by IS NULL OR decided_by IS NOT NULL OR status IN ('proposed', 'withdrawn')",
            name="what_needs_two_waits_for_two",
        ),
        Index(
            "ix_refunds_proposed",
            "created_at",
            sqlite_where=_PROPOSED,
            postgresql_where=_PROPOSED,
        ),
        Index(
            "one_requested_refund_per_payment",
            "payment_id",
            unique=True,
            sqlite_where=_REQUESTED,
            postgresql_where=_REQUESTED,
        ),
        Index(
            "one_give_back_per_payment",
            "payment_id",
            unique=True,
            sqlite_where=_AUTO,
            postgresql_where=_AUTO,
        ),
        Index("ix_refunds_payment", "payment_id"),
        Index(
            "ix_refunds_waiting",
            "created_at",
            sqlite_where=_WAITING,
            postgresql_where=_WAITING,
        ),
    )

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    payment_id: Mapped[str] = mapped_column(ForeignKey("payments.id"))
    amount_minor: Mapped[int] = mapped_column(Integer)
    currency: Mapped[str] = mapped_column(String(3))
    status: Mapped[RefundStatus] = mapped_column(Word(RefundStatus))
    origin: Mapped[RefundOrigin] = mapped_column(Word(RefundOrigin))
    reason: Mapped[str] = mapped_column(String(40))
    note: Mapped[str] = mapped_column(String(500), default="")
    message: Mapped[str] = mapped_column(String(500), default="")
    actor_id: Mapped[str | None] = mapped_column(ForeignKey("users.id"))
    actor_role: Mapped[str] = mapped_column(String(16))
    available_minor: Mapped[int] = mapped_column(Integer)
    form_token: Mapped[str | None] = mapped_column(String(64), unique=True)
    idempotency_key: Mapped[str | None] = mapped_column(String(120), unique=True)
    refund_ref: Mapped[str | None] = mapped_column(String(120), unique=True)
    failure_reason: Mapped[str | None] = mapped_column(String(60))
    pending_reason: Mapped[str | None] = mapped_column(String(60))
    bank_reference: Mapped[str | None] = mapped_column(String(60))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decided_by: Mapped[str | None] = mapped_column(ForeignKey("users.id"))
    submitted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    succeeded_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    looked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    way: Mapped[RefundWay] = mapped_column(
        Word(RefundWay), default=RefundWay.STRIPE, server_default="stripe"
    )
    handed_by: Mapped[str | None] = mapped_column(String(120))
    instead_of_id: Mapped[str | None] = mapped_column(ForeignKey("refunds.id"))
    first_by: Mapped[str | None] = mapped_column(ForeignKey("users.id"))

    @property
    def amount(self) -> Money:
        """What goes back."""
        return Money(self.amount_minor, self.currency)


class Dispute(Base):
    """The cardholder's bank asks, or takes the money back. ``status`` is Stripe's own word.

    ``fee_minor`` and ``net_minor``: what Stripe took for it and moved on the balance so far.
    """

    __tablename__ = "disputes"

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    payment_id: Mapped[str] = mapped_column(ForeignKey("payments.id"), index=True)
    dispute_ref: Mapped[str] = mapped_column(String(120), unique=True)
    amount_minor: Mapped[int] = mapped_column(Integer)
    currency: Mapped[str] = mapped_column(String(3))
    status: Mapped[str] = mapped_column(String(40))
    reason: Mapped[str] = mapped_column(String(60))
    refundable: Mapped[bool] = mapped_column(default=False)
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    fee_minor: Mapped[int | None] = mapped_column(Integer)
    net_minor: Mapped[int | None] = mapped_column(Integer)


def undecided_payment(session: Session, booking_id: str) -> str | None:
    """The payment of this booking that Stripe may still turn into money, if there is one."""
    undecided = [*UNDECIDED, PaymentStatus.PARKED]
    query = select(Payment.id).where(
        Payment.booking_id == booking_id, Payment.status.in_(undecided)
    )
    return session.scalar(query)
