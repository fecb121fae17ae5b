"""What do patients read when a visit is booked?"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from efoy.domain.booking import PAID_FOR, BookingStatus
from efoy.domain.letter import CalendarEntry, Letter
from efoy.domain.policy import ladder
from efoy.models.booking import Booking
from efoy.services.letters.facts import (
    ClinicFacts,
    Promise,
    booking_link,
    letter,
    paid_for,
    read_clinic,
    read_visit,
)


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
