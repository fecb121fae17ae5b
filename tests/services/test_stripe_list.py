"""Is a long list asked for in windows that leave nothing out and hold about as many each?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from efoy.services.stripe_list import FEW, WINDOWS, _windows

NOW = datetime(2026, 11, 20, 14, 0, tzinfo=UTC)


def made(count: int) -> list[datetime]:
    return [NOW - timedelta(minutes=30) + timedelta(seconds=n) for n in range(count)]


def test_a_short_list_is_one_window_from_before_the_first_into_the_future():
    ((first, last),) = _windows(made(FEW), NOW)

    assert first < made(1)[0]
    assert last > NOW


def test_a_long_list_is_parted_evenly_without_a_gap():
    created = made(4 * FEW)

    windows = _windows(created, NOW)

    assert len(windows) == WINDOWS
    assert all(before[1] == after[0] for before, after in pairwise(windows))
    assert windows[0][0] < created[0]
    assert windows[-1][1] > NOW
    sizes = [sum(first <= at <= last for at in created) for first, last in windows]
    assert max(sizes) - min(sizes) <= 2


def test_many_of_one_second_are_all_in_a_window():
    same = [NOW] * (2 * FEW)

    windows = _windows(same, NOW)

    assert any(first <= NOW <= last for first, last in windows)
