"""What did a doctor note about a visit? Asked for with the doctor's own id, never without."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from efoy.models.doctors_own import VisitNote


@dataclass(frozen=True, kw_only=True)
class Wording:
    """One wording of a note: empty where the note was taken away then."""

    position: int
    body: str
    written_at: datetime


def note_wordings(connection: Connection, booking_id: str, doctor_id: int) -> Sequence[Wording]:
    """Every wording of this doctor's note on the visit, newest first; nobody else's."""
    query = (
        select(VisitNote.position, VisitNote.body, VisitNote.written_at)
        .where(VisitNote.booking_id == booking_id, VisitNote.doctor_id == doctor_id)
        .order_by(VisitNote.position.desc())
    )
    return [Wording(**row) for row in connection.execute(query).mappings()]
