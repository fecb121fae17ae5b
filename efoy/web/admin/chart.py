"""How are thirty days of money drawn? Bars in whole units; the table beside them is exact."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from efoy.domain.money import Money, decimals
from efoy.queries.admin.month_days import MoneyDay

STEP, TALL, LINES = 10, 120, 3
"""Width of a day and height of the box in its own units, and how many lines stand above zero."""


@dataclass(frozen=True, kw_only=True)
class Bar:
    """One day: where it begins, how high it is, and how much of it (from below) went back."""

    x: str
    collected: int
    refunded: int


@dataclass(frozen=True, kw_only=True)
class Chart:
    """The drawing: ``labels`` from the top line down to zero, a bar a day, the days themselves."""

    width: int
    labels: Sequence[Money]
    bars: Sequence[Bar]
    days: Sequence[MoneyDay]


def chart(days: Sequence[MoneyDay]) -> Chart | None:
    """The drawing of these days; None where nothing moved on any of them."""
    highest = max((max(day.collected.minor, day.refunded.minor) for day in days), default=0)
    if highest <= 0:
        return None
    currency = days[0].collected.currency
    line = _round_up(-(-highest // LINES), 10 ** decimals(currency))
    top = line * LINES
    return Chart(
        width=STEP * len(days),
        labels=[Money(line * above, currency) for above in range(LINES, -1, -1)],
        bars=[
            Bar(
                x=f"{STEP * place + 1}.6",
                collected=_height(day.collected, top),
                refunded=_height(day.refunded, top),
            )
            for place, day in enumerate(days)
        ],
        days=days,
    )


def _height(amount: Money, top: int) -> int:
    """In units of the box; the smallest amount can still be seen."""
    tall = max(amount.minor, 0) * TALL // top
    return max(tall, 2) if amount.minor > 0 else 0


def _round_up(minor: int, whole: int) -> int:
    """A round number of whole units at least as large: 1, 2, 4 or 5 times a power of ten."""
    size = whole
    while True:
        for times in (1, 2, 4, 5):
            if size * times >= minor:
                return size * times
        size *= 10
