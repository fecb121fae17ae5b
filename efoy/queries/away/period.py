"""Who is booked in a time that somebody is about to close, and how much have they paid?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, exists, or_, select
from sqlalchemy.sql.elements import ColumnElement

from efoy.domain.booking import BookingStatus
from efoy.domain.closing import OPEN, ItemStatus
from efoy.domain.errors import NotFound
from efoy.domain.money import Money
from efoy.models.base import reading
from efoy.models.booking import Booking
from efoy.models.clinic import Doctor, Service
from efoy.models.closing import DayClosing, DayClosingItem
from efoy.queries.standing import payments_of


@dataclass(frozen=True, kw_only=True)
class Period:
    """A time of one doctor; ``time_off_id`` is the time off that is being changed to it."""

    doctor_id: int
    starts_at: datetime
    ends_at: datetime
    time_off_id: int | None = None


@dataclass(frozen=True, kw_only=True)
class BookedVisit:
    """One visit that needs a choice; ``paid`` is what would go back in full."""

    ref: str
    starts_at: datetime
    minutes: int
    visitor_name: str
    service_name: str
    paid: Money


@dataclass(frozen=True, kw_only=True)
class BookedThen:
    """What stands in a time: visits to decide about, holds not paid yet, visits in hand."""

    visits: Sequence[BookedVisit]
    holds: Sequence[datetime]
    in_hand: int
    total: Money


@dataclass(frozen=True, kw_only=True)
class DoctorName:
    """A doctor, as pages name them."""

    id: int
    slug: str
    name: str


def doctor_named(slug: str) -> DoctorName:
    """The doctor of that slug, paused or not; raises NotFound."""
    return _doctor(Doctor.slug == slug)


def doctor_numbered(doctor_id: int) -> DoctorName:
    """The doctor of that id; raises NotFound."""
    return _doctor(Doctor.id == doctor_id)


def _doctor(which: ColumnElement[bool]) -> DoctorName:
    with reading() as connection:
        row = connection.execute(select(Doctor.id, Doctor.slug, Doctor.name).where(which)).first()
    if row is None:
        raise NotFound("doctor")
    return DoctorName(id=row.id, slug=row.slug, name=row.name)


def doctors() -> Sequence[DoctorName]:
    """Every doctor, by name."""
    query = select(Doctor.id, Doctor.slug, Doctor.name).where(Doctor.active).order_by(Doctor.name)
    with reading() as connection:
        return [DoctorName(id=a, slug=b, name=c) for a, b, c in connection.execute(query)]


def booked_then(period: Period, *, currency: str, now: datetime) -> BookedThen:
    """Everything that touches the time, as it stands now."""
    columns = (Booking.id, Booking.ref, Booking.starts_at, Booking.ends_at, Booking.visitor_name)
    query = (
        select(*columns, Booking.status, Service.name, _in_hand(period).label("in_hand"))
        .join(Service, Service.id == Booking.service_id)
        .where(
            Booking.doctor_id == period.doctor_id,
            Booking.status.in_([BookingStatus.CONFIRMED, BookingStatus.HELD]),
            Booking.starts_at > now,
            Booking.starts_at < period.ends_at,
            Booking.ends_at > period.starts_at,
        )
        .order_by(Booking.starts_at, Booking.id)
    )
    with reading() as connection:
        rows = connection.execute(query).all()
        booked = [row for row in rows if row.status is BookingStatus.CONFIRMED]
        payments = payments_of(connection, [row.id for row in booked])
    visits = [
        BookedVisit(
            ref=row.ref,
            starts_at=row.starts_at,
            minutes=int((row.ends_at - row.starts_at).total_seconds()) // 60,
            visitor_name=row.visitor_name,
            service_name=row.name,
            paid=Money(sum(max(one.left, 0) for one in payments.get(row.id, [])), currency),
        )
        for row in booked
        if not row.in_hand
    ]
    return BookedThen(
        visits=visits,
        holds=[row.starts_at for row in rows if row.status is BookingStatus.HELD],
        in_hand=len(booked) - len(visits),
        total=Money(sum(visit.paid.minor for visit in visits), currency),
    )


def _in_hand(period: Period) -> ColumnElement[bool]:
    """Somebody is at it already, or said for this very time off that the visit is kept."""
    of_this = select(DayClosing.id).where(
        DayClosing.time_off_id.is_not(None), DayClosing.time_off_id == period.time_off_id
    )
    kept_here = and_(
        DayClosingItem.status == ItemStatus.KEPT, DayClosingItem.closing_id.in_(of_this)
    )
    return exists().where(
        DayClosingItem.booking_id == Booking.id,
        DayClosingItem.visit_at == Booking.starts_at,
        or_(DayClosingItem.status.in_(list(OPEN)), kept_here),
    )
