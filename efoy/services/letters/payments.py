"""What do patients read when a payment failed, came too late, or came twice?"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from efoy.domain.booking import PAID_FOR, BookingStatus
from efoy.domain.letter import Letter
from efoy.domain.payment import UNDECIDED, PaymentStatus
from efoy.models.booking import Booking
from efoy.models.payment import Payment
from efoy.services.letters.facts import (
    Promise,
    booking_link,
    letter,
    offer_link,
    read_clinic,
    read_paid,
    read_visit,
)
from efoy.services.letters.nearest import nearest_times


def payment_failed(session: Session, promise: Promise, now: datetime) -> Letter | None:
    """No money was taken; silent where the visit got paid, or is being paid, all the same."""
    payment = session.get(Payment, promise.subject_ref)
    if payment is None or payment.status is not PaymentStatus.FAILED:
        return None
    booking = session.get_one(Booking, payment.booking_id)
    if booking.status in PAID_FOR or _paid_or_paying(session, booking):
        return None
    visit = read_visit(session, booking, now)
    context = {"clinic": read_clinic(session), "visit": visit, "amount": payment.amount}
    return letter(
        promise, context, links={"booking": booking_link(booking), "times": offer_link(visit)}
    )


def _paid_or_paying(session: Session, booking: Booking) -> bool:
    maybe = [PaymentStatus.PAID, PaymentStatus.PARKED, *UNDECIDED]
    query = select(Payment.id).where(Payment.booking_id == booking.id, Payment.status.in_(maybe))
    return session.scalar(query.limit(1)) is not None


def money_returned(session: Session, promise: Promise, now: datetime) -> Letter | None:
    """M9 and its sister: all of a payment goes back, why, and where else there is a time.

    Silent while nothing goes back: a refund that failed has its own letter.
    """
    payment = session.get(Payment, promise.subject_ref)
    if payment is None or payment.status is not PaymentStatus.PAID:
        return None
    paid = read_paid(session, payment)
    if not paid.back:
        return None
    booking = session.get_one(Booking, payment.booking_id)
    visit = read_visit(session, booking, now)
    late = promise.kind == "paid_too_late"
    context = {
        "clinic": read_clinic(session),
        "visit": visit,
        "paid": paid,
        "was_cancelled": booking.status is BookingStatus.CANCELLED,
        "nearest": nearest_times(session, booking, now) if late else (),
    }
    return letter(
        promise, context, links={"booking": booking_link(booking), "times": offer_link(visit)}
    )
