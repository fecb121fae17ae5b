"""Which time is meant? Days and clock times as typed, into instants at the clinic."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import lazy_gettext as _l
from wtforms import StringField

from efoy.web.forms import BaseForm, Words, strip
from efoy.web.parameters import DAY, YEARS

CLOCK = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])")
LONGEST = timedelta(days=400)
LONGEST_REASON = 120


class PeriodForm(BaseForm):
    """From a day (and a time in it) to a day (and a time in it). No time means the whole day.

    ``starts_at`` and ``ends_at`` are there once ``period`` said yes. A form without ``to_day`` is
    about one day.
    """

    doctor = StringField(_l("Doctor"), filters=[strip])
    from_day = StringField(_l("First day"), filters=[strip])
    from_time = StringField(_l("From"), filters=[strip])
    to_day = StringField(_l("Last day"), filters=[strip])
    to_time = StringField(_l("Until"), filters=[strip])
    reason = StringField(_l("Reason"), [Words(most=LONGEST_REASON)], filters=[strip])
    starts_at: datetime
    ends_at: datetime

    def period(self, *, zone: str, now: datetime) -> bool:
        """Whether the typed time is one that can be closed; otherwise the fields say why not."""
        fine = self.validate()
        first, last = _day(self.from_day.data), _day(self.to_day.data or self.from_day.data)
        begin = _clock(self.from_time.data, time(0))
        end = _clock(self.to_time.data, time(0), after=True)
        for field, value, words in (
            (self.from_day, first, _l("Choose a day")),
            (self.to_day, last, _l("Choose a day")),
            (self.from_time, begin, _l("Enter a time, like 9:00")),
            (self.to_time, end, _l("Enter a time, like 9:00")),
        ):
            if value is None and not (field is self.to_day and first is None):
                fine = self.refuse(field, words)
        if not (first and last and begin and end):
            return False
        place = ZoneInfo(zone)
        self.starts_at = _instant(first, begin, place, fold=0)
        self.ends_at = _instant(last, end, place, fold=1)
        return self._runs(now) and fine

    def _runs(self, now: datetime) -> bool:
        typed = self.to_time if self.to_time.data else self.to_day
        if self.ends_at <= self.starts_at:
            return self.refuse(typed, _l("The end must come after the beginning"))
        if self.ends_at <= now:
            return self.refuse(typed, _l("This time is over"))
        if self.ends_at - self.starts_at > LONGEST:
            return self.refuse(typed, _l("Choose a year at most"))
        return True

    def fill(self, starts_at: datetime, ends_at: datetime, reason: str, *, zone: str) -> None:
        """Write a known time into the fields; a midnight needs no clock time."""
        place = ZoneInfo(zone)
        begin, end = starts_at.astimezone(place), ends_at.astimezone(place)
        last = end - timedelta(days=1) if end.time() == time(0) else end
        self.from_day.data, self.to_day.data = f"{begin:%Y-%m-%d}", f"{last:%Y-%m-%d}"
        self.from_time.data = "" if begin.time() == time(0) else f"{begin:%H:%M}"
        self.to_time.data = "" if end.time() == time(0) else f"{end:%H:%M}"
        self.reason.data = reason

    def refuse(self, field: Any, words: Any) -> bool:
        """Put an error at a field; always False."""
        field.errors = [*field.errors, words]
        return False


Wall = tuple[time, int]
"""A clock time, and how many days after the day it is typed for."""


def _day(text: str | None) -> date | None:
    try:
        found = date.fromisoformat(text or "") if DAY.fullmatch(text or "") else None
    except ValueError:
        return None
    return found if found and found.year in YEARS else None


def _clock(text: str | None, empty: time, *, after: bool = False) -> Wall | None:
    """The typed time; nothing typed is the midnight before the day, or the one after it."""
    if not text:
        return empty, int(after)
    found = CLOCK.fullmatch(text)
    return (time(int(found[1]), int(found[2])), 0) if found else None


def _instant(day: date, wall: Wall, zone: ZoneInfo, *, fold: int) -> datetime:
    at, days = wall
    local = datetime.combine(day + timedelta(days=days), at)
    return local.replace(tzinfo=zone, fold=fold).astimezone(UTC)
