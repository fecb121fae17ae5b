"""What does a doctor see? Their own visits, and of other people's holds only that time is taken."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, RowMapping, Select, select

from efoy.domain.booking import MARKED_FROM, PAID_FOR, UNDO_FOR, BookingStatus
from efoy.models.base import reading
from efoy.models.booking import Booking
from efoy.models.clinic import Doctor, Service
from efoy.models.hours import PLACE
from efoy.queries.clinic_day import day_bounds, day_of
from efoy.queries.doctor_hours import working_hours
from efoy.queries.standing import PaymentMoney, payments_of

_SHOWN = (*PAID_FOR, BookingStatus.HELD)
_MARKED = frozenset({BookingStatus.ATTENDED, BookingStatus.NO_SHOW})


@dataclass(frozen=True, kw_only=True)
class DoctorVisit:
    """A visit in a list; of a hold (``kind`` is ``hold``) only the time is filled in."""

    ref: str
    kind: str
    starts_at: datetime
    ends_at: datetime
    minutes: int
    status: BookingStatus
    visitor_name: str = ""
    service_name: str = ""
    reason: str = ""
    paid: bool = False
    arrived_at: datetime | None = None
    can_arrive: bool = False
    beside: bool = False
    can_mark: bool = False
    can_undo: bool = False

    @property
    def short_name(self) -> str:
        """``Almaz B.``: as much of a name as the week, often open in a room, needs to show."""
        first, _, rest = self.visitor_name.partition(" ")
        return f"{first} {rest.rsplit(' ', 1)[-1][0]}." if rest.strip() else first


@dataclass(frozen=True, kw_only=True)
class DoctorDay:
    """One day: visits in time order, which one is going on, and when the next one after it is."""

    visits: Sequence[DoctorVisit]
    now_ref: str
    next_visit: datetime | None


@dataclass(frozen=True, kw_only=True)
class DoctorWeekday:
    """One day of a week: in which hours (0 to 23) does the doctor work, and whom do they see?"""

    on: date
    hours: frozenset[int]
    visits: Sequence[DoctorVisit]

    @property
    def works(self) -> bool:
        """Whether the doctor is there at all."""
        return bool(self.hours)


def doctor_day(doctor_id: int, day: date, *, zone: str, now: datetime) -> DoctorDay:
    """Everything of one clinic day, earliest first."""
    start, end = day_bounds(day, zone)
    with reading() as connection:
        visits = _visits(connection, doctor_id, start, end, now)
        later = connection.scalar(_next_after(doctor_id, end))
    going_on = (v.ref for v in visits if v.starts_at <= now < v.ends_at and v.kind == "visit")
    return DoctorDay(visits=visits, now_ref=next(going_on, ""), next_visit=later)


def doctor_week(
    doctor_id: int, monday: date, *, zone: str, now: datetime
) -> Sequence[DoctorWeekday]:
    """Seven clinic days from ``monday`` on."""
    start, end = day_bounds(monday, zone, days=7)
    with reading() as connection:
        visits = _visits(connection, doctor_id, start, end, now)
        working = working_hours(connection, doctor_id, monday, ZoneInfo(zone))
    return [
        DoctorWeekday(on=day, hours=hours, visits=_on(visits, day, zone))
        for day, hours in working.items()
    ]


# -- rows ------------------------------------------------------------------------------------

COLUMNS: Select[*tuple[Any, ...]] = (
    select(
        Booking.id,
        Booking.ref,
        Booking.patient_id,
        Booking.visitor_key,
        Booking.starts_at,
        Booking.ends_at,
        Booking.status,
        Booking.visitor_name,
        Booking.visitor_phone,
        Booking.reason,
        Booking.overbooked_reason,
        Booking.price_minor,
        Booking.cancelled_at,
        Booking.cancelled_by,
        Booking.cancel_reason,
        Booking.arrived_at,
        Service.name.label("service_name"),
        PLACE,
    )
    .join(Service, Service.id == Booking.service_id)
    .join(Doctor, Doctor.id == Booking.doctor_id)
)


def _visits(
    connection: Connection,
    doctor_id: int,
    start: datetime,
    end: datetime,
    now: datetime,
) -> list[DoctorVisit]:
    query = COLUMNS.where(
        Booking.doctor_id == doctor_id,
        Booking.starts_at >= start,
        Booking.starts_at < end,
        Booking.status.in_(_SHOWN),
    )
    rows = connection.execute(query.order_by(Booking.starts_at)).mappings().all()
    known = [row["id"] for row in rows if row["status"] is not BookingStatus.HELD]
    payments = payments_of(connection, known)
    return [visit_row(row, payments, now) for row in rows]


def visit_row(
    row: RowMapping, payments: Mapping[str, list[PaymentMoney]], now: datetime
) -> DoctorVisit:
    """A line of a list, as much as its status lets the doctor know."""
    if row["status"] is BookingStatus.HELD:
        return DoctorVisit(
            ref="",
            kind="hold",
            starts_at=row["starts_at"],
            ends_at=row["ends_at"],
            minutes=minutes(row),
            status=BookingStatus.HELD,
        )
    return DoctorVisit(
        ref=row["ref"],
        kind="visit",
        starts_at=row["starts_at"],
        ends_at=row["ends_at"],
        minutes=minutes(row),
        status=row["status"],
        visitor_name=row["visitor_name"],
        service_name=row["service_name"],
        reason=row["reason"],
        paid=paid_for(row, payments),
        beside=bool(row["overbooked_reason"]),
        arrived_at=row["arrived_at"],
        can_arrive=can_arrive(row, now),
        can_mark=can_mark(row, now),
        can_undo=can_undo(row, now),
    )


def minutes(row: RowMapping) -> int:
    """How long the visit takes."""
    length: timedelta = row["ends_at"] - row["starts_at"]
    return int(length.total_seconds()) // 60


def paid_for(row: RowMapping, payments: Mapping[str, list[PaymentMoney]]) -> bool:
    """Whether the clinic has money for this visit, or asks for none."""
    return row["price_minor"] == 0 or any(one.left > 0 for one in payments.get(row["id"], []))


def can_mark(row: RowMapping, now: datetime) -> bool:
    """Whether the visit is near enough to be called done or missed."""
    near: bool = row["starts_at"] - now <= MARKED_FROM
    return near and row["status"] is BookingStatus.CONFIRMED


def can_arrive(row: RowMapping, now: datetime) -> bool:
    """Whether the patient may be marked as here, or as not here after all."""
    recent: bool = now - row["starts_at"] <= UNDO_FOR
    return recent and can_mark(row, now)


def can_undo(row: RowMapping, now: datetime) -> bool:
    """Whether its mark may still be taken back."""
    recent: bool = now - row["starts_at"] <= UNDO_FOR
    return recent and row["status"] in _MARKED


def _next_after(doctor_id: int, end: datetime) -> Select[datetime]:
    return (
        select(Booking.starts_at)
        .where(
            Booking.doctor_id == doctor_id,
            Booking.starts_at >= end,
            Booking.status.in_(PAID_FOR),
        )
        .order_by(Booking.starts_at)
        .limit(1)
    )


def _on(visits: Sequence[DoctorVisit], day: date, zone: str) -> list[DoctorVisit]:
    return [visit for visit in visits if day_of(visit.starts_at, zone) == day]
