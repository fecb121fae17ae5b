"""What do patients read when a visit is booked, and when it is cancelled?"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from efoy.domain.booking import PAID_FOR, BookingStatus
from efoy.domain.letter import CalendarEntry, Letter
from efoy.domain.money import Money
from efoy.domain.policy import ladder, quote
from efoy.models.booking import Booking
from efoy.services.letters.facts import (
    ClinicFacts,
    PaidFacts,
    Promise,
    booking_link,
    letter,
    offer_link,
    paid_for,
    read_clinic,
    read_visit,
)
from efoy.services.letters.nearest import nearest_times


def booked(session: Session, promise: Promise, now: datetime) -> Letter | None:
    """M1, with receipt and calendar entry, while the booking stands."""
    booking = session.get(Booking, promise.subject_ref)
    if booking is None or booking.status not in PAID_FOR:
        return None
    clinic, paid = read_clinic(session), paid_for(session, booking)
    steps = ladder(booking.policy, booking.price, starts_at=booking.starts_at, now=now)
    context = {
        "clinic": clinic,
        "visit": read_visit(session, booking, now),
        "paid": paid,
        "steps": [step for step in steps if not step.passed],
    }
    return letter(
        promise,
        context,
        links={"booking": booking_link(booking)},
        receipt=paid.paper if paid else None,
        calendar=calendar_entry(booking, clinic, promise.address, now),
    )


def cancelled(session: Session, promise: Promise, now: datetime) -> Letter | None:
    """M4 and M5: what comes back, and the calendar entry taken away."""
    booking = session.get(Booking, promise.subject_ref)
    if booking is None or booking.status is not BookingStatus.CANCELLED:
        return None
    clinic, paid = read_clinic(session), paid_for(session, booking)
    visit = read_visit(session, booking, now)
    by_clinic = promise.kind == "cancelled_by_clinic"
    owed = _owed(booking, paid, by_clinic=by_clinic, now=now)
    context = {
        "clinic": clinic,
        "visit": visit,
        "paid": paid,
        "owed": owed,
        "under_way": paid is not None and bool(paid.back) and owed <= paid.back,
        "reason": booking.cancel_reason if by_clinic else "",
        "nearest": nearest_times(session, booking, now) if by_clinic else (),
    }
    return letter(
        promise,
        context,
        links={"booking": booking_link(booking), "times": offer_link(visit)},
        calendar=calendar_entry(booking, clinic, promise.address, now),
    )


def _owed(booking: Booking, paid: PaidFacts | None, *, by_clinic: bool, now: datetime) -> Money:
    """What goes back in all: by the rules of the booking, all of it when the clinic cancels."""
    if paid is None:
        return Money(0, booking.currency)
    if by_clinic:
        return paid.amount
    at = booking.cancelled_at or now
    ruled = quote(booking.policy, paid.amount, starts_at=booking.starts_at, at=at)
    return max(ruled, paid.back, key=lambda amount: amount.minor)


def calendar_entry(
    booking: Booking, clinic: ClinicFacts, attendee: str, now: datetime
) -> CalendarEntry:
    """The visit for the patient's calendar; a cancelled booking takes it away again."""
    return CalendarEntry(
        uid=booking.id,
        sequence=booking.calendar_sequence,
        starts_at=booking.starts_at,
        ends_at=booking.ends_at,
        zone=booking.zone,
        clinic_name=clinic.name,
        clinic_address=clinic.address,
        booking_ref=booking.ref,
        url=f"/bookings/{booking.ref}",
        cancelled=booking.status is BookingStatus.CANCELLED,
        made_at=now,
        organizer=clinic.email,
        attendee=attendee,
    )
