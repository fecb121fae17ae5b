"""Is this very time still free, and what is free near it?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from efoy.domain.money import Money
from efoy.models.base import reading
from efoy.queries.offers import DoctorOffer, ServiceOffer, all_doctors, one_doctor
from efoy.queries.slots import free_days, read_calendars

WEEK, FORTNIGHT, THREE = 7, 14, 3


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
        found = one_doctor(connection, doctor)
        chosen = found.service(service)
        zone = ZoneInfo(found.zone)
        on = starts_at.astimezone(zone).date()
        calendar = read_calendars(connection, [found.id], found.zone, on, 1)[found.id]
    (day,) = free_days(calendar, chosen.visit, now=now)
    (untaken,) = free_days(replace(calendar, taken=""), chosen.visit, now=now)
    free, offered = starts_at in day.times, starts_at in untaken.times
    return _choice(found, chosen, starts_at, offered=offered, free=free)


def _choice(
    doctor: DoctorOffer,
    service: ServiceOffer,
    starts_at: datetime,
    *,
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
        place=doctor.place,
        offered=offered,
        free=free,
    )


@dataclass(frozen=True, kw_only=True)
class Nearest:
    """What is left near a time that is gone."""

    same: Choice | None
    nearest: tuple[Choice, ...]
    others: tuple[Choice, ...]


def nearest(doctor: str, service: str, starts_at: datetime, *, now: datetime) -> Nearest:
    """The three nearest free times of the doctor, and that very time with up to three others."""
    with reading() as connection:
        found = one_doctor(connection, doctor)
        chosen = found.service(service)
        zone = ZoneInfo(found.zone)
        on = max(starts_at, now).astimezone(zone).date()
        first = max(on - timedelta(days=WEEK), now.astimezone(zone).date())
        count = min(WEEK, (on - first).days) + FORTNIGHT
        calendar = read_calendars(connection, [found.id], found.zone, first, count)[found.id]
        others = _others(connection, found, chosen, starts_at, now=now)
    times = [at for day in free_days(calendar, chosen.visit, now=now) for at in day.times]
    times.sort(key=lambda at: (abs(at - starts_at), at))
    offers = [_choice(found, chosen, at) for at in times[: THREE + 1]]
    same = offers[0] if offers and offers[0].starts_at == starts_at else None
    rest = [each for each in offers if each is not same]
    return Nearest(same=same, nearest=tuple(rest[:THREE]), others=tuple(others))


def _others(
    connection: Connection,
    doctor: DoctorOffer,
    service: ServiceOffer,
    starts_at: datetime,
    *,
    now: datetime,
) -> list[Choice]:
    """Other doctors with the same service, or of the same specialty, free at that time."""
    pairs = [
        (each, own)
        for each in all_doctors(connection)
        if each.id != doctor.id
        for own in each.services[:1]
        if own.slug == service.slug or each.specialty_slug == doctor.specialty_slug
    ]
    if not pairs:
        return []
    on = starts_at.astimezone(ZoneInfo(doctor.zone)).date()
    read = read_calendars(connection, [each.id for each, _ in pairs], doctor.zone, on, 1)
    return [
        _choice(each, own, starts_at)
        for each, own in pairs
        if starts_at in free_days(read[each.id], own.visit, now=now)[0].times
    ][:THREE]
