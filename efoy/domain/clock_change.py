"""What becomes of a wall-clock time in the night in which the clock changes?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_DAY, _SECOND = timedelta(days=1), timedelta(seconds=1)


def real_times(day: date, start: int, end: int, zone: ZoneInfo) -> list[tuple[datetime, datetime]]:
    """The instants at which the clock shows ``start`` up to ``end`` (minutes after midnight).

    One pair, as a rule. In a night in which the clock changes, what it skips is not there, and of
    an hour that comes twice both halves are: two pairs where the times begin or end inside it.
    """
    first, last = _wall(day, start, zone, fold=0), _wall(day, end, zone, fold=1)
    if first.utcoffset() == last.utcoffset():
        found = [(first.astimezone(UTC), last.astimezone(UTC))]
    else:
        found = _over_a_change(day, start, end, zone)
    return [(begin, stop) for begin, stop in found if begin < stop]


def _wall(day: date, minute: int, zone: ZoneInfo, *, fold: int) -> datetime:
    wall = datetime.combine(day, time(0)) + timedelta(minutes=minute)
    return wall.replace(tzinfo=zone, fold=fold)


def _over_a_change(
    day: date, start: int, end: int, zone: ZoneInfo
) -> list[tuple[datetime, datetime]]:
    """The same where the offset is another at the end: cut at the change, joined if it is whole."""
    midnight = datetime.combine(day, time(0), UTC)
    change = _change_between(midnight - _DAY, midnight + 2 * _DAY, zone)
    old = (change - _SECOND).astimezone(zone).utcoffset() or timedelta(0)
    new = change.astimezone(zone).utcoffset() or timedelta(0)
    first, last = midnight + timedelta(minutes=start), midnight + timedelta(minutes=end)
    early = (first - old, min(last - old, change))
    late = (max(first - new, change), last - new)
    if early[0] < early[1] == late[0] < late[1]:
        return [(early[0], late[1])]
    return [early, late]


def _change_between(early: datetime, late: datetime, zone: ZoneInfo) -> datetime:
    """The first instant of the offset that holds at ``late``, to the second."""
    new = late.astimezone(zone).utcoffset()
    while late - early > _SECOND:
        middle = early + (late - early) // 2
        middle = middle.replace(microsecond=0)
        if middle.astimezone(zone).utcoffset() == new:
            late = middle
        else:
            early = middle
    return late


@dataclass(frozen=True, kw_only=True)
class ClockChange:
    """A night in which the clock changes: from ``shows_from`` to ``shows_to`` (wall-clock times of
    the day ``on``) is skipped, or comes twice."""

    on: date
    at: datetime
    skipped: bool
    shows_from: datetime
    shows_to: datetime


def next_clock_change(after: date, zone: ZoneInfo, *, within_days: int = 400) -> ClockChange | None:
    """The first change of the clock on ``after`` or later; None where none comes."""
    early = datetime.combine(after, time(0), zone).astimezone(UTC)
    for _ in range(within_days):
        late = early + _DAY
        old, new = early.astimezone(zone).utcoffset(), late.astimezone(zone).utcoffset()
        if old != new and old is not None and new is not None:
            at = _change_between(early, late, zone)
            walls = sorted([(at + old).replace(tzinfo=None), (at + new).replace(tzinfo=None)])
            return ClockChange(
                on=walls[0].date(),
                at=at,
                skipped=new > old,
                shows_from=walls[0],
                shows_to=walls[1],
            )
        early = late
    return None
