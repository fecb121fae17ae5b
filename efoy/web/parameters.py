"""What does an address or a form ask for? Words, days and instants, or a clear refusal."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

from flask import request
from flask_babel import gettext as _

from efoy.domain.errors import InvalidValue, NotFound

SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
INSTANT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2})?(Z|[+-][0-9]{2}:[0-9]{2})"
)
YEARS = range(2000, 2200)
LAST_PAGE = 10_000


def asked(name: str, *, most: int) -> str:
    """The words of a query parameter, trimmed; empty when absent. Raises InvalidValue."""
    text = request.args.get(name, "").strip()
    if len(text) > most:
        raise InvalidValue(name, _("Use %(most)s characters at most", most=most))
    return text


def slug(text: str) -> str:
    """A name as it stands in addresses; raises NotFound for what cannot be one."""
    if not SLUG.fullmatch(text):
        raise NotFound("slug")
    return text


def day_asked(name: str) -> date | None:
    """A day of the address (``2026-11-24``), None when absent. Raises InvalidValue."""
    text = request.args.get(name, "")
    if not text:
        return None
    try:
        found = date.fromisoformat(text) if DAY.fullmatch(text) else None
    except ValueError:
        found = None
    if found is None or found.year not in YEARS:
        raise InvalidValue(name, _("Choose a day"))
    return found


def page_asked() -> int:
    """The page of a list, counted from 1. Raises InvalidValue."""
    text = request.args.get("page", "1")
    if not re.fullmatch(r"[0-9]{1,5}", text) or not 1 <= int(text) <= LAST_PAGE:
        raise InvalidValue("page", _("There is no such page"))
    return int(text)


def instant(text: str) -> datetime | None:
    """An instant with its zone (``2026-11-24T14:20:00Z``) in UTC, None for anything else."""
    text = text.strip().replace(" ", "+")  # a plus in an address arrives as a blank
    if not INSTANT.fullmatch(text):
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found.astimezone(UTC) if found.year in YEARS else None
