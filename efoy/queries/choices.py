"""Is this very time still free, and what is free near it?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from heapq import nsmallest
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from efoy.domain.money import Money
from efoy.domain.slot import cells
from efoy.models.base import reading
from efoy.models.edition import Shelf, shelf
from efoy.queries.offers import DoctorOffer, ServiceOffer, one_doctor, untaken_doctors
from efoy.queries.slots import Calendar, free_days, place_at, read_calendars
from efoy.queries.together import Together

THREE = 3
REACHES = (1, 14)
"""Days around a time in which others are looked for: first a few, then many."""


@dataclass(frozen=True, kw_only=True)
class Choice:
    """A time somebody wants, with what the server says about it.

    ``offered``: hours, notice and horizon allow it; ``free``: and nobody else has it.
    """

    doctor_slug: str
    doctor_name: str
    specialty: str
    service_slug: str
    service_name: str
    starts_at: datetime
    minutes: int
    price: Money
    place: str
    offered: bool
    free: bool


def choice(doctor: str, service: str, starts_at: datetime, *, now: datetime) -> Choice:
    """What is known of that time; raises NotFound where nobody offers the service."""
    with reading() as connection:
        kept = shelf(connection, now)
        found = one_doctor(connection, doctor, now=now, kept=kept)
        chosen = found.service(service)
        zone = ZoneInfo(found.zone)
        on = starts_at.astimezone(zone).date()
        read = read_calendars(connection, [found.id], found.zone, on, 1, kept=kept)
        calendar = read[found.id]
    return _wish(found, chosen, starts_at, calendar, now=now)


def _wish(
    doctor: DoctorOffer,
    service: ServiceOffer,
    starts_at: datetime,
    calendar: Calendar,
    *,
    now: datetime,
) -> Choice:
    """The time as it stands; one that is not free may be offered, and somebody else's."""
    free = any(starts_at in day.times for day in free_days(calendar, service.visit, now=now))
    offered = free or any(
        starts_at in day.times
        for day in free_days(replace(calendar, taken=""), service.visit, now=now)
    )
    place = place_at(calendar, service.visit, starts_at)
    return _choice(doctor, service, starts_at, place=place, offered=offered, free=free)


def _choice(
    doctor: DoctorOffer,
    service: ServiceOffer,
    starts_at: datetime,
    *,
    place: str = "",
    offered: bool = True,
    free: bool = True,
) -> Choice:
    return Choice(
        doctor_slug=doctor.slug,
        doctor_name=doctor.name,
        specialty=doctor.specialty,
        service_slug=service.slug,
        service_name=service.name,
        starts_at=starts_at,
        minutes=service.minutes,
        price=service.price,
        place=place or doctor.place,
        offered=offered,
        free=free,
    )


@dataclass(frozen=True, kw_only=True)
class Left:
    """What is left of and near a time: the time itself, the nearest, the same with others."""

    wish: Choice
    nearest: tuple[Choice, ...]
    others: tuple[Choice, ...]


def what_is_left(doctor: str, service: str, starts_at: datetime, *, now: datetime) -> Left:
    """The three nearest free times of the doctor, and that very time with up to three others.

    Raises NotFound where nobody offers the service.
    """
    asked = (doctor, service, starts_at)
    return _TOGETHER.read(asked, lambda: _read_left(doctor, service, starts_at, now))


_TOGETHER: Together[Left] = Together()


def _read_left(doctor: str, service: str, starts_at: datetime, now: datetime) -> Left:
    with reading() as connection:
        kept = shelf(connection, now)
        found = one_doctor(connection, doctor, now=now, kept=kept)
        chosen = found.service(service)
        for reach in REACHES:
            calendar = _around(connection, kept, found, starts_at, reach, now=now)
            days = free_days(calendar, chosen.visit, now=now)
            times = (at for day in days for at in day.times if at != starts_at)
            near = nsmallest(THREE, times, key=lambda at: (abs(at - starts_at), at))
            if len(near) == THREE and abs(near[-1] - starts_at) <= timedelta(days=reach):
                break  # whatever lies outside is farther away
        others = _others(connection, kept, found, chosen, starts_at, now=now)
    return Left(
        wish=_wish(found, chosen, starts_at, calendar, now=now),
        nearest=tuple(
            _choice(found, chosen, at, place=place_at(calendar, chosen.visit, at)) for at in near
        ),
        others=tuple(others[:THREE]),
    )


def _around(
    connection: Connection,
    kept: Shelf,
    doctor: DoctorOffer,
    starts_at: datetime,
    reach: int,
    *,
    now: datetime,
) -> Calendar:
    """The calendar from ``reach`` days before that day (or today) to as many after it."""
    zone = ZoneInfo(doctor.zone)
    today, on = now.astimezone(zone).date(), max(starts_at, now).astimezone(zone).date()
    first = max(on - timedelta(days=reach), today)
    count = (on - first).days + reach + 1
    read = read_calendars(connection, [doctor.id], doctor.zone, first, count, kept=kept)
    return read[doctor.id]


def _others(
    connection: Connection,
    kept: Shelf,
    doctor: DoctorOffer,
    service: ServiceOffer,
    starts_at: datetime,
    *,
    now: datetime,
) -> list[Choice]:
    """Other doctors who offer the same service and are free at that time."""
    ends_at = starts_at + timedelta(minutes=service.minutes)
    span = cells(starts_at, ends_at)
    candidates = untaken_doctors(connection, service.slug, span, but=doctor.id, now=now)
    if not candidates:
        return []
    on = starts_at.astimezone(ZoneInfo(doctor.zone)).date()
    ids = [each.id for each in candidates]
    read = read_calendars(connection, ids, doctor.zone, on, 1, kept=kept)
    return [
        _choice(each, own, starts_at, place=place_at(read[each.id], own.visit, starts_at))
        for each in candidates
        for own in each.services
        if starts_at in free_days(read[each.id], own.visit, now=now)[0].times
    ]
