"""What does the editor of a doctor's hours show? Hours, extra hours, services, who lies outside."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Connection, select

from efoy.domain.clock_change import ClockChange, next_clock_change
from efoy.domain.errors import NotFound
from efoy.domain.hours import (
    BookedVisit,
    There,
    WeekTimes,
    monday_of,
    week_times,
    weeks_worth_showing,
)
from efoy.domain.slot import Opening, Visit
from efoy.models.base import reading
from efoy.models.clinic import (
    Clinic,
    Doctor,
    DoctorService,
    ExtraHours,
    OpeningHours,
    Service,
)
from efoy.models.hours import EXTRA, HOURS, booked_visits, opening, services_of, span


@dataclass(frozen=True, kw_only=True)
class HoursDoctor:
    """Whose hours these are; ``version`` is for the form, so that two editors notice."""

    id: int
    slug: str
    name: str
    place: str
    version: int


@dataclass(frozen=True, kw_only=True)
class HoursService:
    """A service that the doctor offers."""

    id: int
    name: str
    visit: Visit


@dataclass(frozen=True, kw_only=True)
class ExtraRow:
    """Extra hours still to come."""

    id: int
    starts_at: datetime
    ends_at: datetime
    place: str
    services: frozenset[int]


@dataclass(frozen=True, kw_only=True)
class HoursPage:
    """Everything of one doctor's hours as they stand. ``outside``: booked visits beside them."""

    doctor: HoursDoctor
    zone: str
    openings: Sequence[Opening]
    services: Sequence[HoursService]
    extra: Sequence[ExtraRow]
    outside: Sequence[BookedVisit]


def hours_page(doctor: int | str, *, now: datetime) -> HoursPage:
    """The hours of a doctor, by id or by slug; raises NotFound."""
    which = Doctor.id == doctor if isinstance(doctor, int) else Doctor.slug == doctor
    with reading() as connection:
        whose, zone = _doctor(connection, which)
        weekly = [
            opening(*row)
            for row in connection.execute(select(*HOURS).where(OpeningHours.doctor_id == whose.id))
        ]
        beside = [
            span(*row)
            for row in connection.execute(select(*EXTRA).where(ExtraHours.doctor_id == whose.id))
        ]
        there = There(openings=weekly, extra=beside, zone=ZoneInfo(zone), place=whose.place)
        visits = booked_visits(connection, whose.id, now)
        return HoursPage(
            doctor=whose,
            zone=zone,
            openings=sorted(weekly, key=lambda one: (one.weekday, one.from_minute)),
            services=_services(connection, whose.id),
            extra=_extra(connection, whose.id, now),
            outside=[visit for visit in visits if not there.covers(visit)],
        )


def _doctor(connection: Connection, which: ColumnElement[bool]) -> tuple[HoursDoctor, str]:
    columns = (Doctor.id, Doctor.slug, Doctor.name, Doctor.place, Doctor.hours_version)
    query = select(*columns, Clinic.zone).join(Clinic, Clinic.id == 1).where(which)
    row = connection.execute(query).one_or_none()
    if row is None:
        raise NotFound("doctor")
    whose = HoursDoctor(
        id=row.id, slug=row.slug, name=row.name, place=row.place, version=row.hours_version
    )
    return whose, row.zone


def _extra(connection: Connection, doctor_id: int, now: datetime) -> list[ExtraRow]:
    query = (
        select(ExtraHours.id, *EXTRA)
        .where(ExtraHours.doctor_id == doctor_id, ExtraHours.ends_at > now)
        .order_by(ExtraHours.starts_at, ExtraHours.id)
    )
    return [
        ExtraRow(id=a, starts_at=b, ends_at=c, place=d, services=services_of(e))
        for a, b, c, d, e in connection.execute(query)
    ]


def _services(connection: Connection, doctor_id: int) -> list[HoursService]:
    columns = (Service.id, Service.name, Service.minutes, Service.buffer_minutes)
    query = (
        select(*columns)
        .join(DoctorService, DoctorService.service_id == Service.id)
        .where(DoctorService.doctor_id == doctor_id)
        .order_by(Service.active.desc(), Service.position, Service.id)
    )
    return [
        HoursService(id=a, name=b, visit=Visit(minutes=c, buffer_minutes=d, service=a))
        for a, b, c, d in connection.execute(query)
    ]


# -- what these hours open -------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class ServiceTimes:
    """One service and how many times a week it opens."""

    name: str
    times: int


@dataclass(frozen=True, kw_only=True)
class Preview:
    """The weeks worth showing for the first service, the others in one number each, and the week
    in which the clock changes next (with what it skips or repeats)."""

    service_name: str
    weeks: Sequence[WeekTimes]
    others: Sequence[ServiceTimes]
    change: ClockChange | None
    change_week: WeekTimes | None

    @property
    def rows(self) -> list[tuple[WeekTimes, bool]]:
        """Every week to show, and whether it is there for the clock's change."""
        last = [(self.change_week, True)] if self.change_week else []
        return [(week, False) for week in self.weeks] + last


def preview(
    openings: Sequence[Opening], services: Sequence[HoursService], *, zone: str, today: date
) -> Preview | None:
    """What hours would open, saved or not; None for a doctor who offers nothing."""
    if not services:
        return None
    place, first = ZoneInfo(zone), services[0]
    weeks = [
        week_times(openings, first.visit, monday, place)
        for monday in weeks_worth_showing(openings, today)
    ]
    change = next_clock_change(today, place)
    return Preview(
        service_name=first.name,
        weeks=weeks,
        others=[
            ServiceTimes(
                name=one.name,
                times=week_times(openings, one.visit, weeks[0].starts_on, place).times,
            )
            for one in services[1:]
        ],
        change=change,
        change_week=week_times(openings, first.visit, monday_of(change.on), place)
        if change
        else None,
    )
