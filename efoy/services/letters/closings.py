"""What do patients read when their doctor will be away, or is back earlier than thought?"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from efoy.domain.booking import BookingStatus
from efoy.domain.closing import ItemStatus
from efoy.domain.letter import Letter, Link
from efoy.models.booking import Booking
from efoy.models.closing import DayClosing, DayClosingItem
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


def move_offered(session: Session, promise: Promise, now: datetime) -> Letter | None:
    """Choose another time, or get everything back: while the offer stands."""
    key, _, number = promise.subject_ref.partition(":")
    item = session.get(DayClosingItem, key)
    if item is None or item.status is not ItemStatus.OFFERED or str(item.offers) != number:
        return None
    booking = session.get_one(Booking, item.booking_id)
    if booking.status is not BookingStatus.CONFIRMED or booking.starts_at != item.visit_at:
        return None
    visit = read_visit(session, booking, now)
    context = {
        "clinic": read_clinic(session),
        "visit": visit,
        "paid": paid_for(session, booking),
        "reason": session.get_one(DayClosing, item.closing_id).reason,
        "answer_by": item.answer_by,
        "nearest": nearest_times(session, booking, now),
    }
    links = {"answer": answer_link(booking), "times": offer_link(visit)}
    return letter(promise, context, links=links)


def answer_link(booking: Booking) -> Link:
    """Where the patient answers, without signing in: sealed for this booking alone."""
    path = f"/bookings/{booking.ref}/answer?key={{token}}"
    return Link(path=path, kind="booking", key=booking.ref)


def visit_stands(session: Session, promise: Promise, now: datetime) -> Letter | None:
    """The visit takes place as booked after all: while it does."""
    item = session.get(DayClosingItem, promise.subject_ref.partition(":")[0])
    if item is None or item.status not in {ItemStatus.STANDS, ItemStatus.KEPT}:
        return None
    booking = session.get_one(Booking, item.booking_id)
    if booking.status is not BookingStatus.CONFIRMED or booking.starts_at != item.visit_at:
        return None
    context = {"clinic": read_clinic(session), "visit": read_visit(session, booking, now)}
    return letter(promise, context, links={"booking": booking_link(booking)})
