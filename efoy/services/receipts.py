"""What is mailed, when, and what became of it? Rendered from the state of the sending moment."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import or_, select

from efoy.domain.outbox import OutboxStatus
from efoy.models.base import reading
from efoy.models.outbox import OutboxMessage

if TYPE_CHECKING:
    from efoy.gateways.mailer import Mailer


def due_mail(now: datetime) -> list[str]:
    """The messages to be sent now and taken by no worker, oldest first."""
    query = select(OutboxMessage.id).where(
        OutboxMessage.status == OutboxStatus.NEW,
        OutboxMessage.due_at <= now,
        or_(OutboxMessage.lease_until.is_(None), OutboxMessage.lease_until <= now),
    )
    with reading() as connection:
        return list(connection.scalars(query.order_by(OutboxMessage.due_at)))


def deliver_mail(message_id: str, *, mailer: Mailer, now: datetime) -> None:
    """Send one message, drop what is no longer true, give up what nobody takes."""
    raise NotImplementedError
