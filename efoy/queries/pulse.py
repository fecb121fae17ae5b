"""How is the house doing right now, in numbers without a person in them?"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Select, column, func, select, table
from sqlalchemy.exc import ProgrammingError

from efoy.domain.errors import DatabaseBusy
from efoy.domain.event import EventStatus
from efoy.domain.outbox import OutboxStatus
from efoy.domain.payment import PaymentStatus
from efoy.domain.refund import RefundStatus
from efoy.models.base import reading
from efoy.models.booking import Booking
from efoy.models.outbox import OutboxMessage
from efoy.models.payment import Payment, Refund
from efoy.models.stripe_event import StripeEvent
from efoy.models.upkeep import Alert, Heartbeat

_SCHEMA = table("alembic_version", column("version_num"))


def schema_version() -> str | None:
    """The newest migration the database has seen; None without any, or without a database."""
    try:
        with reading() as connection:
            return connection.scalar(select(_SCHEMA.c.version_num))
    except (ProgrammingError, DatabaseBusy):
        return None


def worker_seen_at() -> datetime | None:
    """When a worker last said that it is alive."""
    with reading() as connection:
        return connection.scalar(select(Heartbeat.seen_at).where(Heartbeat.name == "worker"))


def pulse(now: datetime) -> Mapping[str, float]:
    """Depths of the queues, ages of what waits longest (seconds), and what needs a person."""
    new_mail = OutboxMessage.status == OutboxStatus.NEW
    asked = Refund.status == RefundStatus.REQUESTED
    stored = StripeEvent.status == EventStatus.RECEIVED
    with reading() as connection:

        def number(query: Select[Any]) -> float:
            return float(connection.scalar(query) or 0)

        def age(query: Select[Any]) -> float:
            since = connection.scalar(query)
            return (now - since).total_seconds() if since else 0.0

        return {
            "outbox_waiting": number(select(func.count()).where(new_mail)),
            "outbox_oldest_seconds": age(
                select(func.min(OutboxMessage.created_at)).where(new_mail)
            ),
            "outbox_dead": number(
                select(func.count()).where(OutboxMessage.status == OutboxStatus.DEAD)
            ),
            "stripe_events_waiting": number(select(func.count()).where(stored)),
            "stripe_events_oldest_seconds": age(
                select(func.min(StripeEvent.received_at)).where(stored)
            ),
            "refunds_not_submitted": number(select(func.count()).where(asked)),
            "refunds_oldest_not_submitted_seconds": age(
                select(func.min(Refund.created_at)).where(asked)
            ),
            "payments_parked": number(
                select(func.count()).where(Payment.status == PaymentStatus.PARKED)
            ),
            "bookings_held": number(select(func.count()).where(Booking.status == "held")),
            "alerts_open": number(
                select(func.count()).select_from(Alert).where(Alert.closed_at.is_(None))
            ),
            "worker_silent_seconds": age(
                select(Heartbeat.seen_at).where(Heartbeat.name == "worker")
            ),
        }
