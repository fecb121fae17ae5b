"""What is a patient told who thinks of cancelling? The quote, and how it came about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from efoy.domain.cancelling import (
    HONOURED_FOR,
    Quote,
    Shown,
    quote_for_clinic,
    quote_for_patient,
)
from efoy.domain.policy import ApprovalMode, Rung, Step, ladder, rung_at
from efoy.models.base import reading
from efoy.models.closing import clinic_owes_another_time
from efoy.models.kept import kept_payments
from efoy.queries.patient import BookingView


@dataclass(frozen=True, kw_only=True)
class CancelQuote:
    """The amount for this very visit now, its ladder, and what the form must bring back.

    ``rung`` is the one the patient stands on, None after the last; ``by_hand``: (some of) it was
    not paid through Stripe; ``approved``: a person of the clinic agrees before it is sent.
    """

    quote: Quote
    steps: Sequence[Step]
    rung: Rung | None
    shown: Shown
    by_hand: bool
    approved: bool

    @property
    def good_until(self) -> datetime:
        """So long this amount is honoured."""
        return self.shown.at + HONOURED_FOR


def cancel_quote(booking: BookingView, *, now: datetime, by_clinic: bool = False) -> CancelQuote:
    """What comes back when this booked visit is cancelled now, by its patient or by the clinic."""
    with reading() as connection:
        kept = kept_payments(connection, booking.id)
        by_clinic = by_clinic or clinic_owes_another_time(connection, booking.id)
    policy, starts_at, currency = booking.policy, booking.starts_at, booking.price.currency
    quote = (
        quote_for_clinic(kept, currency)
        if by_clinic
        else quote_for_patient(policy, kept, currency, starts_at=starts_at, at=now)
    )
    by_hand = any(not each.by_stripe for each in kept)
    return CancelQuote(
        quote=quote,
        steps=[] if quote.blocked else ladder(policy, quote.left, starts_at=starts_at, now=now),
        rung=rung_at(policy, starts_at=starts_at, at=now),
        shown=Shown(
            booking_id=booking.id,
            starts_at=starts_at,
            amount=quote.amount.minor,
            left=quote.left.minor,
            at=now,
        ),
        by_hand=by_hand,
        approved=by_hand or policy.approval_mode is ApprovalMode.APPROVAL,
    )
