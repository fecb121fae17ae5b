"""Are the free times the ones the hours allow, on both nights the clocks change too?"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from efoy.domain.errors import NotFound
from efoy.domain.slot import Visit, cell_of, cells
from efoy.models import ExtraHours, OpeningHours, TimeOff
from efoy.models.base import transaction
from efoy.queries.board import board
from efoy.queries.choices import choice, what_is_left
from efoy.queries.doctor_page import doctor_page
from efoy.queries.slots import Calendar, free_days, free_times

ZONE = "America/New_York"
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
MONDAY = date(2026, 11, 23)


def calendar(first: date, *hours: tuple[int, int], count: int = 1, taken: str = "", **more):
    """A calendar open at these minutes of every weekday."""
    rows = tuple((day, start, end, None, None) for day in range(7) for start, end in hours)
    given = {"extra": (), "away": (), **more}
    return Calendar(zone=ZONE, first=first, count=count, hours=rows, taken=taken, **given)


def walls(days, zone: str = ZONE) -> list[str]:
    """The times of all days as the clinic's clock shows them, with the offset."""
    times = [at.astimezone(ZoneInfo(zone)) for day in days for at in day.times]
    return [at.strftime("%H:%M%z") for at in times]


def local(day: date, hour: int, minute: int = 0) -> datetime:
    """An instant by the clinic's clock."""
    wall = datetime(day.year, day.month, day.day, hour, minute, tzinfo=ZoneInfo(ZONE))
    return wall.astimezone(UTC)


def far(**given) -> Visit:
    """A visit that may be booked years ahead."""
    return Visit(horizon_days=2000, **given)


# -- clocks that change -------------------------------------------------------------------------


def test_the_hour_that_spring_skips_has_no_times():
    night = calendar(date(2026, 3, 8), (60, 240))

    shown = walls(free_days(night, far(minutes=30), now=LONG_AGO))

    assert shown == ["01:00-0500", "01:30-0500", "03:00-0400", "03:30-0400"]


def test_the_hour_that_autumn_repeats_has_its_times_twice():
    night = calendar(date(2026, 11, 1), (60, 180))

    shown = walls(free_days(night, far(minutes=30), now=datetime(2026, 10, 20, tzinfo=UTC)))

    assert shown == [
        "01:00-0400",
        "01:30-0400",
        "01:00-0500",
        "01:30-0500",
        "02:00-0500",
        "02:30-0500",
    ]


def test_a_working_day_keeps_its_wall_clock_times_over_a_change():
    week = calendar(date(2026, 10, 30), (540, 600), count=4)

    days = free_days(week, far(minutes=60), now=datetime(2026, 10, 20, tzinfo=UTC))

    assert [at.astimezone(ZoneInfo(ZONE)).hour for day in days for at in day.times] == [9] * 4
    assert [at.hour for day in days for at in day.times] == [13, 13, 14, 14]


# -- notice, horizon, breaks, time off ----------------------------------------------------------


def test_times_too_soon_are_not_offered():
    day = calendar(MONDAY, (540, 720))

    visit = far(minutes=60, notice_minutes=60)

    assert walls(free_days(day, visit, now=local(MONDAY, 9))) == ["10:00-0500", "11:00-0500"]
    assert walls(free_days(day, visit, now=local(MONDAY, 9, 1))) == ["11:00-0500"]


def test_what_began_is_over_even_without_notice():
    day = calendar(MONDAY, (540, 720))

    shown = walls(free_days(day, far(minutes=60), now=local(MONDAY, 10)))

    assert shown == ["11:00-0500"]


def test_days_past_the_horizon_are_closed():
    fortnight = calendar(MONDAY, (540, 720), count=14)

    days = free_days(fortnight, Visit(minutes=60, horizon_days=3), now=local(MONDAY, 8))

    assert [bool(day.times) for day in days] == [True] * 4 + [False] * 10
    assert [day.open for day in days] == [True] * 4 + [False] * 10


