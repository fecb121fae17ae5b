"""Can this process write? Asked by whoever decides where visitors are sent."""

from __future__ import annotations

from datetime import datetime

from efoy.models.base import transaction
from efoy.models.upkeep import beat


def probe_write(*, now: datetime) -> None:
    """Write one small row and keep it. Raises DatabaseBusy."""
    with transaction("heartbeat") as session:
        beat(session, "web", now=now)
