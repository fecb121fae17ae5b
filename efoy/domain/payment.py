"""How far is one attempt to collect a price, and what does the booking look like for it?"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum

CHECKOUT_LASTS = timedelta(minutes=35)
"""Stripe refuses an expiry under 30 minutes ahead; five spare minutes keep replays legal."""
KEY_LIVES = timedelta(hours=20)
"""Stripe keeps idempotency keys for at least 24 hours; an older key is never sent again."""
BACKSTOP = timedelta(minutes=15)
"""Past the checkout's own expiry, with Stripe unreachable, the slot is released."""


class PaymentStatus(StrEnum):
    """How far this attempt is. Refunded and disputed are computed, never stored."""

    CREATING = "creating"
    OPEN = "open"
    CLOSING = "closing"
    PROCESSING = "processing"
    PAID = "paid"
    EXPIRED = "expired"
    FAILED = "failed"
    PARKED = "parked"
    CLOSED = "closed"


class PaymentEvent(StrEnum):
    """What happens to a payment."""

    OPENED = "opened"
    CLOSE = "close"
    PROCESS = "process"
    PAY = "pay"
    EXPIRE = "expire"
    FAIL = "fail"
    PARK = "park"
    ACCEPT = "accept"
    DISMISS = "dismiss"


_S, _E = PaymentStatus, PaymentEvent
PAYMENT: Mapping[tuple[PaymentStatus, PaymentEvent], PaymentStatus] = {
    (_S.CREATING, _E.OPENED): _S.OPEN,
    (_S.CREATING, _E.FAIL): _S.FAILED,
    (_S.CREATING, _E.PAY): _S.PAID,
    (_S.OPEN, _E.CLOSE): _S.CLOSING,
    (_S.OPEN, _E.PROCESS): _S.PROCESSING,
    (_S.OPEN, _E.PAY): _S.PAID,
    (_S.OPEN, _E.EXPIRE): _S.EXPIRED,
    (_S.OPEN, _E.FAIL): _S.FAILED,
    (_S.CLOSING, _E.EXPIRE): _S.EXPIRED,
    (_S.CLOSING, _E.PAY): _S.PAID,
    (_S.CLOSING, _E.PROCESS): _S.PROCESSING,
    (_S.CLOSING, _E.FAIL): _S.FAILED,
    (_S.PROCESSING, _E.PAY): _S.PAID,
    (_S.PROCESSING, _E.FAIL): _S.FAILED,
    (_S.EXPIRED, _E.PAY): _S.PAID,
    (_S.EXPIRED, _E.PROCESS): _S.PROCESSING,
    (_S.FAILED, _E.PAY): _S.PAID,
    **{(s, _E.PARK): _S.PARKED for s in _S if s not in {_S.PARKED, _S.CLOSED}},
    (_S.PARKED, _E.ACCEPT): _S.PAID,
    (_S.PARKED, _E.DISMISS): _S.CLOSED,
}
UNDECIDED = frozenset({_S.CREATING, _S.OPEN, _S.CLOSING, _S.PROCESSING})


class PaymentMethod(StrEnum):
    """How the price is collected."""

    STRIPE = "stripe"
    CASH = "cash"
    TERMINAL = "terminal"
    FREE = "free"


class PaymentPurpose(StrEnum):
    """What the money is for: the visit as it was booked, or the dearer time of a move."""

    VISIT = "visit"
    TOP_UP = "top_up"


AT_DESK = frozenset({PaymentMethod.CASH, PaymentMethod.TERMINAL})
"""Money that was handed over at the clinic: Stripe never saw it."""


class Standing(StrEnum):
    """What the money of a booking looks like to a person: computed from rows."""

    UNPAID = "unpaid"
    PROCESSING = "processing"
    PAID = "paid"
    REFUND_PROPOSED = "refund_proposed"
    REFUND_PENDING = "refund_pending"
    PARTLY_REFUNDED = "partly_refunded"
    REFUNDED = "refunded"
    REFUND_FAILED = "refund_failed"
    DISPUTED = "disputed"
    PARKED = "parked"


def standing(
    *,
    captured: int,
    refunded: int,
    on_their_way: int,
    failed: int,
    disputed: bool,
    processing: bool = False,
    parked: bool = False,
    proposed: int = 0,
) -> Standing:
    """The one word for the money of a booking; all amounts in minor units.

    ``refunded`` sums succeeded refunds, ``on_their_way`` those not final, ``failed`` those the
    bank returned and nobody has replaced yet, ``proposed`` those that wait for a person.
    """
    if parked:
        return Standing.PARKED
    if captured == 0:
        return Standing.PROCESSING if processing else Standing.UNPAID
    if disputed:
        return Standing.DISPUTED
    if failed and refunded + on_their_way + failed <= captured:
        return Standing.REFUND_FAILED
    if refunded >= captured:
        return Standing.REFUNDED
    if proposed:
        return Standing.REFUND_PROPOSED
    if on_their_way:
        return Standing.REFUND_PENDING
    return Standing.PARTLY_REFUNDED if refunded else Standing.PAID
