"""When is a patient reminded of a visit, and of a payment that is not finished?"""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

AHEAD = timedelta(days=2)
"""No visit further ahead is reminded of yet, whatever the clocks do."""
BOOKED_BEFORE = timedelta(days=1)
"""Whoever booked or moved less than a day ahead needs no reminder."""
NOT_YET = timedelta(hours=6)
"""Nobody is reminded of what they booked a moment ago."""
FIRST_HOUR, LAST_HOUR = 8, 20
"""The day before, clinic time: not at night, and early: most rules end a day before the visit."""
MORNING_HOUR, AT_LEAST = 7, timedelta(hours=3)
"""What was missed the day before is told on the morning, while there is time to act on it."""
FINISH_AHEAD = timedelta(minutes=7)
"""How long before the end of an unpaid hold its mail goes out."""


def remind_now(starts_at: datetime, now: datetime, zone: ZoneInfo) -> bool:
    """Whether this is an hour for a reminder of a visit at ``starts_at``."""
    here, visit = now.astimezone(zone), starts_at.astimezone(zone)
    if here.date() == visit.date() - timedelta(days=1):
        return FIRST_HOUR <= here.hour < LAST_HOUR
    return here.date() == visit.date() and here.hour >= MORNING_HOUR and starts_at - now >= AT_LEAST


def subject_of(booking_id: str, starts_at: datetime) -> str:
    """What a reminder is about: one visit at one time, so that a moved visit gets its own."""
    return f"{booking_id}:{int(starts_at.timestamp())}"


def subject_parts(subject: str) -> tuple[str, int]:
    """The booking and the start (seconds since 1970) that a reminder is about."""
    booking_id, _, seconds = subject.partition(":")
    return booking_id, int(seconds or 0)