def test_a_break_is_not_offered_and_no_visit_runs_into_it():
    day = calendar(MONDAY, (540, 720), (780, 900))

    shown = walls(free_days(day, far(minutes=45), now=LONG_AGO + timedelta(days=300)))

    assert [each[:5] for each in shown] == ["09:00", "09:45", "10:30", "11:15", "13:00", "13:45"]


def test_time_off_takes_every_visit_it_touches():
    off = (local(MONDAY, 10, 30), local(MONDAY, 11))
    day = calendar(MONDAY, (540, 720), away=(off,))

    shown = walls(free_days(day, far(minutes=60), now=local(MONDAY, 7)))

    assert [each[:5] for each in shown] == ["09:00", "11:00"]


def test_extra_hours_open_a_day():
    extra = ((local(MONDAY, 18), local(MONDAY, 19)),)
    day = calendar(MONDAY, extra=extra)

    shown = walls(free_days(day, far(minutes=30), now=local(MONDAY, 7)))

    assert [each[:5] for each in shown] == ["18:00", "18:30"]


def test_a_longer_visit_is_refused_where_a_shorter_one_fits():
    busy = ",".join(str(cell) for cell in cells(local(MONDAY, 9, 30), local(MONDAY, 10)))
    day = calendar(MONDAY, (540, 660), taken=busy)
    now = local(MONDAY, 7)

    short = walls(free_days(day, far(minutes=15), now=now))
    long = walls(free_days(day, far(minutes=40, buffer_minutes=5), now=now))

    assert [each[:5] for each in short] == ["09:00", "09:15", "10:00", "10:15", "10:30", "10:45"]
    assert [each[:5] for each in long] == []


@given(
    minutes=st.integers(5, 120),
    buffer=st.integers(0, 30),
    opening=st.tuples(st.integers(0, 1380), st.integers(10, 600)),
    taken=st.lists(st.integers(0, 287), max_size=12),
    day=st.dates(date(2026, 1, 1), date(2027, 12, 31)),
)
def test_every_free_time_lies_in_hours_and_touches_no_taken_cell(
    minutes, buffer, opening, taken, day
):
    start, length = opening
    end = min(start + length, 1440)
    midnight = cell_of(datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(ZONE)))
    busy = {midnight + cell for cell in taken}
    here = calendar(day, (start, end), taken=",".join(map(str, busy)))
    visit = Visit(minutes=minutes, buffer_minutes=buffer, horizon_days=9999)

    (found,) = free_days(here, visit, now=LONG_AGO)

    assert list(found.times) == sorted(set(found.times))
    for at in found.times:
        wall = at.astimezone(ZoneInfo(ZONE))
        assert wall.date() == day
        assert start <= wall.hour * 60 + wall.minute
        claimed = cells(at, at + timedelta(minutes=minutes + buffer))
        assert not busy.intersection(claimed)
    shown = [at.astimezone(ZoneInfo(ZONE)) for at in found.times]
    for one, other in pairwise(shown):
        if one.utcoffset() == other.utcoffset():  # over a change, offers may overlap; claims decide
            assert other - one >= timedelta(minutes=minutes)


# -- from the tables ----------------------------------------------------------------------------


def test_a_held_time_is_gone_for_everyone_and_comes_back(story):
    before = free_times("hana-tesfaye", "see-the-doctor", first=MONDAY, count=2, now=story.clock())

    held = story.hold(story.time(25))
    during = free_times("hana-tesfaye", "see-the-doctor", first=MONDAY, count=2, now=story.clock())
    story.cancel(held.id)
    after = free_times("hana-tesfaye", "see-the-doctor", first=MONDAY, count=2, now=story.clock())

    assert set(before[1].times) - set(during[1].times) == {story.time(25)}
    assert after == before


def test_a_service_nobody_offers_is_not_found(story):
    with pytest.raises(NotFound):
        free_times("hana-tesfaye", "massage", first=MONDAY, count=1, now=story.clock())
    with pytest.raises(NotFound):
        free_times("nobody", "see-the-doctor", first=MONDAY, count=1, now=story.clock())


