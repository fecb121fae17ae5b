"""Which times do load bookings take? Fifty doctors, twenty-four visits a day, every day."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

DOCTORS = 50
A_DAY = 24
MINUTES = 20
OPENS, CLOSES = 8 * 60, 16 * 60
HALF_TAKEN_DAYS = 14
"""So many days ahead are half taken: what the board shows under load."""


@dataclass(frozen=True, kw_only=True)
class Time:
    """One visit's time: which doctor (0 to 49), when, and in which hours."""

    doctor: int
    starts_at: datetime
    opens_at: datetime
    closes_at: datetime

    @property
    def ends_at(self) -> datetime:
        """The end of the visit."""
        return self.starts_at + timedelta(minutes=MINUTES)


def ahead(today: date, zone: ZoneInfo) -> Iterator[Time]:
    """Every second time of the next two weeks, from tomorrow on."""
    for day in range(1, HALF_TAKEN_DAYS + 1):
        yield from _of_day(today + timedelta(days=day), zone, range(0, A_DAY, 2))


def later(today: date, zone: ZoneInfo) -> Iterator[Time]:
    """Every time after those two weeks, up to the horizon: for checkouts that are open."""
    for day in range(HALF_TAKEN_DAYS + 1, 58):
        yield from _of_day(today + timedelta(days=day), zone, range(A_DAY))


def before(today: date, zone: ZoneInfo) -> Iterator[Time]:
    """Every time of the past, from yesterday backwards, without end."""
    day = today
    while True:
        day -= timedelta(days=1)
        yield from _of_day(day, zone, range(A_DAY))


def _of_day(day: date, zone: ZoneInfo, numbers: range) -> Iterator[Time]:
    midnight = datetime.combine(day, time(0), zone)
    opens = midnight.replace(hour=OPENS // 60)
    closes = midnight.replace(hour=CLOSES // 60)
    for number in numbers:
        start = opens + timedelta(minutes=number * MINUTES)
        for doctor in range(DOCTORS):
            yield Time(doctor=doctor, starts_at=start, opens_at=opens, closes_at=closes)
