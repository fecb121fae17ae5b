"""What do patients read when a visit is cancelled? What comes back, as things stand by then."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from efoy.domain.booking import BookingStatus
from efoy.domain.cancelling import Outcome
from efoy.domain.letter import Letter
from efoy.domain.money import Money
from efoy.domain.refund import NOT_GIVEN, RefundStatus
from efoy.models.booking import Booking
from efoy.models.kept import kept_payments
from efoy.models.payment import Payment, Refund
from efoy.services.letters.facts import (
    Promise,
    booking_link,
    letter,
    offer_link,
    paid_for,
    read_clinic,
    read_visit,
)
from efoy.services.letters.nearest import nearest_times
from efoy.services.letters.visits import calendar_entry

_BROKEN = frozenset({RefundStatus.FAILED, RefundStatus.CANCELED})


def cancelled(session: Session, promise: Promise, now: datetime) -> Letter | None:
    """M4 and M5: what comes back, and the calendar entry taken away."""
    booking = session.get(Booking, promise.subject_ref)
    if booking is None or booking.status is not BookingStatus.CANCELLED:
        return None
    clinic, visit = read_clinic(session), read_visit(session, booking, now)
    by_clinic = promise.kind == "cancelled_by_clinic"
    owed, outcome = _came_of_it(session, booking)
    context = {
        "clinic": clinic,
        "visit": visit,
        "paid": paid_for(session, booking),
        "owed": owed,
        "outcome": outcome,
        "reason": booking.cancel_reason if by_clinic else "",
        "nearest": nearest_times(session, booking, now) if by_clinic else (),
    }
    return letter(
        promise,
        context,
        links={"booking": booking_link(booking), "times": offer_link(visit)},
        calendar=calendar_entry(booking, clinic, promise.address, now),
    )


def _came_of_it(session: Session, booking: Booking) -> tuple[Money, Outcome]:
    """What goes back since the cancellation, and how far it is; people may have decided since."""
    kept = kept_payments(session, booking.id)
    rows = _since(session, booking)
    counting = [(status, minor) for status, minor in rows if status is not RefundStatus.WITHDRAWN]
    owed = Money(sum(minor for _, minor in counting), booking.currency)
    if not kept:
        return owed, Outcome.NOT_PAID
    if not counting:
        return owed, _nothing(booking, disputed=any(each.disputed for each in kept))
    if not all(each.by_stripe for each in kept):
        return owed, Outcome.BY_HAND
    open_ones = {status for status, _ in counting} & (NOT_GIVEN | _BROKEN)
    return owed, Outcome.WAITING if open_ones else Outcome.UNDER_WAY


def _since(session: Session, booking: Booking) -> list[tuple[RefundStatus, int]]:
    query = (
        select(Refund.status, Refund.amount_minor)
        .join(Payment, Payment.id == Refund.payment_id)
        .where(Payment.booking_id == booking.id, Refund.created_at >= booking.cancelled_at)
    )
    return [(status, minor) for status, minor in session.execute(query)]


def _nothing(booking: Booking, *, disputed: bool) -> Outcome:
    """Why nothing goes back of what was paid."""
    if booking.quoted_minor:
        return Outcome.DECLINED
    return Outcome.DISPUTED if disputed else Outcome.NOTHING
