"""What does a doctor need to know of one visit of their own?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, Select, or_

from efoy.domain.booking import PAID_FOR, BookingStatus
from efoy.domain.errors import NotFound
from efoy.domain.reference import is_reference
from efoy.models.base import reading
from efoy.models.booking import Booking
from efoy.queries.doctor import (
    COLUMNS,
    DoctorVisit,
    can_arrive,
    can_mark,
    can_undo,
    minutes,
    paid_for,
    visit_row,
)
from efoy.queries.standing import PaymentMoney, payments_of
from efoy.queries.visit_notes import Wording, note_wordings

EARLIER_SHOWN = 20


@dataclass(frozen=True, kw_only=True)
class OpenedVisit:
    """One visit, opened by its doctor: whom to expect and why, and paid or not as a mere word."""

    id: str
    ref: str
    starts_at: datetime
    minutes: int
    status: BookingStatus
    visitor_name: str
    phone: str
    service_name: str
    place: str
    reason: str
    paid: bool
    cancelled_at: datetime | None
    cancelled_by: str | None
    cancel_reason: str
    arrived_at: datetime | None
    can_arrive: bool
    can_mark: bool
    can_undo: bool
    beside: bool
    earlier: Sequence[DoctorVisit]
    notes: Sequence[Wording]

    @property
    def note(self) -> str:
        """The doctor's own note as it stands; empty for none."""
        return self.notes[0].body if self.notes else ""

    @property
    def note_position(self) -> int:
        """Which wording that is, for the form."""
        return self.notes[0].position if self.notes else 0


def opened_visit(ref: str, doctor_id: int, *, now: datetime) -> OpenedVisit:
    """One visit of this doctor's own; raises NotFound for another's, a hold, or none at all."""
    if not is_reference(ref):
        raise NotFound(ref)
    ours = COLUMNS.where(
        Booking.ref == ref,
        Booking.doctor_id == doctor_id,
        or_(Booking.status.in_(PAID_FOR), Booking.confirmed_at.is_not(None)),
    )
    with reading() as connection:
        facts = connection.execute(ours).mappings().one_or_none()
        if facts is None:
            raise NotFound(ref)
        payments = payments_of(connection, [facts["id"]])
        earlier = connection.execute(_earlier(facts, doctor_id)).mappings().all()
        notes = note_wordings(connection, facts["id"], doctor_id)
    return _opened(facts, payments, earlier, notes, now)


def _opened(
    row: RowMapping,
    payments: Mapping[str, list[PaymentMoney]],
    earlier: Sequence[RowMapping],
    notes: Sequence[Wording],
    now: datetime,
) -> OpenedVisit:
    return OpenedVisit(
        id=row["id"],
        ref=row["ref"],
        starts_at=row["starts_at"],
        minutes=minutes(row),
        status=row["status"],
        visitor_name=row["visitor_name"],
        phone=row["visitor_phone"],
        service_name=row["service_name"],
        place=row["place"],
        reason=row["reason"],
        paid=paid_for(row, payments),
        cancelled_at=row["cancelled_at"],
        cancelled_by=row["cancelled_by"],
        cancel_reason=row["cancel_reason"],
        arrived_at=row["arrived_at"],
        can_arrive=can_arrive(row, now),
        can_mark=can_mark(row, now),
        can_undo=can_undo(row, now),
        beside=bool(row["overbooked_reason"]),
        earlier=[visit_row(one, {}, now) for one in earlier],
        notes=notes,
    )


def _earlier(row: RowMapping, doctor_id: int) -> Select[*tuple[Any, ...]]:
    """Earlier visits of the same person with this doctor, newest first."""
    return (
        COLUMNS.where(
            Booking.doctor_id == doctor_id,
            Booking.patient_id == row["patient_id"],
            Booking.visitor_key == row["visitor_key"],
            Booking.starts_at < row["starts_at"],
            Booking.status.in_(PAID_FOR),
        )
        .order_by(Booking.starts_at.desc())
        .limit(EARLIER_SHOWN)
    )
