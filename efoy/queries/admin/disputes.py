"""Which payments does a bank ask about, until when, and what is known for the answer?

Nothing clinical: a reference, instants, the rules as shown, and which mails went out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, case, select

from efoy.domain.booking import BookingStatus
from efoy.domain.dispute import CLOSED, blocks_refunds
from efoy.domain.errors import NotFound
from efoy.domain.money import Money
from efoy.domain.outbox import OutboxStatus
from efoy.domain.policy import Policy
from efoy.domain.refund import OVER
from efoy.models.audit import AuditEntry
from efoy.models.base import reading
from efoy.models.booking import Booking
from efoy.models.outbox import OutboxMessage
from efoy.models.payment import Dispute, Payment, Refund
from efoy.queries.standing import card_words

MOST_SHOWN = 100


@dataclass(frozen=True, kw_only=True)
class DisputeLine:
    """One dispute. ``fee`` and ``moved`` are what Stripe took for it and what it moved on the
    balance so far, None while unknown; ``due_at`` is the bank's deadline."""

    id: str
    ref: str
    booking_ref: str
    visitor_name: str
    amount: Money
    status: str
    reason: str
    open: bool
    refundable: bool
    due_at: datetime | None
    created_at: datetime
    fee: Money | None
    moved: Money | None


@dataclass(frozen=True, kw_only=True)
class Sent:
    """A mail that went out: its kind, when, and its number for the mail server's log."""

    kind: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class DisputeFile:
    """One dispute with what is known for the answer. ``came_at`` is when the patient was marked as
    here or done; ``back`` what was refunded before."""

    line: DisputeLine
    booking_status: BookingStatus
    booked_at: datetime
    visit_at: datetime
    paid_at: datetime | None
    cancelled_at: datetime | None
    came_at: datetime | None
    paid: Money
    back: Money
    card: str
    intent_ref: str
    policy: Policy
    price: Money
    mails: Sequence[Sent]


def disputes() -> Sequence[DisputeLine]:
    """Open ones first by their deadline, then those that are over, the newest first."""
    over = case((Dispute.status.in_(list(CLOSED)), 1), else_=0)
    late = case((Dispute.due_at.is_(None), 1), else_=0)
    query = _LINES.order_by(
        over,
        case((over == 0, late), else_=0),
        case((over == 0, Dispute.due_at), else_=None),
        Dispute.created_at.desc(),
    ).limit(MOST_SHOWN)
    with reading() as connection:
        return [_line(row) for row in connection.execute(query).mappings()]


def dispute_file(dispute_id: str) -> DisputeFile:
    """One dispute; raises NotFound."""
    with reading() as connection:
        row = connection.execute(_FILE.where(Dispute.id == dispute_id)).mappings().one_or_none()
        if row is None:
            raise NotFound(dispute_id)
        return _file(connection, row)


_COLUMNS = (
    Dispute.id,
    Dispute.dispute_ref,
    Dispute.amount_minor,
    Dispute.currency,
    Dispute.status,
    Dispute.reason,
    Dispute.refundable,
    Dispute.due_at,
    Dispute.created_at,
    Dispute.fee_minor,
    Dispute.net_minor,
    Booking.ref,
    Booking.visitor_name,
)
_LINES: Select[*tuple[Any, ...]] = (
    select(*_COLUMNS)
    .join(Payment, Payment.id == Dispute.payment_id)
    .join(Booking, Booking.id == Payment.booking_id)
)
_FILE: Select[*tuple[Any, ...]] = (
    select(
        *_COLUMNS,
        Payment.id.label("payment_id"),
        Payment.captured_minor,
        Payment.currency.label("paid_in"),
        Payment.paid_at,
        Payment.card_brand,
        Payment.card_last4,
        Payment.intent_ref,
        Booking.id.label("booking_id"),
        Booking.status.label("booking_status"),
        Booking.held_at,
        Booking.starts_at,
        Booking.cancelled_at,
        Booking.policy_json.label("policy_json"),
        Booking.price_minor,
        Booking.currency.label("price_in"),
    )
    .join(Payment, Payment.id == Dispute.payment_id)
    .join(Booking, Booking.id == Payment.booking_id)
)


def _line(row: RowMapping) -> DisputeLine:
    currency = row["currency"]
    fee, moved = row["fee_minor"], row["net_minor"]
    return DisputeLine(
        id=row["id"],
        ref=row["dispute_ref"],
        booking_ref=row["ref"],
        visitor_name=row["visitor_name"],
        amount=Money(row["amount_minor"], currency),
        status=row["status"],
        reason=row["reason"],
        open=row["status"] not in CLOSED,
        refundable=not blocks_refunds(row["status"], refundable=row["refundable"]),
        due_at=row["due_at"],
        created_at=row["created_at"],
        fee=None if fee is None else Money(fee, currency),
        moved=None if moved is None else Money(moved, currency),
    )


def _file(connection: Connection, row: RowMapping) -> DisputeFile:
    back = select(Refund.amount_minor).where(
        Refund.payment_id == row["payment_id"], Refund.status.not_in(list(OVER))
    )
    came = select(AuditEntry.at).where(
        AuditEntry.object == "booking",
        AuditEntry.object_id == row["booking_id"],
        AuditEntry.event.in_(["arrive", "attend"]),
    )
    return DisputeFile(
        line=_line(row),
        booking_status=row["booking_status"],
        booked_at=row["held_at"],
        visit_at=row["starts_at"],
        paid_at=row["paid_at"],
        cancelled_at=row["cancelled_at"],
        came_at=connection.scalar(came.order_by(AuditEntry.seq).limit(1)),
        paid=Money(row["captured_minor"] or 0, row["paid_in"]),
        back=Money(sum(connection.scalars(back)), row["paid_in"]),
        card=card_words(row["card_brand"], row["card_last4"]),
        intent_ref=row["intent_ref"] or "",
        policy=Policy.from_json(row["policy_json"]),
        price=Money(row["price_minor"], row["price_in"]),
        mails=_mails(connection, row["booking_id"], row["payment_id"]),
    )


def _mails(connection: Connection, booking_id: str, payment_id: str) -> Sequence[Sent]:
    refunds = select(Refund.id).where(Refund.payment_id == payment_id)
    query = select(OutboxMessage.kind, OutboxMessage.sent_at).where(
        OutboxMessage.status == OutboxStatus.SENT,
        OutboxMessage.subject_ref.in_([booking_id, payment_id])
        | OutboxMessage.subject_ref.in_(refunds),
    )
    rows = connection.execute(query.order_by(OutboxMessage.sent_at))
    return [Sent(kind=kind, at=at) for kind, at in rows if at is not None]
