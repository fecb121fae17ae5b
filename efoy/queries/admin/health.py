"""Does the house keep running: worker, Stripe's messages, payments, refunds, mail?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Select, func, select

from efoy.domain.event import EventStatus
from efoy.domain.outbox import OutboxStatus
from efoy.domain.payment import UNDECIDED, PaymentStatus
from efoy.domain.refund import RefundStatus
from efoy.models.base import reading
from efoy.models.outbox import OutboxMessage
from efoy.models.payment import Payment, Refund
from efoy.models.stripe_event import StripeEvent
from efoy.models.upkeep import Alert, Heartbeat
from efoy.queries.invariants.beside_stripe import SEEDED

PAYMENT_MAY_TAKE = timedelta(minutes=10)
REFUND_MAY_WAIT = timedelta(minutes=10)
MAIL_MAY_WAIT = timedelta(minutes=15)
EVENT_MAY_WAIT = timedelta(minutes=5)


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """How many rows wait longer than they should, and since when the first of them."""

    count: int
    since: datetime | None


@dataclass(frozen=True, kw_only=True)
class HealthFacts:
    """What the rows say; times are None where it never happened.

    ``settled_at`` leaves out what the demo was seeded with: no message ever came for that.
    """

    worker_seen_at: datetime | None
    event_at: datetime | None
    settled_at: datetime | None
    events: Waiting
    payments: Waiting
    refunds: Waiting
    mails: Waiting
    dead_mails: Waiting
    alerts: Waiting


def health_facts(*, now: datetime) -> HealthFacts:
    """Everything the health page judges, read now."""
    with reading() as connection:
        return HealthFacts(
            worker_seen_at=connection.scalar(
                select(func.max(Heartbeat.seen_at)).where(Heartbeat.name == "worker")
            ),
            event_at=connection.scalar(
                select(func.max(StripeEvent.received_at)).where(StripeEvent.door == "webhook")
            ),
            settled_at=connection.scalar(
                select(func.max(Payment.paid_at)).where(
                    Payment.charge_ref.not_like(SEEDED, escape="\\")
                )
            ),
            events=_waiting(connection, _late_events(now)),
            payments=_waiting(connection, _stuck_payments(now)),
            refunds=_waiting(connection, _unsent_refunds(now)),
            mails=_waiting(connection, _late_mails(now)),
            dead_mails=_waiting(connection, _dead_mails(now)),
            alerts=_waiting(connection, _open_alerts()),
        )


def _waiting(connection: Connection, query: Select[*tuple[Any, ...]]) -> Waiting:
    count, since = connection.execute(query).one()
    return Waiting(count=count, since=since)


def _late_events(now: datetime) -> Select[*tuple[Any, ...]]:
    return select(func.count(), func.min(StripeEvent.received_at)).where(
        StripeEvent.status == EventStatus.RECEIVED,
        StripeEvent.received_at < now - EVENT_MAY_WAIT,
    )


def _stuck_payments(now: datetime) -> Select[*tuple[Any, ...]]:
    """Undecided past the end of their checkout, delayed bank payments aside."""
    return select(func.count(), func.min(Payment.created_at)).where(
        Payment.status.in_(UNDECIDED - {PaymentStatus.PROCESSING}),
        Payment.checkout_expires_at < now - PAYMENT_MAY_TAKE,
    )


def _unsent_refunds(now: datetime) -> Select[*tuple[Any, ...]]:
    return select(func.count(), func.min(Refund.created_at)).where(
        Refund.status.in_([RefundStatus.REQUESTED, RefundStatus.SUBMITTED]),
        Refund.created_at < now - REFUND_MAY_WAIT,
    )


def _late_mails(now: datetime) -> Select[*tuple[Any, ...]]:
    return select(func.count(), func.min(OutboxMessage.created_at)).where(
        OutboxMessage.status == OutboxStatus.NEW,
        OutboxMessage.created_at < now - MAIL_MAY_WAIT,
    )


def _dead_mails(now: datetime) -> Select[*tuple[Any, ...]]:
    return select(func.count(), func.min(OutboxMessage.created_at)).where(
        OutboxMessage.status == OutboxStatus.DEAD,
        OutboxMessage.created_at > now - timedelta(days=30),
    )


def _open_alerts() -> Select[*tuple[Any, ...]]:
    return select(func.count(), func.min(Alert.raised_at)).where(Alert.closed_at.is_(None))
