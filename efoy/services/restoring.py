"""What must not happen a second time after a restore? Mails that may have been sent since."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from efoy.domain.outbox import OutboxEvent, OutboxStatus
from efoy.domain.role import Door, system
from efoy.models.base import transaction
from efoy.models.outbox import OutboxMessage
from efoy.models.transition import move
from efoy.models.upkeep import raise_alert


def quarantine_mail(*, now: datetime) -> int:
    """Give up every unsent mail of the backup and tell a person once; returns how many."""
    with transaction("restore_quarantine") as session:
        new = select(OutboxMessage).where(OutboxMessage.status == OutboxStatus.NEW)
        kept = list(session.scalars(new))
        for message in kept:
            move(session, message, OutboxEvent.GIVE_UP, actor=system(Door.CLI), now=now)
            message.error = "kept back after a restore"
        if kept:
            raise_alert(session, "restored", "mail", f"{len(kept)} kept back", now=now)
        return len(kept)
