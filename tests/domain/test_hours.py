"""Do hours become exactly the times that the clock on the wall shows? Against a slow oracle.

The oracle knows no arithmetic of clocks: it walks through every minute of the day and the days
beside it and asks what the wall shows.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from efoy.domain.clock_change import next_clock_change, real_times
from efoy.domain.slot import Opening, Span, Visit, day_slots, windows

NEW_YORK, CAIRO, NAIROBI = "America/New_York", "Africa/Cairo", "Africa/Nairobi"
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
SPRING, AUTUMN = date(2026, 3, 8), date(2026, 11, 1)
CHANGES = (SPRING, AUTUMN, date(2026, 4, 24), date(2026, 10, 29), date(2026, 10, 30))
days = st.sampled_from(CHANGES) | st.dates(date(2026, 1, 1), date(2027, 12, 31))
zones = st.sampled_from([NEW_YORK, CAIRO, NAIROBI])
fives = st.integers(0, 288).map(lambda n: n * 5)


@st.composite
def openings(draw, day: date) -> Opening:
    """A stretch of that weekday or of another, with or without a break and dates."""
    marks = sorted(draw(st.lists(fives, min_size=4, max_size=4, unique=True)))
    paused = draw(st.booleans())
    near = st.none() | st.integers(-2, 2).map(lambda n: day + timedelta(days=n))
    return Opening(
        weekday=draw(st.sampled_from([day.weekday(), day.weekday(), (day.weekday() + 1) % 7])),
        from_minute=marks[0],
        to_minute=marks[3],
        break_from=marks[1] if paused else None,
        break_to=marks[2] if paused else None,
        valid_from=draw(near),
        valid_to=draw(near),
        services=draw(st.sampled_from([frozenset(), frozenset({1}), frozenset({2, 3})])),
    )


def minutes_around(day: date) -> list[datetime]:
    """Every minute that could belong to a local day."""
    begin = datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(hours=26)
    return [begin + n * MINUTE for n in range(76 * 60)]


def holds(opening: Opening, day: date, service: int) -> bool:
    """Weekday, dates and services, said once more."""
    return (
        opening.weekday == day.weekday()
        and not (opening.valid_from and day < opening.valid_from)
        and not (opening.valid_to and day > opening.valid_to)
        and (not opening.services or service in opening.services)
    )


def parts(opening: Opening):
    """From and to, without the break."""
    if opening.break_from is None:
        return [(opening.from_minute, opening.to_minute)]
    return [(opening.from_minute, opening.break_from), (opening.break_to, opening.to_minute)]


def open_runs(day: date, start: int, end: int, zone: ZoneInfo) -> list[list[datetime]]:
    """The minutes at which the wall shows ``start`` up to ``end`` of that day, run by run."""
    shown = []
    for at in minutes_around(day):
        wall = at.astimezone(zone)
        if wall.date() == day and start <= wall.hour * 60 + wall.minute < end:
            shown.append(at)
    numbered = groupby(enumerate(shown), key=lambda pair: pair[1] - pair[0] * MINUTE)
    return [[at for _, at in run] for _, run in numbered]


def expected(opening: Opening, day: date, visit: Visit, zone: ZoneInfo) -> set[datetime]:
    """Every start in a run that is a whole number of steps on the wall after the run's first."""
    if not holds(opening, day, visit.service):
        return set()
    found = set()
    step = int(visit.step / MINUTE)
    for start, end in parts(opening):
        for run in open_runs(day, start, end, zone):
            first = run[0].astimezone(zone).replace(tzinfo=None)
            for at in run:
                wall = at.astimezone(zone).replace(tzinfo=None)
                on_grid = (wall - first) / MINUTE % step == 0 and wall >= first
                if on_grid and at + timedelta(minutes=visit.minutes) <= run[-1] + MINUTE:
                    found.add(at)
    return found


def offered(opening: Opening, day: date, visit: Visit, zone: ZoneInfo) -> set[datetime]:
    """What the clinic offers."""
    there = windows([opening], [], day, zone, visit.service)
    free = day_slots(there, visit, zone=zone, taken=(), away=(), now=LONG_AGO)
    return {slot.starts_at for slot in free}


@given(data=st.data(), day=days, zone=zones, minutes=st.integers(5, 90), buffer=st.integers(0, 20))
def test_the_times_are_those_the_wall_shows(data, day, zone, minutes, buffer):
    opening = data.draw(openings(day))
    visit = Visit(minutes=minutes, buffer_minutes=buffer, service=2)
    place = ZoneInfo(zone)

    assert offered(opening, day, visit, place) == expected(opening, day, visit, place)


@given(day=days, zone=zones, edges=st.lists(fives, min_size=2, max_size=2, unique=True))
@example(day=SPRING, zone=NEW_YORK, edges=[60, 150])
@example(day=SPRING, zone=NEW_YORK, edges=[150, 300])
@example(day=SPRING, zone=NEW_YORK, edges=[125, 175])
@example(day=AUTUMN, zone=NEW_YORK, edges=[30, 90])
@example(day=AUTUMN, zone=NEW_YORK, edges=[90, 180])
@example(day=AUTUMN, zone=NEW_YORK, edges=[70, 100])
@example(day=date(2026, 4, 24), zone=CAIRO, edges=[0, 90])
@example(day=date(2026, 10, 29), zone=CAIRO, edges=[1380, 1440])
def test_hours_are_as_long_as_the_wall_shows_them(day, zone, edges):
    start, end = sorted(edges)
    place = ZoneInfo(zone)

    found = real_times(day, start, end, place)

    assert found == [(run[0], run[-1] + MINUTE) for run in open_runs(day, start, end, place)]


@pytest.mark.parametrize(
    ("zone", "after", "on", "skipped", "walls"),
    [
        (NEW_YORK, date(2026, 11, 21), date(2027, 3, 14), True, ("02:00", "03:00")),
        (NEW_YORK, date(2026, 10, 1), AUTUMN, False, ("01:00", "02:00")),
        (NEW_YORK, AUTUMN, AUTUMN, False, ("01:00", "02:00")),
        (NEW_YORK, date(2026, 11, 2), date(2027, 3, 14), True, ("02:00", "03:00")),
        (CAIRO, date(2026, 4, 1), date(2026, 4, 24), True, ("00:00", "01:00")),
        ("Australia/Lord_Howe", date(2026, 9, 1), date(2026, 10, 4), True, ("02:00", "02:30")),
    ],
)
def test_the_next_change_of_the_clock_is_known(zone, after, on, skipped, walls):
    change = next_clock_change(after, ZoneInfo(zone))

    assert (change.on, change.skipped) == (on, skipped)
    assert (f"{change.shows_from:%H:%M}", f"{change.shows_to:%H:%M}") == walls


def test_where_the_clock_never_changes_no_change_is_named():
    assert next_clock_change(date(2026, 1, 1), ZoneInfo(NAIROBI)) is None


def test_hours_for_some_services_open_for_no_other():
    monday = date(2026, 11, 23)
    checks = Opening(weekday=0, from_minute=540, to_minute=600, services=frozenset({3}))
    evening = Span(
        starts_at=datetime(2026, 11, 23, 23, tzinfo=UTC),
        ends_at=datetime(2026, 11, 24, 0, tzinfo=UTC),
        services=frozenset({4}),
    )

    there = {
        service: len(windows([checks], [evening], monday, ZoneInfo(NEW_YORK), service))
        for service in (3, 4, 5, None)
    }

    assert there == {3: 1, 4: 1, 5: 0, None: 2}
