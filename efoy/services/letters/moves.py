"""What do patients read when a visit was moved, or when it was not although they paid for it?"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from efoy.domain.booking import PAID_FOR, BookingStatus
from efoy.domain.letter import Letter
from efoy.domain.money import Money
from efoy.domain.moving import MoveStatus
from efoy.domain.payment import PaymentStatus
from efoy.models.booking import Booking
from efoy.models.clinic import Doctor
from efoy.models.moving import BookingMove
from efoy.models.payment import Payment
from efoy.services.letters.facts import (
    Promise,
    booking_link,
    letter,
    read_clinic,
    read_paid,
    read_visit,
)
from efoy.services.letters.visits import calendar_entry


def moved(session: Session, promise: Promise, now: datetime) -> Letter | None:
    """M3, with the calendar entry at its new time; silent once the visit went on from there."""
    moving = session.get(BookingMove, promise.subject_ref)
    if moving is None or moving.status is not MoveStatus.DONE:
        return None
    booking = session.get_one(Booking, moving.booking_id)
    if booking.status not in PAID_FOR or booking.starts_at != moving.starts_at:
        return None
    clinic = read_clinic(session)
    payment = session.get(Payment, moving.payment_id) if moving.payment_id else None
    paid = read_paid(session, payment) if payment else None
    same_doctor = moving.from_doctor_id == moving.doctor_id
    context = {
        "clinic": clinic,
        "visit": read_visit(session, booking, now),
        "was_at": moving.from_starts_at,
        "was_with": "" if same_doctor else session.get_one(Doctor, moving.from_doctor_id).name,
        "paid": paid,
        "back": Money(moving.back_minor, moving.currency),
    }
    return letter(
        promise,
        context,
        links={"booking": booking_link(booking)},
        receipt=paid.paper if paid else None,
        calendar=calendar_entry(booking, clinic, promise.address, now),
    )


def move_not_made(session: Session, promise: Promise, now: datetime) -> Letter | None:
    """The top-up came too late, or the bank refused it: where the visit is, where the money is."""
    payment = session.get(Payment, promise.subject_ref)
    if payment is None or payment.status not in {PaymentStatus.PAID, PaymentStatus.FAILED}:
        return None
    paid = read_paid(session, payment)
    refused = payment.status is PaymentStatus.FAILED
    if not refused and not paid.back:
        return None
    booking = session.get_one(Booking, payment.booking_id)
    context = {
        "clinic": read_clinic(session),
        "visit": read_visit(session, booking, now),
        "amount": payment.amount,
        "card": paid.card,
        "refused": refused,
        "was_cancelled": booking.status is BookingStatus.CANCELLED,
    }
    return letter(promise, context, links={"booking": booking_link(booking)})
