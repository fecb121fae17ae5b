"""How far is a promise to send one mail?"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum


class OutboxStatus(StrEnum):
    """A posted message is sent once, dropped when no longer true, or dead with an alert."""

    NEW = "new"
    SENT = "sent"
    DROPPED = "dropped"
    DEAD = "dead"


class OutboxEvent(StrEnum):
    """What happens to a posted message."""

    SEND = "send"
    DROP = "drop"
    GIVE_UP = "give_up"
    TRY_AGAIN = "try_again"


OUTBOX: Mapping[tuple[OutboxStatus, OutboxEvent], OutboxStatus] = {
    (OutboxStatus.NEW, OutboxEvent.SEND): OutboxStatus.SENT,
    (OutboxStatus.NEW, OutboxEvent.DROP): OutboxStatus.DROPPED,
    (OutboxStatus.NEW, OutboxEvent.GIVE_UP): OutboxStatus.DEAD,
    (OutboxStatus.DEAD, OutboxEvent.TRY_AGAIN): OutboxStatus.NEW,
    (OutboxStatus.DEAD, OutboxEvent.DROP): OutboxStatus.DROPPED,
}
_BACK_OFF = (1, 5, 15, 60)
GIVE_UP_AFTER = timedelta(hours=48)


def back_off(attempts: int) -> timedelta:
    """How long to wait after the ``attempts``-th failed try (1, 5, 15, then 60 minutes)."""
    return timedelta(minutes=_BACK_OFF[min(attempts, len(_BACK_OFF)) - 1])
