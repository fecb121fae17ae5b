"""When are the demo's doctors there? Breaks, another place, hours that begin or end one day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from efoy.domain.slot import Opening

EVERY_DAY = (None, None)


@dataclass(frozen=True, kw_only=True)
class DemoHours:
    """A stretch on some weekdays (digits, 0 is Monday) in clinic time.

    ``services`` are slugs (none: all of the doctor's); ``lasts`` the first and last day, counted
    from the day on which the demo is loaded.
    """

    days: str
    start: str
    end: str
    pause: tuple[str, str] | None = None
    place: str = ""
    services: tuple[str, ...] = ()
    lasts: tuple[int | None, int | None] = EVERY_DAY

    def openings(self, today: date, services: Mapping[str, int]) -> list[Opening]:
        """One for each weekday; ``services`` are the ids of the slugs."""
        first, last = (None if n is None else today + timedelta(days=n) for n in self.lasts)
        pause = self.pause or ("", "")
        return [
            Opening(
                weekday=int(day),
                from_minute=minute(self.start),
                to_minute=minute(self.end),
                break_from=minute(pause[0]) if self.pause else None,
                break_to=minute(pause[1]) if self.pause else None,
                valid_from=first,
                valid_to=last,
                place=self.place,
                services=frozenset(services[slug] for slug in self.services),
            )
            for day in self.days
        ]


def weekly(days: str, start: str, end: str, *pause: str) -> DemoHours:
    """Plain hours, perhaps with a break."""
    return DemoHours(days=days, start=start, end=end, pause=(pause[0], pause[1]) if pause else None)


def minute(clock: str) -> int:
    """Minutes after midnight of a wall-clock text like 8:40."""
    hours, minutes = clock.split(":")
    return int(hours) * 60 + int(minutes)
