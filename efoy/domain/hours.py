"""What may a week of hours look like, what does it open, and whom would a change leave outside?"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from efoy.domain.errors import Conflict
from efoy.domain.slot import CELL_MINUTES, Opening, Span, Visit, day_slots, days, windows

LONG_AGO = datetime.min.replace(tzinfo=UTC)
WEEKS_SHOWN = 4
MOST_STRETCHES = 40
WEEK = timedelta(days=7)


@dataclass(frozen=True, kw_only=True)
class BookedVisit:
    """A visit somebody is booked for. ``held``: it is not paid yet, nobody's name is told.

    ``place`` is where it was offered, or None for the doctor's usual place.
    """

    id: str
    ref: str
    name: str
    starts_at: datetime
    ends_at: datetime
    service: int
    service_name: str
    place: str | None
    held: bool


def fault(opening: Opening) -> str:
    """What is wrong with one stretch, as a stable word; empty where nothing is."""
    start, end = opening.from_minute, opening.to_minute
    if start >= end:
        return "backward"
    marks = [start, end, opening.break_from or 0, opening.break_to or 0]
    if any(mark % CELL_MINUTES for mark in marks):
        return "fives"
    if (opening.break_from is None) != (opening.break_to is None):
        return "half_break"
    if opening.break_from is not None and not (
        start < opening.break_from < (opening.break_to or 0) < end
    ):
        return "break_outside"
    if opening.valid_from and opening.valid_to and opening.valid_from > opening.valid_to:
        return "dates_backward"
    return ""


def overlapping(openings: Sequence[Opening]) -> tuple[int, int] | None:
    """Two stretches (by their place in the list) in which the doctor would be twice at once."""
    for later, one in enumerate(openings):
        for earlier, other in enumerate(openings[:later]):
            if one.weekday == other.weekday and _share_dates(one, other) and _share(one, other):
                return earlier, later
    return None


def _share_dates(one: Opening, other: Opening) -> bool:
    begin = max(one.valid_from or date.min, other.valid_from or date.min)
    return begin <= min(one.valid_to or date.max, other.valid_to or date.max)


def _share(one: Opening, other: Opening) -> bool:
    return any(a < d and c < b for a, b in one.parts for c, d in other.parts)


# -- what it opens ---------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class DayTimes:
    """One day: when the doctor is there, and how many times that gives."""

    on: date
    spans: tuple[Span, ...]
    times: int


@dataclass(frozen=True, kw_only=True)
class WeekTimes:
    """Monday to Sunday as these hours open it, whatever is booked or off."""

    starts_on: date
    days: tuple[DayTimes, ...]

    @property
    def times(self) -> int:
        """How many times the whole week gives."""
        return sum(day.times for day in self.days)


def week_times(
    openings: Sequence[Opening], visit: Visit, monday: date, zone: ZoneInfo
) -> WeekTimes:
    """What a week opens for one service."""
    found = []
    for day in days(monday, 7):
        there = windows(openings, (), day, zone, visit.service)
        free = day_slots(there, visit, zone=zone, taken=(), away=(), now=LONG_AGO)
        found.append(DayTimes(on=day, spans=tuple(there), times=len(free)))
    return WeekTimes(starts_on=monday, days=tuple(found))


def weeks_worth_showing(openings: Iterable[Opening], today: date) -> list[date]:
    """Mondays: next week's, and the first whole week after each date at which the hours change."""
    found = {monday_after(today)}
    for opening in openings:
        if opening.valid_from and opening.valid_from > today:
            found.add(monday_after(opening.valid_from - timedelta(days=1)))
        if opening.valid_to and opening.valid_to >= today:
            found.add(monday_after(opening.valid_to))
    return sorted(found)[:WEEKS_SHOWN]


def monday_after(day: date) -> date:
    """The first Monday after ``day``."""
    return day + WEEK - timedelta(days=day.weekday())


def monday_of(day: date) -> date:
    """The Monday of the week ``day`` lies in."""
    return day - timedelta(days=day.weekday())


# -- whom a change leaves outside ------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class There:
    """When and where a doctor is there: weekly hours, extra hours, the zone, the usual place."""

    openings: Sequence[Opening]
    extra: Sequence[Span]
    zone: ZoneInfo
    place: str

    def covers(self, visit: BookedVisit) -> bool:
        """Whether the visit lies in hours, for its service, where it was offered."""
        day = visit.starts_at.astimezone(self.zone).date()
        where = visit.place or self.place
        return any(
            span.starts_at <= visit.starts_at
            and visit.ends_at <= span.ends_at
            and (span.place or self.place) == where
            for on in (day - timedelta(days=1), day)
            for span in windows(self.openings, self.extra, on, self.zone, visit.service)
        )


def left_outside(
    visits: Collection[BookedVisit], before: There, after: There
) -> tuple[BookedVisit, ...]:
    """The visits that lie in the hours before a change and not in those after it."""
    return tuple(v for v in visits if before.covers(v) and not after.covers(v))


class HoursClash(Conflict):
    """People are booked in the hours that would go; nothing was changed. ``visits`` are theirs."""

    def __init__(self, visits: tuple[BookedVisit, ...]) -> None:
        super().__init__(f"{len(visits)} visits")
        self.visits = visits
