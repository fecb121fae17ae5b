"""Which times can the desk choose for a visit, free or taken, and on which days?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from efoy.domain.errors import NotFound
from efoy.domain.money import Money
from efoy.models.base import reading
from efoy.queries.clinic_day import day_of
from efoy.queries.offers import DoctorOffer, ServiceOffer, all_doctors
from efoy.queries.slots import FreeDay, free_days, read_calendars

STRIP = 7


@dataclass(frozen=True, kw_only=True)
class Visit:
    """One kind of visit with one doctor, as the desk picks it."""

    doctor_slug: str
    doctor_name: str
    service_slug: str
    service_name: str
    minutes: int
    price: Money


@dataclass(frozen=True, kw_only=True)
class StripDay:
    """One day of the strip and how many of its times are free."""

    on: date
    open: bool
    free: int


@dataclass(frozen=True, kw_only=True)
class Choosing:
    """What can be chosen: every visit, and for the chosen one the times of a day.

    ``taken`` are offered times that somebody has.
    """

    visits: Sequence[Visit]
    chosen: Visit
    day: date
    days: Sequence[StripDay]
    free: Sequence[datetime]
    taken: Sequence[datetime]

    @property
    def later(self) -> date:
        """The day after the strip."""
        return self.days[-1].on + timedelta(days=1)


def choosing(
    doctor: str, service: str, day: date | None, *, zone: str, now: datetime
) -> Choosing | None:
    """The choices around that day; None where the clinic offers nothing.

    Unknown doctors and services fall back to the first; a day gone by to today.
    """
    today = day_of(now, zone)
    with reading() as connection:
        doctors = all_doctors(connection, now=now)
        if not doctors:
            return None
        who, what = _wanted(doctors, doctor, service)
        first = _strip_start(max(day or today, today), today)
        calendar = read_calendars(connection, [who.id], zone, first, STRIP)[who.id]
    free = free_days(calendar, what.visit, now=now)
    every = {d.on: d for d in free_days(replace(calendar, taken=""), what.visit, now=now)}
    on = _day_shown(free, max(day, today) if day else None)
    shown = next(each for each in free if each.on == on)
    return Choosing(
        visits=[_visit(one, each) for one in doctors for each in one.services],
        chosen=_visit(who, what),
        day=on,
        days=[StripDay(on=d.on, open=d.open, free=len(d.times)) for d in free],
        free=shown.times,
        taken=[at for at in every[on].times if at not in set(shown.times)],
    )


def _wanted(
    doctors: Sequence[DoctorOffer], doctor: str, service: str
) -> tuple[DoctorOffer, ServiceOffer]:
    who = next((each for each in doctors if each.slug == doctor), doctors[0])
    try:
        return who, who.service(service)
    except NotFound:
        return who, who.services[0]


def _strip_start(day: date, today: date) -> date:
    """The strip begins today, or on a day so many weeks later that it holds the asked one."""
    return today + timedelta(days=(day - today).days // STRIP * STRIP)


def _day_shown(days: Sequence[FreeDay], asked: date | None) -> date:
    if asked is not None:
        return asked
    return next((each.on for each in days if each.times), days[0].on)


def _visit(doctor: DoctorOffer, service: ServiceOffer) -> Visit:
    return Visit(
        doctor_slug=doctor.slug,
        doctor_name=doctor.name,
        service_slug=service.slug,
        service_name=service.name,
        minutes=service.minutes,
        price=service.price,
    )
