"""Who waits for a time to open, and how far is an offer of one?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

OFFER_LASTS = timedelta(minutes=20)
"""How long an opened time is held for the one it was offered to."""
MOST_DAYS = 30
"""Days that one person may choose for one place in line."""
NOON = 12
TRIED = 5
"""Times that are tried for one person in one round: at some they may have another visit."""


class WaitingStatus(StrEnum):
    """A place in line: until they booked, left it, or every day they can come is past."""

    WAITING = "waiting"
    BOOKED = "booked"
    LEFT = "left"
    PAST = "past"


class WaitingEvent(StrEnum):
    """What happens to a place in line."""

    BOOK = "book"
    LEAVE = "leave"
    PASS = "pass"  # noqa: S105  # the days go by


class OfferStatus(StrEnum):
    """One opened time, offered to one person."""

    OPEN = "open"
    TAKEN = "taken"
    DECLINED = "declined"
    LAPSED = "lapsed"


class OfferEvent(StrEnum):
    """What happens to an offer: what happens to its hold."""

    TAKE = "take"
    DECLINE = "decline"
    LAPSE = "lapse"


class DayPart(StrEnum):
    """When on a day somebody can come; the afternoon begins at noon, clinic time."""

    ANY = "any"
    MORNING = "morning"
    AFTERNOON = "afternoon"


_W, _E = WaitingStatus, WaitingEvent
WAITING: Mapping[tuple[WaitingStatus, WaitingEvent], WaitingStatus] = {
    (_W.WAITING, _E.BOOK): _W.BOOKED,
    (_W.WAITING, _E.LEAVE): _W.LEFT,
    (_W.WAITING, _E.PASS): _W.PAST,
}
_O = OfferStatus
OFFER: Mapping[tuple[OfferStatus, OfferEvent], OfferStatus] = {
    (_O.OPEN, OfferEvent.TAKE): _O.TAKEN,
    (_O.OPEN, OfferEvent.DECLINE): _O.DECLINED,
    (_O.OPEN, OfferEvent.LAPSE): _O.LAPSED,
    (_O.LAPSED, OfferEvent.TAKE): _O.TAKEN,
}
"""Lapsed to taken: the payment came late, and the time was still free."""


def suits(at: datetime, *, days: Sequence[date], part: DayPart, zone: ZoneInfo) -> bool:
    """Whether somebody who can come on ``days`` (none: any day) in that part can come then."""
    local = at.astimezone(zone)
    if days and local.date() not in days:
        return False
    if part is DayPart.MORNING:
        return local.hour < NOON
    return part is DayPart.ANY or local.hour >= NOON


def opened(
    free: Iterable[datetime], *, known: Iterable[datetime], offered: Iterable[datetime]
) -> list[datetime]:
    """The free times that were not free when they came and not offered before, earliest first."""
    passed = {*known, *offered}
    return sorted(at for at in free if at not in passed)[:TRIED]
