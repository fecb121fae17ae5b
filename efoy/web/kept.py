"""What was somebody booking before they went to sign in? Kept in the browser's signed cookie."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from flask import session

from efoy.web.login import KEPT

FIELDS = ("doctor", "doctor_name", "service", "starts_at", "name", "email", "phone")
VISITOR = ("who", "visitor_name", "born_day", "born_month", "born_year")


@dataclass(frozen=True, kw_only=True)
class Kept:
    """What the sign-in pages say about the choice."""

    doctor_name: str
    starts_at: datetime


def keep(typed: Mapping[str, str]) -> None:
    """Keep a choice and the typed details (``FIELDS``; ``starts_at`` in ISO 8601 with its zone)."""
    given = [name for name in (*FIELDS, *VISITOR) if typed.get(name)]
    session[KEPT] = {name: str(typed[name])[:254] for name in given}
    session.permanent = True


def typed() -> dict[str, str]:
    """What was kept, to fill the form again."""
    kept = session.get(KEPT)
    return dict(kept) if isinstance(kept, dict) else {}


def choice() -> Kept | None:
    """The kept choice in words for the sign-in pages, or None."""
    kept = typed()
    try:
        starts_at = datetime.fromisoformat(kept["starts_at"])
        if starts_at.tzinfo is None:
            return None
        return Kept(doctor_name=kept["doctor_name"], starts_at=starts_at)
    except (KeyError, ValueError):
        return None


def drop() -> None:
    """The choice became a booking, or was given up."""
    session.pop(KEPT, None)
