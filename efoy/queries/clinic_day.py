"""Which instants lie in a clinic day?"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo


def day_bounds(first: date, zone: str, *, days: int = 1) -> tuple[datetime, datetime]:
    """From the midnight that begins ``first`` to the one that ends its ``days``-th day, in UTC."""
    place = ZoneInfo(zone)
    begin = datetime.combine(first, time(0), place)
    end = datetime.combine(first + timedelta(days=days), time(0), place)
    return begin.astimezone(UTC), end.astimezone(UTC)


def day_of(instant: datetime, zone: str) -> date:
    """The clinic day an instant lies in."""
    return instant.astimezone(ZoneInfo(zone)).date()
