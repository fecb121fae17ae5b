"""What do patients read the day before a visit, and when their hold ends soon?"""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from efoy.domain.booking import BookingStatus
from efoy.domain.letter import Letter, Link
from efoy.domain.payment import PaymentStatus
from efoy.domain.policy import ladder
from efoy.domain.reminder import subject_parts
from efoy.models.booking import Booking
from efoy.models.clinic import Clinic
from efoy.models.payment import Payment
from efoy.models.user import User
from efoy.services.letters.facts import (
    Promise,
    booking_link,
    letter,
    paid_for,
    read_clinic,
    read_visit,
)
from efoy.services.letters.visits import calendar_entry


def reminder(session: Session, promise: Promise, now: datetime) -> Letter | None:
    """M2, the day before; silent where the visit is off, was moved, or nobody wants to be told."""
    booking = _still_at(session, promise.subject_ref)
    if booking is None or booking.starts_at <= now:
        return None
    user = session.get(User, booking.patient_id)
    if user is None or not user.reminders:
        return None
    clinic, paid = read_clinic(session), paid_for(session, booking)
    zone = ZoneInfo(booking.zone)
    tomorrow = (now.astimezone(zone) + timedelta(days=1)).date()
    steps = ladder(booking.policy, booking.price, starts_at=booking.starts_at, now=now)
    context = {
        "clinic": clinic,
        "visit": read_visit(session, booking, now),
        "tomorrow": booking.starts_at.astimezone(zone).date() == tomorrow,
        "directions": session.scalar(select(Clinic.directions)) or "",
        "step": next((step for step in steps if step.here), None) if paid else None,
    }
    return letter(
        promise,
        context,
        links={"booking": booking_link(booking)},
        calendar=calendar_entry(booking, clinic, promise.address, now),
    )


def _still_at(session: Session, subject: str) -> Booking | None:
    """The visit, while it is booked for the very time the reminder was promised for."""
    booking_id, seconds = subject_parts(subject)
    booking = session.get(Booking, booking_id)
    if booking is None or booking.status is not BookingStatus.CONFIRMED:
        return None
    return booking if int(booking.starts_at.timestamp()) == seconds else None


def finish_payment(session: Session, promise: Promise, now: datetime) -> Letter | None:
    """M8: until when the time is held. Silent once it is paid, may be paid, or is given up."""
    booking = session.get(Booking, promise.subject_ref)
    if booking is None or booking.status is not BookingStatus.HELD:
        return None
    until = booking.hold_expires_at
    if until is None or until <= now or _asked_enough(session, booking):
        return None
    context = {
        "clinic": read_clinic(session),
        "visit": read_visit(session, booking, now),
        "amount": booking.price,
        "until": until,
    }
    path = f"/bookings/{booking.ref}?key={{token}}&to=review"
    pay = Link(path=path, kind="booking", key=booking.ref)
    return letter(promise, context, links={"pay": pay})


def _asked_enough(session: Session, booking: Booking) -> bool:
    """Whether money is here, or may be: then nobody is asked for it."""
    here = (
        PaymentStatus.PAID,
        PaymentStatus.PROCESSING,
        PaymentStatus.PARKED,
        PaymentStatus.CLOSING,
    )
    query = select(Payment.id).where(Payment.booking_id == booking.id, Payment.status.in_(here))
    return session.scalar(query.limit(1)) is not None
