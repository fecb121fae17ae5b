"""What does a doctor note for themselves about a visit? Read by nobody else, kept in every wording.

The words go nowhere but this table: not into the audit trail, a log, a mail or an export.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from efoy.domain.booking import PAID_FOR
from efoy.domain.errors import InvalidValue, NotFound, StaleEdition
from efoy.domain.role import Actor
from efoy.models.audit import record
from efoy.models.base import lock, new_id, transaction
from efoy.models.booking import Booking
from efoy.models.doctors_own import VisitNote

LONGEST_NOTE = 4000


def write_note(
    booking_id: str, doctor_id: int, body: str, *, after: int, actor: Actor, now: datetime
) -> None:
    """A new wording of this doctor's note; empty takes the note away, its history stays.

    ``after`` is the position the writer saw (0: none). The same words again change nothing.
    Raises NotFound for a visit that is not this doctor's, StaleEdition where the note was written
    elsewhere meanwhile, InvalidValue for one that is too long.
    """
    if len(body) > LONGEST_NOTE:
        raise InvalidValue("note", "too long")
    with transaction("write_note") as session:
        booking = lock(session, Booking, booking_id)
        kept = booking.confirmed_at is not None or booking.status in PAID_FOR
        if booking.doctor_id != doctor_id or not kept:
            raise NotFound(booking_id)
        newest, words = _newest(session, booking_id, doctor_id)
        if words == body:
            return
        if newest != after:
            raise StaleEdition("note")
        note = VisitNote(id=new_id(), booking_id=booking_id, doctor_id=doctor_id)
        note.position, note.body, note.written_at = newest + 1, body, now
        session.add(note)
        _that_it_changed(session, booking_id, actor, now)


def _newest(session: Session, booking_id: str, doctor_id: int) -> tuple[int, str]:
    mine = (VisitNote.booking_id == booking_id, VisitNote.doctor_id == doctor_id)
    last = select(func.max(VisitNote.position)).where(*mine).scalar_subquery()
    query = select(VisitNote.position, VisitNote.body).where(*mine, VisitNote.position == last)
    found = session.execute(query).first()
    return (found.position, found.body) if found else (0, "")


def _that_it_changed(session: Session, booking_id: str, actor: Actor, now: datetime) -> None:
    """The fact, and not a word of it."""
    record(
        session,
        "visit_note",
        booking_id,
        "write",
        before=None,
        after=None,
        actor=actor,
        now=now,
    )