def test_new_time_off_counts_at_the_next_look(story):
    with transaction("seed") as session:
        span = {"starts_at": local(MONDAY, 0), "ends_at": local(MONDAY, 23)}
        session.add(TimeOff(doctor_id=1, **span))

    found = free_times("hana-tesfaye", "see-the-doctor", first=MONDAY, count=1, now=story.clock())

    assert found[0].times == ()


def test_extra_hours_of_one_doctor_are_not_another_doctors(story):
    evening = local(MONDAY, 19)
    with transaction("seed") as session:
        session.add(
            ExtraHours(doctor_id=1, starts_at=evening, ends_at=evening + timedelta(hours=1))
        )

    hers = choice("hana-tesfaye", "see-the-doctor", evening, now=story.clock())
    his = choice("samuel-mwangi", "see-the-doctor", evening, now=story.clock())

    assert hers.free
    assert not his.free


def test_the_board_shows_the_soonest_doctor_first(story):
    with transaction("seed") as session:
        away = TimeOff(doctor_id=1, starts_at=local(MONDAY, 0), ends_at=local(MONDAY, 23))
        session.add(away)

    found = board("", "", now=story.clock())

    assert [each.slug for each in found.doctors] == ["samuel-mwangi", "hana-tesfaye"]
    assert found.days[0] == MONDAY
    assert found.doctors[0].quick[0] == local(MONDAY, 10)


@pytest.mark.parametrize(
    ("words", "slugs"),
    [
        ("tesfaye", ["hana-tesfaye"]),
        ("Dr. TESFAYE", ["hana-tesfaye"]),
        ("samuél", ["samuel-mwangi"]),
        ("general", ["hana-tesfaye", "samuel-mwangi"]),
        ("nobody at all", []),
        ("%", []),
    ],
)
def test_the_board_finds_by_name_and_need(story, words, slugs):
    found = board(words, "", now=story.clock())

    assert sorted(each.slug for each in found.doctors) == slugs


def test_the_doctors_page_opens_on_the_first_week_with_a_free_time(story):
    with transaction("seed") as session:
        away = TimeOff(doctor_id=1, starts_at=local(MONDAY, 0), ends_at=local(date(2026, 12, 9), 0))
        session.add(away)

    page = doctor_page("hana-tesfaye", now=story.clock())
    this_week = doctor_page("hana-tesfaye", week=MONDAY, now=story.clock())

    assert page.week.starts_on == date(2026, 12, 7)
    assert page.day == date(2026, 12, 9)
    assert this_week.parts == ()
    assert this_week.next_free == local(date(2026, 12, 9), 9)


def test_weeks_that_cannot_be_booked_become_the_nearest_that_can(story):
    past = doctor_page("hana-tesfaye", week=date(2001, 1, 1), now=story.clock())
    future = doctor_page("hana-tesfaye", week=date(2190, 1, 1), now=story.clock())

    assert past.week.starts_on == MONDAY
    assert past.week.previous is None
    assert future.week.starts_on == date(2027, 1, 18)
    assert future.week.next is None


def test_the_nearest_times_are_the_three_closest_and_the_others_are_free_then(story):
    story.hold(story.time(25))

    found = what_is_left("hana-tesfaye", "see-the-doctor", story.time(25), now=story.clock())

    gaps = [abs(each.starts_at - story.time(25)) for each in found.nearest]
    assert found.wish.offered
    assert not found.wish.free
    assert gaps == [timedelta(minutes=20), timedelta(minutes=20), timedelta(minutes=40)]
    assert [each.doctor_slug for each in found.others] == ["samuel-mwangi"]
    assert {each.starts_at for each in found.others} == {story.time(25)}


def test_a_doctor_who_has_no_hours_is_on_the_board_without_times(story):
    with transaction("seed") as session:
        for row in session.query(OpeningHours).filter_by(doctor_id=2):
            session.delete(row)

    cards = {each.slug: each for each in board("", "", now=story.clock()).doctors}

    assert cards["samuel-mwangi"].quick == ()
    assert list(cards)[-1] == "samuel-mwangi"
