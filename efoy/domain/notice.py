"""What does Stripe say, in our words? Facts fetched by the gateway, never event bodies."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class CheckoutState(StrEnum):
    """Where Stripe's hosted page stands."""

    OPEN = "open"
    COMPLETE = "complete"
    EXPIRED = "expired"


class Funds(StrEnum):
    """Whether the money is there."""

    UNPAID = "unpaid"
    PROCESSING = "processing"
    PAID = "paid"
    FAILED = "failed"


@dataclass(frozen=True, kw_only=True)
class CheckoutNotice:
    """One checkout as Stripe has it now. Amounts in minor units, currency upper case."""

    ref: str
    url: str | None
    state: CheckoutState
    funds: Funds
    amount: int
    currency: str
    live: bool
    reference: str | None
    expires_at: datetime
    created_at: datetime
    intent_ref: str | None = None
    charge_ref: str | None = None
    captured: int = 0
    paid_at: datetime | None = None
    card_brand: str | None = None
    card_last4: str | None = None
    decline_code: str | None = None
    fee: int | None = None
    net: int | None = None
    settled_currency: str | None = None


@dataclass(frozen=True, kw_only=True)
class RefundNotice:
    """One refund as Stripe has it now. ``reference`` is our refund's id where we made it."""

    ref: str
    status: str
    amount: int
    currency: str
    intent_ref: str | None
    reference: str | None
    created_at: datetime
    failure_reason: str | None = None
    pending_reason: str | None = None
    bank_reference: str | None = None


@dataclass(frozen=True, kw_only=True)
class BalanceLine:
    """One balance transaction: what moved on the Stripe account, in its own currency."""

    ref: str
    category: str
    amount: int
    fee: int
    net: int
    currency: str
    source: str | None


@dataclass(frozen=True, kw_only=True)
class DisputeNotice:
    """One dispute as Stripe has it now."""

    ref: str
    status: str
    amount: int
    currency: str
    intent_ref: str | None
    charge_ref: str | None
    reason: str
    refundable: bool
    due_at: datetime | None
    lines: tuple[BalanceLine, ...] = field(default=())


@dataclass(frozen=True, kw_only=True)
class EventHint:
    """What an event points at. It never moves money: the object is fetched first."""

    id: str
    type: str
    object_id: str
    created_at: datetime
    live: bool
    api_version: str | None
    reference: str | None = None
    intent_ref: str | None = None


@dataclass(frozen=True, kw_only=True)
class CheckoutRequest:
    """Everything sent to Stripe to open one checkout; frozen in the payment row as JSON."""

    reference: str
    booking_id: str
    public_ref: str
    amount: int
    currency: str
    expires_at: datetime
    success_url: str
    cancel_url: str
    customer_email: str | None
    locale: str
