"""Which times does a doctor offer? Wall-clock opening hours become instants, five minutes a cell.

Slots in the hour that a clock change skips do not exist; in the hour it repeats there are two,
told apart by their offset.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from efoy.domain.clock_change import real_times

CELL_MINUTES = 5
_CELL_SECONDS = CELL_MINUTES * 60
_DAY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Opening:
    """One stretch of a weekday (0 is Monday) in minutes after midnight, clinic wall-clock time.

    ``place`` is where (empty: the doctor's usual place); ``services`` are the ones it is kept for
    (none: all of them).
    """

    weekday: int
    from_minute: int
    to_minute: int
    valid_from: date | None = None
    valid_to: date | None = None
    break_from: int | None = None
    break_to: int | None = None
    place: str = ""
    services: frozenset[int] = frozenset()

    def on(self, day: date) -> bool:
        """Whether this stretch holds on that day."""
        return (
            self.weekday == day.weekday()
            and (self.valid_from is None or self.valid_from <= day)
            and (self.valid_to is None or day <= self.valid_to)
        )

    @property
    def parts(self) -> tuple[tuple[int, int], ...]:
        """Before and after its break, or all of it."""
        if self.break_from is None or self.break_to is None:
            return ((self.from_minute, self.to_minute),)
        return ((self.from_minute, self.break_from), (self.break_to, self.to_minute))


@dataclass(frozen=True, kw_only=True)
class Span:
    """From ``starts_at`` up to ``ends_at`` (UTC, end not included); where and for what."""

    starts_at: datetime
    ends_at: datetime
    place: str = ""
    services: frozenset[int] = frozenset()

    def overlaps(self, other: Span) -> bool:
        """Whether the two share an instant."""
        return self.starts_at < other.ends_at and other.starts_at < self.ends_at


@dataclass(frozen=True, kw_only=True)
class Visit:
    """How long a service takes, how long the doctor needs after it, and when it may be booked.

    ``service`` tells it from the doctor's others where hours are kept for some of them only.
    """

    minutes: int
    buffer_minutes: int = 0
    notice_minutes: int = 0
    horizon_days: int = 60
    service: int | None = None

    @property
    def step(self) -> timedelta:
        """From one offered time to the next: visit and buffer, up to the next full cell."""
        whole = self.minutes + self.buffer_minutes
        return timedelta(minutes=-(-whole // CELL_MINUTES) * CELL_MINUTES)


@dataclass(frozen=True, kw_only=True)
class Slot:
    """A time a doctor offers: the visit, and the opening window it lies in."""

    starts_at: datetime
    ends_at: datetime
    window: Span


def cell_of(instant: datetime) -> int:
    """The five-minute cell an instant lies in, counted from 1970 (UTC)."""
    return int(instant.timestamp()) // _CELL_SECONDS


def cell_start(cell: int) -> datetime:
    """The first instant of a cell."""
    return datetime.fromtimestamp(cell * _CELL_SECONDS, UTC)


def cells(starts_at: datetime, ends_at: datetime) -> range:
    """Every cell that [starts_at, ends_at) touches: what a claim takes, in order."""
    return range(cell_of(starts_at), cell_of(ends_at - timedelta(microseconds=1)) + 1)


def windows(
    openings: Sequence[Opening],
    extra: Sequence[Span],
    day: date,
    zone: ZoneInfo,
    service: int | None = None,
) -> list[Span]:
    """When the doctor is there on ``day`` for ``service`` (None: for any), earliest first."""
    found = [
        span
        for opening in openings
        if opening.on(day) and _serves(opening.services, service)
        for start, end in opening.parts
        for span in _spans(opening, real_times(day, start, end, zone))
    ]
    found += [
        span
        for span in extra
        if span.starts_at.astimezone(zone).date() == day and _serves(span.services, service)
    ]
    return sorted((s for s in found if s.starts_at < s.ends_at), key=lambda span: span.starts_at)


def _spans(opening: Opening, times: Sequence[tuple[datetime, datetime]]) -> Iterator[Span]:
    for begin, end in times:
        yield Span(starts_at=begin, ends_at=end, place=opening.place, services=opening.services)


def _serves(services: frozenset[int], service: int | None) -> bool:
    return service is None or not services or service in services


def _starts(window: Span, step: timedelta, zone: ZoneInfo) -> Iterator[datetime]:
    """Wall-clock steps through a window; where no clock changes, plain addition."""
    begin, end = window.starts_at.astimezone(zone), window.ends_at.astimezone(zone)
    if begin.utcoffset() == end.utcoffset():
        at = window.starts_at
        while at < window.ends_at:
            yield at
            at += step
        return
    wall = begin.replace(tzinfo=None)
    seen: set[datetime] = set()
    while wall <= end.replace(tzinfo=None):
        for fold in (0, 1):
            at = wall.replace(tzinfo=zone, fold=fold).astimezone(UTC)
            real = at.astimezone(zone).replace(tzinfo=None) == wall
            if real and at not in seen and window.starts_at <= at:
                seen.add(at)
                yield at
        wall += step


def day_slots(
    day_windows: Sequence[Span],
    visit: Visit,
    *,
    zone: ZoneInfo,
    taken: Collection[int],
    away: Sequence[Span],
    now: datetime,
) -> list[Slot]:
    """The free times of one day: inside a window, not taken, not in time off, not too soon.

    The buffer after a visit may run past the window's end; the visit itself may not.
    """
    earliest = now + timedelta(minutes=visit.notice_minutes)
    length = timedelta(minutes=visit.minutes)
    busy = timedelta(minutes=visit.minutes + visit.buffer_minutes)
    found: dict[datetime, Slot] = {}
    for window in day_windows:
        for start in _starts(window, visit.step, zone):
            end = start + length
            if end > window.ends_at or start < earliest or start <= now:
                continue
            if any(cell in taken for cell in cells(start, start + busy)):
                continue
            span = Span(starts_at=start, ends_at=end)
            if not any(span.overlaps(off) for off in away):
                found[start] = Slot(starts_at=start, ends_at=end, window=window)
    return [found[start] for start in sorted(found)]


def horizon_end(visit: Visit, zone: ZoneInfo, now: datetime) -> date:
    """The last local day that may be booked."""
    return now.astimezone(zone).date() + timedelta(days=visit.horizon_days)


def days(first: date, count: int) -> list[date]:
    """``count`` days from ``first`` on."""
    return [first + _DAY * n for n in range(count)]
