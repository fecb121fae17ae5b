"""How is the house? Ages of what waits, counts by status, the worker's last sign of life."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, func, select, text

from efoy.models import (
    Alert,
    AuditEntry,
    AuditSeal,
    Booking,
    Heartbeat,
    OutboxMessage,
    Payment,
    Refund,
    StripeEvent,
    Watermark,
)
from efoy.models.base import reading

WORKER = "worker"
QUIET = timedelta(minutes=2)
"""A worker that beats each minute and was silent this long is taken for dead."""
LATE_EVENT, LATE_REFUND, LATE_MAIL = (
    timedelta(minutes=5),
    timedelta(minutes=15),
    timedelta(minutes=30),
)


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """How many rows wait for the worker, and since when the oldest of them."""

    count: int
    oldest_at: datetime | None

    def age(self, now: datetime) -> timedelta:
        """How long the oldest has waited; zero where none does."""
        return timedelta(0) if self.oldest_at is None else max(now - self.oldest_at, timedelta(0))


@dataclass(frozen=True, kw_only=True)
class Health:
    """One look at the house. Counts are by status word."""

    worker_seen_at: datetime | None
    last_event_at: datetime | None
    events_listed_at: datetime | None
    events: Waiting
    refunds: Waiting
    mails: Waiting
    dead_mails: int
    alerts: Mapping[str, int]
    oldest_alert_at: datetime | None
    bookings: Mapping[str, int]
    payments: Mapping[str, int]
    refunds_by_status: Mapping[str, int]
    unsealed: int

    @property
    def alerts_open(self) -> int:
        """How many things wait for a person."""
        return sum(self.alerts.values())

    def worker_alive(self, now: datetime) -> bool:
        """Whether the worker was seen within two minutes."""
        return self.worker_seen_at is not None and now - self.worker_seen_at <= QUIET

    def late(self, now: datetime) -> list[str]:
        """The queues (events, refunds, mails) whose oldest row waits longer than it should."""
        limits = (
            ("events", self.events, LATE_EVENT),
            ("refunds", self.refunds, LATE_REFUND),
            ("mails", self.mails, LATE_MAIL),
        )
        return [name for name, waiting, limit in limits if waiting.age(now) > limit]


def health() -> Health:
    """Everything at once: for the metrics and the health page, not for every request."""
    with reading() as connection:
        return Health(
            worker_seen_at=_seen(connection),
            last_event_at=connection.scalar(select(func.max(StripeEvent.received_at))),
            events_listed_at=connection.scalar(
                select(Watermark.reached_at).where(Watermark.name == "events")
            ),
            events=_waiting(connection, StripeEvent.received_at, "status = 'received'"),
            refunds=_waiting(
                connection,
                Refund.created_at,
                "status IN ('requested', 'submitted') AND refund_ref IS NULL",
            ),
            mails=_waiting(connection, OutboxMessage.due_at, "status = 'new'"),
            dead_mails=_count(connection, OutboxMessage, "status = 'dead'"),
            alerts=_by(connection, Alert.kind, "closed_at IS NULL"),
            oldest_alert_at=connection.scalar(
                select(func.min(Alert.raised_at)).where(Alert.closed_at.is_(None))
            ),
            bookings=_by(connection, Booking.status),
            payments=_by(connection, Payment.status),
            refunds_by_status=_by(connection, Refund.status),
            unsealed=_unsealed(connection),
        )


def _seen(connection: Connection) -> datetime | None:
    return connection.scalar(select(Heartbeat.seen_at).where(Heartbeat.name == WORKER))


def _waiting(connection: Connection, since: Any, where: str) -> Waiting:
    row = connection.execute(select(func.count(), func.min(since)).where(text(where))).one()
    return Waiting(count=row[0], oldest_at=row[1])


def _count(connection: Connection, table: Any, where: str) -> int:
    query = select(func.count()).select_from(table).where(text(where))
    return connection.scalar(query) or 0


def _by(connection: Connection, word: Any, where: str = "1 = 1") -> dict[str, int]:
    query = select(word, func.count()).where(text(where)).group_by(word).order_by(word)
    return {str(name): count for name, count in connection.execute(query)}


def _unsealed(connection: Connection) -> int:
    """Entries the seal has not reached; both numbers come from the ends of an index."""
    written = connection.scalar(select(func.max(AuditEntry.seq))) or 0
    sealed = connection.scalar(select(func.max(AuditSeal.seq))) or 0
    return max(written - sealed, 0)
