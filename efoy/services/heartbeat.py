"""Is the worker alive? It says so itself, between its tasks."""

from __future__ import annotations

from datetime import datetime

from efoy.models.base import transaction
from efoy.models.upkeep import beat

WORKER = "worker"


def give_sign_of_life(*, now: datetime) -> None:
    """The worker of this process is there. Raises DatabaseBusy."""
    with transaction("heartbeat") as session:
        beat(session, WORKER, now=now)
