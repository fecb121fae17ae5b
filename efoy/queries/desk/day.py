"""How does the clinic's day stand: who is there, who waits, what is free, who comes next?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, RowMapping, select

from efoy.domain import slot as slots
from efoy.domain.booking import BookingStatus
from efoy.domain.money import Money
from efoy.domain.payment import Standing
from efoy.models.base import reading
from efoy.models.booking import Booking
from efoy.models.clinic import Doctor, Service
from efoy.queries.clinic_day import day_bounds, day_of
from efoy.queries.offers import all_doctors
from efoy.queries.slots import free_days, read_calendars
from efoy.queries.standing import PaymentMoney, main_payment, payments_of, standing_of

SHOWN = (
    BookingStatus.HELD,
    BookingStatus.CONFIRMED,
    BookingStatus.ATTENDED,
    BookingStatus.NO_SHOW,
)


@dataclass(frozen=True, kw_only=True)
class DeskVisit:
    """A visit as the desk sees it. ``beside``: put there on purpose beside another visit."""

    ref: str
    doctor_id: int
    doctor_name: str
    service_name: str
    starts_at: datetime
    ends_at: datetime
    visitor_name: str
    phone: str
    status: BookingStatus
    arrived: bool
    beside: bool
    free: bool
    standing: Standing
    price: Money
    paid: Money | None
    hold_expires_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class DoctorToday:
    """One doctor's day: the visits, and the times of the shortest service that are still free.

    ``service_slug`` and ``minutes`` are that service's; empty for a doctor who takes no bookings.
    """

    slug: str
    name: str
    service_slug: str
    minutes: int
    here: bool
    visits: Sequence[DeskVisit]
    free: Sequence[datetime]

    @property
    def arrived(self) -> int:
        """How many came today."""
        return sum(each.arrived or each.status is BookingStatus.ATTENDED for each in self.visits)

    @property
    def waiting(self) -> int:
        """How many are there and not seen yet."""
        return sum(each.arrived and each.status is BookingStatus.CONFIRMED for each in self.visits)

    @property
    def booked(self) -> int:
        """How many visits the day has; a time that is only held is none."""
        return sum(each.status is not BookingStatus.HELD for each in self.visits)


def clinic_days(
    first: date, count: int, *, zone: str, now: datetime, doctor: str = ""
) -> Mapping[date, Sequence[DoctorToday]]:
    """``count`` days from ``first`` on, every doctor's (or one doctor's), in the clinic's order."""
    begin, end = day_bounds(first, zone, days=count)
    with reading() as connection:
        doctors = [d for d in all_doctors(connection, now=now) if not doctor or d.slug == doctor]
        visits = _visits(connection, begin, end)
        ids = [each.id for each in doctors]
        calendars = read_calendars(connection, ids, zone, first, count)
    days: dict[date, list[DoctorToday]] = {on: [] for on in slots.days(first, count)}
    for each in doctors:
        service = min(each.services, key=lambda one: one.minutes)
        for day in free_days(calendars[each.id], service.visit, now=now):
            mine = [v for v in visits if v.doctor_id == each.id and _on(v, zone) == day.on]
            today = DoctorToday(
                slug=each.slug,
                name=each.name,
                service_slug=service.slug,
                minutes=service.minutes,
                here=day.open or bool(mine),
                visits=mine,
                free=day.times,
            )
            days[day.on].append(today)
    if not doctor:
        _add_paused(days, [v for v in visits if v.doctor_id not in ids], zone)
    return days


def _add_paused(
    days: dict[date, list[DoctorToday]], visits: Sequence[DeskVisit], zone: str
) -> None:
    """Doctors who take no new bookings still see who is booked."""
    for key in sorted({(_on(v, zone), v.doctor_name, v.doctor_id) for v in visits}):
        mine = [v for v in visits if (_on(v, zone), v.doctor_name, v.doctor_id) == key]
        paused = DoctorToday(
            slug="", name=key[1], service_slug="", minutes=0, here=True, visits=mine, free=()
        )
        days[key[0]].append(paused)


def _on(visit: DeskVisit, zone: str) -> date:
    return day_of(visit.starts_at, zone)


def next_visits(days: Sequence[DoctorToday], *, now: datetime, most: int = 12) -> list[DeskVisit]:
    """Of a day: what is not over yet, soonest first."""
    coming = [
        visit
        for doctor in days
        for visit in doctor.visits
        if visit.ends_at > now and visit.status in {BookingStatus.HELD, BookingStatus.CONFIRMED}
    ]
    return sorted(coming, key=lambda visit: (visit.starts_at, visit.ref))[:most]


def _visits(connection: Connection, begin: datetime, end: datetime) -> list[DeskVisit]:
    query = (
        select(
            Booking.id,
            Booking.ref,
            Booking.doctor_id,
            Doctor.name.label("doctor_name"),
            Service.name.label("service_name"),
            Booking.starts_at,
            Booking.ends_at,
            Booking.visitor_name,
            Booking.visitor_phone.label("phone"),
            Booking.status,
            Booking.arrived_at,
            Booking.overbooked_reason,
            Booking.price_minor,
            Booking.currency,
            Booking.hold_expires_at,
        )
        .join(Doctor, Doctor.id == Booking.doctor_id)
        .join(Service, Service.id == Booking.service_id)
        .where(Booking.starts_at >= begin, Booking.starts_at < end, Booking.status.in_(SHOWN))
        .order_by(Booking.starts_at, Booking.id)
    )
    rows = connection.execute(query).mappings().all()
    money = payments_of(connection, [row["id"] for row in rows])
    return [_visit(row, money.get(row["id"], [])) for row in rows]


def _visit(row: RowMapping, payments: Sequence[PaymentMoney]) -> DeskVisit:
    paid = main_payment(payments)
    return DeskVisit(
        ref=row["ref"],
        doctor_id=row["doctor_id"],
        doctor_name=row["doctor_name"],
        service_name=row["service_name"],
        starts_at=row["starts_at"],
        ends_at=row["ends_at"],
        visitor_name=row["visitor_name"],
        phone=row["phone"],
        status=row["status"],
        arrived=row["arrived_at"] is not None,
        beside=bool(row["overbooked_reason"]),
        free=not row["price_minor"],
        standing=standing_of(payments),
        price=Money(row["price_minor"], row["currency"]),
        paid=paid.amount if paid else None,
        hold_expires_at=row["hold_expires_at"],
    )
