"""What does a doctor see? Their own visits, and of other people's holds only that time is taken."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, RowMapping, Select, or_, select

from efoy.domain import slot as slots
from efoy.domain.booking import PAID_FOR, BookingStatus
from efoy.domain.errors import NotFound
from efoy.domain.reference import is_reference
from efoy.models.base import reading
from efoy.models.booking import Booking
from efoy.models.clinic import Doctor, Service
from efoy.queries.clinic_day import day_bounds, day_of
from efoy.queries.doctor_hours import working_days
from efoy.queries.standing import PaymentMoney, payments_of

UNDO_FOR = timedelta(days=1)
EARLIER_SHOWN = 20
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
    """One day of a week: does the doctor work, and whom do they see?"""

    on: date
    works: bool
    visits: Sequence[DoctorVisit]


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
    can_mark: bool
    can_undo: bool
    earlier: Sequence[DoctorVisit]


def doctor_day(doctor_id: int, day: date, *, zone: str, now: datetime) -> DoctorDay:
    """Everything of one clinic day, earliest first."""
    start, end = day_bounds(day, zone)
    with reading() as connection:
        visits = _visits(connection, doctor_id, start, end, zone, now)
        later = connection.scalar(_next_after(doctor_id, end))
    going_on = (v.ref for v in visits if v.starts_at <= now < v.ends_at and v.kind == "visit")
    return DoctorDay(visits=visits, now_ref=next(going_on, ""), next_visit=later)


def doctor_week(
    doctor_id: int, monday: date, *, zone: str, now: datetime
) -> Sequence[DoctorWeekday]:
    """Seven clinic days from ``monday`` on."""
    start, end = day_bounds(monday, zone, days=7)
    with reading() as connection:
        visits = _visits(connection, doctor_id, start, end, zone, now)
        working = working_days(connection, doctor_id, monday, ZoneInfo(zone))
    return [
        DoctorWeekday(on=day, works=day in working, visits=_on(visits, day, zone))
        for day in slots.days(monday, 7)
    ]


def opened_visit(ref: str, doctor_id: int, *, zone: str, now: datetime) -> OpenedVisit:
    """One visit of this doctor's own; raises NotFound for another's, a hold, or none at all."""
    if not is_reference(ref):
        raise NotFound(ref)
    ours = _COLUMNS.where(
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
    return _opened(facts, payments, earlier, zone, now)


# -- rows ------------------------------------------------------------------------------------

_COLUMNS: Select[*tuple[Any, ...]] = (
    select(
        Booking.id,
        Booking.ref,
        Booking.patient_id,
        Booking.starts_at,
        Booking.ends_at,
        Booking.status,
        Booking.visitor_name,
        Booking.visitor_phone,
        Booking.reason,
        Booking.price_minor,
        Booking.cancelled_at,
        Booking.cancelled_by,
        Service.name.label("service_name"),
        Doctor.place,
    )
    .join(Service, Service.id == Booking.service_id)
    .join(Doctor, Doctor.id == Booking.doctor_id)
)


def _visits(
    connection: Connection,
    doctor_id: int,
    start: datetime,
    end: datetime,
    zone: str,
    now: datetime,
) -> list[DoctorVisit]:
    query = _COLUMNS.where(
        Booking.doctor_id == doctor_id,
        Booking.starts_at >= start,
        Booking.starts_at < end,
        Booking.status.in_(_SHOWN),
    )
    rows = connection.execute(query.order_by(Booking.starts_at)).mappings().all()
    known = [row["id"] for row in rows if row["status"] is not BookingStatus.HELD]
    payments = payments_of(connection, known)
    return [_visit(row, payments, zone, now) for row in rows]


def _visit(
    row: RowMapping, payments: Mapping[str, list[PaymentMoney]], zone: str, now: datetime
) -> DoctorVisit:
    if row["status"] is BookingStatus.HELD:
        return DoctorVisit(
            ref="",
            kind="hold",
            starts_at=row["starts_at"],
            ends_at=row["ends_at"],
            minutes=_minutes(row),
            status=BookingStatus.HELD,
        )
    return DoctorVisit(
        ref=row["ref"],
        kind="visit",
        starts_at=row["starts_at"],
        ends_at=row["ends_at"],
        minutes=_minutes(row),
        status=row["status"],
        visitor_name=row["visitor_name"],
        service_name=row["service_name"],
        reason=row["reason"],
        paid=_paid(row, payments),
        can_mark=_can_mark(row, zone, now),
        can_undo=_can_undo(row, now),
    )


def _opened(
    row: RowMapping,
    payments: Mapping[str, list[PaymentMoney]],
    earlier: Sequence[RowMapping],
    zone: str,
    now: datetime,
) -> OpenedVisit:
    return OpenedVisit(
        id=row["id"],
        ref=row["ref"],
        starts_at=row["starts_at"],
        minutes=_minutes(row),
        status=row["status"],
        visitor_name=row["visitor_name"],
        phone=row["visitor_phone"],
        service_name=row["service_name"],
        place=row["place"],
        reason=row["reason"],
        paid=_paid(row, payments),
        cancelled_at=row["cancelled_at"],
        cancelled_by=row["cancelled_by"],
        can_mark=_can_mark(row, zone, now),
        can_undo=_can_undo(row, now),
        earlier=[_visit(one, {}, zone, now) for one in earlier],
    )


def _minutes(row: RowMapping) -> int:
    length: timedelta = row["ends_at"] - row["starts_at"]
    return int(length.total_seconds()) // 60


def _paid(row: RowMapping, payments: Mapping[str, list[PaymentMoney]]) -> bool:
    """Whether the clinic has money for this visit, or asks for none."""
    return row["price_minor"] == 0 or any(one.left > 0 for one in payments.get(row["id"], []))


def _can_mark(row: RowMapping, zone: str, now: datetime) -> bool:
    """From the morning of the visit on."""
    begun = day_of(row["starts_at"], zone) <= day_of(now, zone)
    return begun and row["status"] is BookingStatus.CONFIRMED


def _can_undo(row: RowMapping, now: datetime) -> bool:
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


def _earlier(row: RowMapping, doctor_id: int) -> Select[*tuple[Any, ...]]:
    """Earlier visits of the same person with this doctor, newest first."""
    return (
        _COLUMNS.where(
            Booking.doctor_id == doctor_id,
            Booking.patient_id == row["patient_id"],
            Booking.starts_at < row["starts_at"],
            Booking.status.in_(PAID_FOR),
        )
        .order_by(Booking.starts_at.desc())
        .limit(EARLIER_SHOWN)
    )


def _on(visits: Sequence[DoctorVisit], day: date, zone: str) -> list[DoctorVisit]:
    return [visit for visit in visits if day_of(visit.starts_at, zone) == day]
