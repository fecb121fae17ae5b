"""How are amounts, days and times written for people?

Every value comes as it is (Money, an instant in UTC, a date) and is written in a zone and a
language: words for days, no 24/11, a no-break space inside "9:20 am", amounts from whole minor
units. Patterns follow the table of formats in the interface design. Pages, mails and papers all
write through here.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Protocol
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_time, get_timezone_name
from babel.numbers import format_currency, get_currency_symbol

from efoy.domain.money import Money, decimals

MINUS = "\u2212"
NO_BREAK = "\u00a0"
BIDI_MARKS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
Moment = datetime | str
_kept = lru_cache(maxsize=4096)
"""Babel takes its time over a date, and a page writes the same few again and again."""


class Place(Protocol):
    """Where the clinic stands."""

    @property
    def zone(self) -> str:
        """The zone its clocks show: an IANA name, as in ``Africa/Nairobi``."""

    @property
    def zone_label(self) -> str:
        """What people call that zone; empty to let the language say it."""


@_kept
def money(amount: Money, locale: str) -> str:
    """``$45.00``; money out has a true minus sign, ``−$45.00``. Decimals are Stripe's."""
    places = decimals(amount.currency)
    value = Decimal(abs(amount.minor)).scaleb(-places)
    pattern = "\u00a4#,##0" + ("." + "0" * places if places else "")
    written = format_currency(value, amount.currency, pattern, locale=locale, currency_digits=False)
    if get_currency_symbol(amount.currency, locale=locale) == amount.currency:
        written = written.replace(amount.currency, amount.currency + NO_BREAK).replace(
            NO_BREAK * 2, NO_BREAK
        )
    return (MINUS if amount.minor < 0 else "") + written


def amount_text(amount: Money) -> str:
    """The amount as a person types it into a field: ``45.00``, without symbol or grouping."""
    places = decimals(amount.currency)
    return f"{Decimal(amount.minor).scaleb(-places):.{places}f}"


@_kept
def day(when: Moment | date, zone: str, locale: str) -> str:
    """``Tuesday 24 November``."""
    return format_date(_day(when, zone), "EEEE d MMMM", locale=locale)


@_kept
def day_short(when: Moment | date, zone: str, locale: str) -> str:
    """``Tue 24 Nov``, for tight places."""
    return format_date(_day(when, zone), "EEE d MMM", locale=locale)


@_kept
def day_year(when: Moment | date, zone: str, locale: str) -> str:
    """``24 November 2026``, for receipts and things past."""
    return format_date(_day(when, zone), "d MMMM y", locale=locale)


@_kept
def day_full(when: Moment | date, zone: str, locale: str) -> str:
    """``Tuesday 24 November 2026``, read out beside a date stub."""
    return format_date(_day(when, zone), "EEEE d MMMM y", locale=locale)


@_kept
def day_part(when: Moment | date, pattern: str, zone: str, locale: str) -> str:
    """One part of a date: ``EEE`` Tue, ``d`` 24, ``MMM`` Nov, ``d MMM`` 24 Nov."""
    return format_date(_day(when, zone), pattern, locale=locale)


@_kept
def clock(when: Moment, zone: str, locale: str) -> str:
    """``9:20 am`` with a no-break space; other languages keep their own pattern.

    In the hour that a clock change repeats, the zone's letters tell the two apart.
    """
    local = _instant(when).astimezone(ZoneInfo(zone))
    twice = local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()
    which = f"{NO_BREAK}{local.tzname()}" if twice else ""
    if locale.split("_")[0] != "en":
        return format_time(local, "short", tzinfo=local.tzinfo, locale=locale) + which
    hour = local.hour % 12 or 12
    return f"{hour}:{local.minute:02d}{NO_BREAK}{'am' if local.hour < 12 else 'pm'}{which}"


def datetime_short(when: Moment, zone: str, locale: str) -> str:
    """``Tue 24 Nov, 9:20 am``."""
    return f"{day_short(when, zone, locale)}, {clock(when, zone, locale)}"


def datetime_long(when: Moment, zone: str, locale: str) -> str:
    """``Tuesday 24 November, 9:20 am``."""
    return f"{day(when, zone, locale)}, {clock(when, zone, locale)}"


def datetime_year(when: Moment, zone: str, locale: str) -> str:
    """``19 November 2026, 3:06 pm``."""
    return f"{day_year(when, zone, locale)}, {clock(when, zone, locale)}"


