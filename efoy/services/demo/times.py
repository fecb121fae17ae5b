"""Which times do the demo's bookings take? Chosen by chance, the same chance every time."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from efoy.domain import slot as slots
from efoy.services.demo import place
from efoy.services.demo.rows import away

BACK, AHEAD = 28, 21
"""Days that the demo's bookings reach into the past and the future."""
CARDS = (
    ("visa", "4242"),
    ("visa", "8210"),
    ("mastercard", "0057"),
    ("amex", "0005"),
    ("visa", "1881"),
)


@dataclass(frozen=True, kw_only=True)
class Opportunity:
    """A time that could be booked."""

    doctor: str
    service: place.DemoService
    starts_at: datetime


def dice() -> random.Random:
    """The demo's chance: not secret, and always the same."""
    return random.Random(19)  # noqa: S311


def opportunities(now: datetime, chance: random.Random) -> Iterator[Opportunity]:
    """About three times per doctor and working day, in a mixed order of days."""
    first = now.astimezone(ZoneInfo(place.ZONE)).date() - timedelta(days=BACK)
    days = slots.days(first, BACK + AHEAD)
    chance.shuffle(days)
    for day in days:
        for doctor in place.DOCTORS:
            yield from _of_day(doctor, day, now, chance)


def _of_day(
    doctor: place.DemoDoctor, day: date, now: datetime, chance: random.Random
) -> Iterator[Opportunity]:
    service = _service(chance.choice(doctor.services))
    found = _free(doctor, service, day, now)
    for slot in chance.sample(found, min(len(found), chance.choice((1, 2, 2, 3)))):
        yield Opportunity(doctor=doctor.slug, service=service, starts_at=slot.starts_at)


def _service(slug: str) -> place.DemoService:
    return next(service for service in place.SERVICES if service.slug == slug)


def _free(
    doctor: place.DemoDoctor, service: place.DemoService, day: date, now: datetime
) -> list[slots.Slot]:
    zone = ZoneInfo(place.ZONE)
    numbers = {each.slug: number for number, each in enumerate(place.SERVICES, 1)}
    today = now.astimezone(zone).date()
    openings = [one for hours in doctor.hours for one in hours.openings(today, numbers)]
    return slots.day_slots(
        slots.windows(openings, (), day, zone, numbers[service.slug]),
        slots.Visit(minutes=service.minutes, buffer_minutes=service.buffer),
        zone=zone,
        taken=(),
        away=[slots.Span(starts_at=a, ends_at=b) for a, b, _ in away(doctor, now)],
        now=datetime(2000, 1, 1, tzinfo=UTC),
    )
