"""What follows when a doctor is back early? The time is open, what was not cancelled stands."""

from __future__ import annotations

from datetime import datetime

from efoy.domain.errors import IllegalTransition, NotFound
from efoy.domain.role import Actor
from efoy.models.base import lock, transaction
from efoy.models.clinic import TimeOff
from efoy.services.closing_queue import reopen_closing
from efoy.services.closings import change_hours, closings_of, note_time_off


def end_time_off(time_off_id: int, *, doctor_id: int, actor: Actor, now: datetime) -> None:
    """The doctor is back: a time off to come is taken away, one that goes on ends now.

    Visits that nobody has cancelled or moved yet stand as booked, and those who were asked to move
    are told; cancelled ones stay cancelled. Raises NotFound, IllegalTransition when it is over.
    """
    with transaction("reopen_time") as session:
        change_hours(session, doctor_id)
        off = lock(session, TimeOff, time_off_id)
        if off.doctor_id != doctor_id:
            raise NotFound(str(time_off_id))
        if off.ends_at <= now:
            raise IllegalTransition("it is over")
        closings = closings_of(session, off)
        note_time_off(session, off, "end", actor=actor, now=now)
        if off.starts_at < now:
            off.ends_at = now
        else:
            for closing in closings:
                closing.time_off_id = None
            session.flush()
            session.delete(off)
        session.flush()
        for closing in closings:
            reopen_closing(session, closing, actor=actor, now=now)
