"""What was typed into the rows of a doctor's hours, and is it a week of hours?

A row is kept as it was typed, also where it cannot be understood: nothing typed is lost.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from flask_babel import gettext as _

from efoy.domain.hours import MOST_STRETCHES, fault, overlapping
from efoy.domain.slot import Opening
from efoy.web.forms import has_controls
from efoy.web.parameters import DAY, YEARS

CLOCK = re.compile(r"([0-9]{1,2})[:.]([0-9]{2})(?::00)?\s*([ap]m)?", re.IGNORECASE)
ROW = re.compile(r"day-([0-9]{1,3})")
TICK = re.compile(r"service-([0-9]{1,9})")
MIDNIGHT, NOON = 1440, 720


@dataclass(frozen=True, kw_only=True)
class TypedRow:
    """One row as typed; ``errors`` names what is wrong, field by field."""

    day: str = "0"
    start: str = ""
    end: str = ""
    pause_start: str = ""
    pause_end: str = ""
    since: str = ""
    until: str = ""
    place: str = ""
    services: frozenset[int] = frozenset()
    errors: Mapping[str, str] = field(default_factory=dict)

    @property
    def weekday(self) -> int:
        """Its day of the week; Monday where nonsense was sent."""
        return int(self.day) if self.day in set("0123456") else 0

    @property
    def empty(self) -> bool:
        """Whether nobody typed anything into it."""
        return not (self.start or self.end or self.pause_start or self.pause_end)

    @property
    def special(self) -> bool:
        """Whether it has dates, a place or services of its own."""
        return bool(self.since or self.until or self.place or self.services)


def typed_rows(form: Mapping[str, str]) -> list[TypedRow]:
    """The rows of a form in their order; no more than there may be."""
    found = (ROW.fullmatch(name) for name in form)
    numbers = sorted({int(match[1]) for match in found if match})
    return [_typed(form, number) for number in numbers[:MOST_STRETCHES]]


def _typed(form: Mapping[str, str], number: int) -> TypedRow:
    def text(name: str, most: int = 20) -> str:
        return form.get(f"{name}-{number}", "").strip()[:most]

    return TypedRow(
        day=text("day"),
        start=text("start"),
        end=text("end"),
        pause_start=text("pause_start"),
        pause_end=text("pause_end"),
        since=text("since"),
        until=text("until"),
        place=text("place", 200),
        services=ticked(form, f"-{number}"),
    )


def ticked(form: Mapping[str, str], tail: str = "") -> frozenset[int]:
    """The services that are ticked in a form, or in one row of it."""
    names = (name.removesuffix(tail) for name in form if name.endswith(tail))
    found = (TICK.fullmatch(name) for name in names)
    return frozenset(int(match[1]) for match in found if match)


def row_of(opening: Opening) -> TypedRow:
    """The row of hours that are there."""
    return TypedRow(
        day=str(opening.weekday),
        start=clock_text(opening.from_minute),
        end=clock_text(opening.to_minute),
        pause_start=clock_text(opening.break_from),
        pause_end=clock_text(opening.break_to),
        since=opening.valid_from.isoformat() if opening.valid_from else "",
        until=opening.valid_to.isoformat() if opening.valid_to else "",
        place=opening.place,
        services=opening.services,
    )


def clock_text(minute: int | None) -> str:
    """``09:20``, as a field for a time of day has it; empty for None."""
    return "" if minute is None else f"{minute % MIDNIGHT // 60:02d}:{minute % 60:02d}"


def read_rows(
    rows: Sequence[TypedRow], offered: frozenset[int]
) -> tuple[list[TypedRow], list[Opening]]:
    """The rows with their errors, and the hours they say; hours count only without errors.

    Rows without times are left out.
    """
    read = [_read(row, offered) for row in rows if not row.empty]
    told = [row for row, _opening in read]
    openings = [opening for _row, opening in read if opening is not None]
    if len(openings) == len(told) and (pair := overlapping(openings)):
        words = _("These hours overlap with those of row %(row)s", row=pair[0] + 1)
        told[pair[1]] = replace(told[pair[1]], errors={"start": words})
    return told, openings


def _read(row: TypedRow, offered: frozenset[int]) -> tuple[TypedRow, Opening | None]:
    errors: dict[str, str] = {}
    start = _minute(row.start, "start", errors, needed=True)
    end = _minute(row.end, "end", errors, needed=True)
    opening = Opening(
        weekday=row.weekday,
        from_minute=start or 0,
        to_minute=MIDNIGHT if end == 0 else end or 0,
        break_from=_minute(row.pause_start, "pause_start", errors),
        break_to=_minute(row.pause_end, "pause_end", errors),
        valid_from=_day(row.since, "since", errors),
        valid_to=_day(row.until, "until", errors),
        place=row.place,
        services=chosen(row.services, offered),
    )
    if wrong_place := place_error(row.place):
        errors["place"] = wrong_place
    if not errors and (word := fault(opening)):
        name, words = _told(word)
        errors[name] = words
    return replace(row, errors=errors), None if errors else opening


def chosen(ticks: frozenset[int], offered: frozenset[int]) -> frozenset[int]:
    """The services that were meant: every one ticked is the same as none, also of those to come."""
    return frozenset() if ticks >= offered else ticks & offered


def _told(word: str) -> tuple[str, str]:
    """The field and the words of a fault."""
    return {
        "backward": ("end", _("The end must come after the start")),
        "fives": ("start", _("Use full five minutes, like 9:20")),
        "half_break": ("pause_start", _("A break needs a beginning and an end")),
        "break_outside": ("pause_start", _("The break must lie inside the hours")),
        "dates_backward": ("until", _("The last day must not come before the first")),
    }[word]


def _minute(text: str, name: str, errors: dict[str, str], *, needed: bool = False) -> int | None:
    found = minute_of(text)
    if found is None and (text or needed):
        errors[name] = _("Enter a time, like 9:20")
    return found


def minute_of(text: str) -> int | None:
    """A time of day as minutes after midnight: ``09:20``, ``9:20 pm``; None for anything else."""
    match = CLOCK.fullmatch(text)
    if match is None:
        return None
    hour, minute = int(match[1]), int(match[2])
    if match[3]:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if match[3].lower() == "pm" else 0)
    return hour * 60 + minute if hour < 24 and minute < 60 else None


def _day(text: str, name: str, errors: dict[str, str]) -> date | None:
    found = day_of(text)
    if found is None and text:
        errors[name] = _("Enter a day, like 2026-11-24")
    return found


def day_of(text: str) -> date | None:
    """A day as a field has it, None for anything else."""
    try:
        found = date.fromisoformat(text) if DAY.fullmatch(text) else None
    except ValueError:
        return None
    return found if found and found.year in YEARS else None


def place_error(text: str) -> str:
    """What is wrong with a place; empty where nothing is."""
    if len(text) > 120:
        return _("Use %(most)s characters at most", most=120)
    return _("Take out the characters that cannot be printed") if has_controls(text) else ""
