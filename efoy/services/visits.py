"""Did the patient come? The doctor says so on the day, and may take it back."""

from __future__ import annotations

from datetime import datetime

from efoy.domain.booking import MARKED_FROM, UNDO_FOR, BookingEvent
from efoy.domain.errors import IllegalTransition
from efoy.domain.role import Actor
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
