"""Did the patient come? The doctor says so on the day, and may take it back."""

from __future__ import annotations

from datetime import datetime

from efoy.domain.booking import MARKED_FROM, UNDO_FOR, BookingEvent, BookingStatus
from efoy.domain.errors import IllegalTransition
from efoy.domain.role import Actor
from efoy.models.audit import record
from efoy.models.base import lock, transaction
from efoy.models.booking import Booking
from efoy.models.transition import move


def mark_visit(booking_id: str, event: BookingEvent, *, actor: Actor, now: datetime) -> None:
    """Arrived, did not come, or undo: on the day of the visit, neither ahead nor days later.

    Raises IllegalTransition where it is too early, too late, or the booking has no such step.
    """
    if event not in {BookingEvent.ATTEND, BookingEvent.MISS, BookingEvent.UNDO}:
        raise IllegalTransition(event)
    with transaction("mark_visit") as session:
        booking = lock(session, Booking, booking_id)
        if booking.starts_at - now > MARKED_FROM:
            raise IllegalTransition("the visit is still to come")
        if event is BookingEvent.UNDO and now - booking.starts_at > UNDO_FOR:
            raise IllegalTransition("undo holds on the same day")
        move(session, booking, event, actor=actor, now=now)


def mark_arrived(booking_id: str, *, here: bool, actor: Actor, now: datetime) -> None:
    """The patient is here, or that was a mistake: a fact beside the visit's state.

    The desk and the doctor both say so, on the day; saying it twice changes nothing. Raises
    IllegalTransition where it is too early or too late, or the visit is not a booked one.
    """
    with transaction("mark_arrived") as session:
        booking = lock(session, Booking, booking_id)
        early, late = booking.starts_at - now > MARKED_FROM, now - booking.starts_at > UNDO_FOR
        if early or late or booking.status is not BookingStatus.CONFIRMED:
            raise IllegalTransition("nobody arrives for this now")
        if here is (booking.arrived_at is not None):
            return
        booking.arrived_at = now if here else None
        event = "arrive" if here else "not_here"
        record(session, "booking", booking.id, event, before=None, after=None, actor=actor, now=now)