def zone_name(place: Place, locale: str) -> str:
    """``Eastern Time``: named once a page."""
    zone = ZoneInfo(place.zone)
    return place.zone_label or get_timezone_name(
        zone, width="long", zone_variant="generic", locale=locale
    )


def duration(minutes: int | timedelta) -> str:
    """``20 min``; from an hour on ``17 h 56 min``."""
    whole = int(minutes.total_seconds()) // 60 if isinstance(minutes, timedelta) else minutes
    hours, rest = divmod(whole, 60)
    parts = ([f"{hours}{NO_BREAK}h"] if hours else []) + (
        [f"{rest}{NO_BREAK}min"] if rest or not hours else []
    )
    return " ".join(parts)


def iso(when: Moment) -> str:
    """``2026-11-24T14:20:00Z``: an instant for forms and addresses."""
    return _instant(when).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def initials(name: str) -> str:
    """Two letters for a monogram: ``Dr Hana Tesfaye`` is HT."""
    words = [word for word in name.split() if word.rstrip(".") not in {"Dr", "Prof"}]
    letters = [words[0][0], words[-1][0]] if len(words) > 1 else [word[0] for word in words]
    return "".join(letters).upper()


def tel(phone: str) -> str:
    """A telephone number for a ``tel:`` link: digits and a leading plus."""
    return ("+" if phone.strip().startswith("+") else "") + re.sub(r"\D", "", phone)


def plain_line(text: str) -> str:
    """``text`` on one line, without control characters and the marks that turn its direction.

    Bidi marks in a name could make an amount beside it read backwards (reliability 62).
    """
    joined = re.sub(r"[^\S\u00a0]+", " ", text).strip()
    kept = (sign for sign in joined if sign not in BIDI_MARKS)
    return "".join(sign for sign in kept if unicodedata.category(sign) not in {"Cc", "Cs"})


def span(starts_at: datetime, ends_at: datetime, zone: str, locale: str) -> str:
    """``Tuesday 24 November`` for a whole day, ``Tue 24 Nov – Thu 26 Nov`` for several, with clock
    times where the time does not run from midnight to midnight."""
    begin, end = (at.astimezone(ZoneInfo(zone)) for at in (starts_at, ends_at))
    last = (end - timedelta(microseconds=1)).date()
    if begin.hour == begin.minute == end.hour == end.minute == 0:
        if begin.date() == last:
            return day(last, zone, locale)
        return f"{day_short(begin.date(), zone, locale)} – {day_short(last, zone, locale)}"
    if begin.date() == last:
        times = f"{clock(starts_at, zone, locale)} – {clock(ends_at, zone, locale)}"
        return f"{day(last, zone, locale)}, {times}"
    parts = (datetime_short(at, zone, locale) for at in (starts_at, ends_at))
    return " – ".join(parts)


def filters_for(
    clinic: Callable[[], Place], locale: Callable[[], str]
) -> dict[str, Callable[..., str]]:
    """The template filters. ``clinic`` says whose clocks hold, ``locale`` the language."""
    in_zone: list[Callable[..., str]] = [day, day_short, day_year, day_full, clock]
    in_zone += [datetime_short, datetime_long, datetime_year]
    plain: list[Callable[..., str]] = [duration, iso, initials, tel, amount_text]
    return {
        **{write.__name__: _in_place(write, clinic, locale) for write in in_zone},
        **{write.__name__: write for write in plain},
        "day_part": lambda when, part: day_part(when, part, clinic().zone, locale()),
        "span": lambda first, last: span(first, last, clinic().zone, locale()),
        "money": lambda amount: money(amount, locale()),
        "money_out": lambda amount: money(-amount, locale()),
        "zone_name": lambda place: zone_name(place, locale()),
        "currency_symbol": lambda code: get_currency_symbol(code, locale=locale()),
    }


def _in_place(
    write: Callable[..., str], clinic: Callable[[], Place], locale: Callable[[], str]
) -> Callable[..., str]:
    return lambda when: write(when, clinic().zone, locale())


def _instant(when: Moment) -> datetime:
    instant = datetime.fromisoformat(when) if isinstance(when, str) else when
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)


def _day(when: Moment | date, zone: str) -> date:
    if isinstance(when, date) and not isinstance(when, datetime):
        return when
    return _instant(when).astimezone(ZoneInfo(zone)).date()
