"""How does a booked visit end, and what goes back for it? One transaction, or nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from efoy.domain.booking import BookingEvent
from efoy.domain.cancelling import (
    Kept,
    Quote,
    Shown,
    parts,
    quote_for_clinic,
    quote_for_patient,
)
from efoy.domain.errors import QuoteChanged, TooLateToCancel
from efoy.domain.policy import ApprovalMode
from efoy.domain.role import Actor
from efoy.models.base import lock_all
from efoy.models.booking import Booking, free_claims
from efoy.models.closing import clinic_owes_another_time
from efoy.models.kept import kept_payments
from efoy.models.outbox import post
from efoy.models.payment import Payment
from efoy.models.transition import may_move, move
from efoy.services.moving_steps import drop_move
from efoy.services.proposals import ask_back

REASONS = {"patient": "patient_asked", "clinic": "clinic_cancelled"}


@dataclass(frozen=True, kw_only=True)
class Ending:
    """Who ends a booking and why. ``shown`` is what a patient saw, and agreed to, before."""

    by: str
    reason: str = ""
    shown: Shown | None = None

    @property
    def by_clinic(self) -> bool:
        """Then everything goes back, and without anybody's approval."""
        return self.by == "clinic"


def lock_payments(session: Session, booking_id: str) -> dict[str, Payment]:
    """Every payment of a booking, locked in order of id: before the booking itself."""
    keys = session.scalars(select(Payment.id).where(Payment.booking_id == booking_id)).all()
    return {payment.id: payment for payment in lock_all(session, Payment, keys)}


def end_visit(
    session: Session,
    booking: Booking,
    payments: dict[str, Payment],
    ending: Ending,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """Cancel a confirmed booking, free its time, and ask for what comes back (all is locked).

    Raises TooLateToCancel (it has begun, or took place), QuoteChanged where a patient's quote is
    missing, old or another one.
    """
    if not may_move(booking, BookingEvent.CANCEL):
        raise TooLateToCancel(booking.id)
    kept = kept_payments(session, booking.id)
    if any(each.payment_id not in payments for each in kept):  # paid while we waited for the locks
        raise QuoteChanged(booking.id)
    asked_to_move = clinic_owes_another_time(session, booking.id)
    quote, said_at = _agreed(booking, kept, ending, asked_to_move, now)
    facts = {"quoted": quote.amount.minor}
    move(session, booking, BookingEvent.CANCEL, actor=actor, now=now, facts=facts)
    booking.cancelled_at, booking.cancelled_by, booking.cancel_reason = (
        now,
        ending.by,
        ending.reason,
    )
    booking.quoted_minor, booking.quoted_at = quote.amount.minor, said_at
    booking.calendar_sequence += 1
    drop_move(session, booking, None, why="cancelled", actor=actor, now=now)
    free_claims(session, booking.id)
    _give(session, booking, payments, quote, kept, ending, actor, now)
    kind = f"cancelled_by_{ending.by}"
    post(session, kind, booking.id, booking.visitor_email, now=now, locale=booking.locale)


def _agreed(
    booking: Booking, kept: list[Kept], ending: Ending, asked_to_move: bool, now: datetime
) -> tuple[Quote, datetime]:
    """What comes back, and when that was said: to a patient what they saw, if it still holds.

    All of it where the clinic cannot keep the visit and had asked for another time.
    """
    if ending.by_clinic:
        return quote_for_clinic(kept, booking.currency), now
    if (ending.shown.at if ending.shown else now) >= booking.starts_at:
        raise TooLateToCancel(booking.id)
    if ending.shown is None:
        raise QuoteChanged(booking.id)
    said_at = ending.shown.at
    then = (
        quote_for_clinic(kept, booking.currency)
        if asked_to_move
        else quote_for_patient(
            booking.policy, kept, booking.currency, starts_at=booking.starts_at, at=said_at
        )
    )
    if not ending.shown.honoured(booking.id, booking.starts_at, then, now=now):
        raise QuoteChanged(booking.id)
    return then, said_at


def _give(
    session: Session,
    booking: Booking,
    payments: dict[str, Payment],
    quote: Quote,
    kept: list[Kept],
    ending: Ending,
    actor: Actor,
    now: datetime,
) -> None:
    """One refund for each payment that gives a part; its token allows one cancellation ever."""
    by_itself = ending.by_clinic or booking.policy.approval_mode is ApprovalMode.AUTOMATIC
    for each, minor in parts(quote, kept):
        ask_back(
            session,
            payments[each.payment_id],
            minor,
            automatic=by_itself and each.by_stripe,
            reason=REASONS[ending.by],
            actor=actor,
            now=now,
            form_token=f"cancel:{each.payment_id}",
        )
