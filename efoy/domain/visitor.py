"""Who is a visit for: whoever books it, their child, or somebody else?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

MYSELF = "me"
"""The key of whoever books: one person, whatever name they type today."""
OLDEST = 130
"""Years: nobody was born longer ago."""
GROWN_UP = 18


class BookedFor(StrEnum):
    """Whom a visit is booked for."""

    ME = "me"
    CHILD = "child"
    OTHER = "other"


def visitor_key(who: BookedFor, name: str, born_on: date | None) -> str:
    """How one visitor is told from another of the same booker, however the name is spaced."""
    if who is BookedFor.ME:
        return MYSELF
    folded = " ".join(name.casefold().split())[:140]
    return f"{born_on.isoformat() if born_on else 'unknown'} {folded}"


@dataclass(frozen=True, kw_only=True)
class VisitorWish:
    """Somebody else who comes: not whoever books."""

    kind: BookedFor
    name: str
    born_on: date

    @property
    def key(self) -> str:
        """How this visitor is told from others of the same booker."""
        return visitor_key(self.kind, self.name, self.born_on)


def age_on(day: date, born_on: date) -> int:
    """Whole years from birth to that day."""
    return day.year - born_on.year - ((day.month, day.day) < (born_on.month, born_on.day))
