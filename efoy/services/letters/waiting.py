"""What do people read who wait for a time, or look for their booking?"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from efoy.domain.booking import BookingStatus
from efoy.domain.letter import Letter, Link
from efoy.domain.waiting import OfferStatus
from efoy.models.booking import Booking
from efoy.models.waiting import WaitlistOffer
from efoy.services.letters.facts import Promise, booking_link, letter, read_clinic, read_visit


def time_opened(session: Session, promise: Promise, now: datetime) -> Letter | None:
    """M10: an opened time, held for this person alone until it says; silent once it is over."""
    offer = session.get(WaitlistOffer, promise.subject_ref)
    if offer is None or offer.status is not OfferStatus.OPEN:
        return None
    booking = session.get_one(Booking, offer.booking_id)
    until = booking.hold_expires_at
    if booking.status is not BookingStatus.HELD or until is None or until <= now:
        return None
    links = {
        "take": _link(f"/offers/{offer.id}", "offer", offer.id),
        "decline": _link(f"/offers/{offer.id}/decline", "offer", offer.id),
        "leave": _link(f"/waiting/{offer.entry_id}", "waiting", offer.entry_id),
    }
    context = {
        "clinic": read_clinic(session),
        "visit": read_visit(session, booking, now),
        "until": until,
    }
    return letter(promise, context, links=links)


def _link(path: str, kind: str, key: str) -> Link:
    return Link(path=f"{path}?key={{token}}", kind=kind, key=key)


def find_booking(session: Session, promise: Promise, now: datetime) -> Letter | None:
    """The way to one booking, to the address it was made with."""
    booking = session.get(Booking, promise.subject_ref.partition(":")[0])
    if booking is None or booking.visitor_email.lower() != promise.address.lower():
        return None
    context = {"clinic": read_clinic(session), "visit": read_visit(session, booking, now)}
    return letter(promise, context, links={"booking": booking_link(booking)})
