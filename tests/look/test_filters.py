"""Are amounts, days and times written as the interface design says?"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from efoy import wording as filters
from efoy.domain.money import Money
from tests.look.samples import CLINIC, Row

ZONE = "America/New_York"
WHEN = datetime(2026, 11, 24, 14, 20, tzinfo=UTC)
SPACE = "\u00a0"


@pytest.mark.parametrize(
    ("amount", "written"),
    [
        (Money(4500, "USD"), "$45.00"),
        (Money(-4500, "USD"), "−$45.00"),
        (Money(195_950_00, "USD"), "$195,950.00"),
        (Money(5, "USD"), "$0.05"),
        (Money(0, "USD"), "$0.00"),
        (Money(1200, "JPY"), "¥1,200"),
        (Money(123_450, "KES"), f"KES{SPACE}1,234.50"),
        (Money(500_000, "UGX"), f"UGX{SPACE}5,000.00"),
        (Money(-4500, "ETB"), f"−ETB{SPACE}45.00"),
    ],
)
def test_money_is_written_from_whole_minor_units(amount: Money, written: str) -> None:
    assert filters.money(amount, "en") == written


def test_an_amount_for_a_field_has_no_symbol_and_no_grouping() -> None:
    assert filters.amount_text(Money(123_450, "USD")) == "1234.50"
    assert filters.amount_text(Money(1200, "JPY")) == "1200"


def test_days_are_words() -> None:
    assert filters.day(WHEN, ZONE, "en") == "Tuesday 24 November"
    assert filters.day_short(WHEN, ZONE, "en") == "Tue 24 Nov"
    assert filters.day_year(WHEN, ZONE, "en") == "24 November 2026"
    assert filters.day_full(date(2026, 11, 24), ZONE, "en") == "Tuesday 24 November 2026"
    assert filters.day_part(WHEN, "d MMM", ZONE, "en") == "24 Nov"


@pytest.mark.parametrize(
    ("hour", "written"),
    [(0, "12:05"), (9, "9:05"), (11, "11:05"), (12, "12:05"), (13, "1:05"), (23, "11:05")],
)
def test_the_clock_has_twelve_hours_and_a_space_that_does_not_break(
    hour: int, written: str
) -> None:
    when = datetime(2026, 11, 24, hour, 5, tzinfo=UTC)

    assert filters.clock(when, "UTC", "en") == f"{written}{SPACE}{'am' if hour < 12 else 'pm'}"


def test_times_are_the_clinics_and_survive_the_clock_change() -> None:
    before = datetime(2026, 11, 1, 5, 30, tzinfo=UTC)

    assert filters.clock(before, ZONE, "en") == f"1:30{SPACE}am{SPACE}EDT"
    after = before + timedelta(hours=1)
    assert filters.clock(after, ZONE, "en") == f"1:30{SPACE}am{SPACE}EST"
    assert filters.day(datetime(2026, 11, 24, 2, tzinfo=UTC), ZONE, "en") == "Monday 23 November"


def test_day_and_time_stand_together() -> None:
    assert filters.datetime_short(WHEN, ZONE, "en") == f"Tue 24 Nov, 9:20{SPACE}am"
    assert filters.datetime_long(WHEN, ZONE, "en") == f"Tuesday 24 November, 9:20{SPACE}am"
    assert filters.datetime_year(WHEN, ZONE, "en") == f"24 November 2026, 9:20{SPACE}am"
    assert filters.datetime_short("2026-11-24T14:20:00+00:00", ZONE, "en").startswith("Tue 24 Nov")


def test_other_languages_keep_their_own_clock() -> None:
    assert filters.clock(WHEN, "Africa/Addis_Ababa", "sw") == "17:20"


def test_the_zone_has_the_clinics_name_or_the_languages() -> None:
    assert filters.zone_name(CLINIC, "en") == "Eastern"
    assert filters.zone_name(Row(zone=ZONE, zone_label=""), "en") == "Eastern Time"


@pytest.mark.parametrize(
    ("minutes", "written"),
    [(20, "20 min"), (60, "1 h"), (timedelta(hours=17, minutes=56), "17 h 56 min"), (0, "0 min")],
)
def test_durations_are_hours_and_minutes(minutes: int | timedelta, written: str) -> None:
    assert filters.duration(minutes).replace(SPACE, " ") == written


def test_small_forms() -> None:
    assert filters.iso(WHEN) == "2026-11-24T14:20:00Z"
    assert filters.initials("Dr Hana Tesfaye") == "HT"
    assert filters.initials("Madonna") == "M"
    assert filters.tel("+1 (301) 555-0142") == "+13015550142"
