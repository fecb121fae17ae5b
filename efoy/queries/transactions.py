"""Which payments were there, page by page, and what became of one refund?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from efoy.domain.errors import NotFound
from efoy.domain.money import Money
from efoy.domain.payment import PaymentStatus
from efoy.domain.refund import RefundStatus
from efoy.models.base import reading
from efoy.models.booking import Booking
from efoy.models.payment import Payment, Refund
from efoy.queries.cursor import Cursor, after
from efoy.queries.standing import PAYMENTS, PaymentMoney, read_payments


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which payments: begun in [``since``, ``until``), and how far; None leaves it open."""

    since: datetime | None = None
    until: datetime | None = None
    status: PaymentStatus | None = None


@dataclass(frozen=True, kw_only=True)
class Transaction:
    """One attempt to pay, with the public reference of its booking."""

    payment: PaymentMoney
    booking_ref: str


def list_transactions(
    wanted: Wanted, *, cursor: Cursor | None, limit: int
) -> tuple[Sequence[Transaction], Cursor | None]:
    """The payments that match, newest first, and where the next page begins, if there is one."""
    table = Payment.__table__.c
    query = PAYMENTS.where(after(cursor, table.created_at, table.id))
    if wanted.since is not None:
        query = query.where(Payment.created_at >= wanted.since)
    if wanted.until is not None:
        query = query.where(Payment.created_at < wanted.until)
    if wanted.status is not None:
        query = query.where(Payment.status == wanted.status)
    query = query.order_by(table.created_at.desc(), table.id.desc()).limit(limit + 1)
    with reading() as connection:
        found = read_payments(connection, query)
        rows = _with_references(connection, found[:limit])
    last = found[limit - 1] if len(found) > limit else None
    return rows, Cursor(at=last.created_at, id=last.id) if last else None


def _with_references(connection: Connection, payments: Sequence[PaymentMoney]) -> list[Transaction]:
    keys = {payment.booking_id for payment in payments}
    query = select(Booking.id, Booking.ref).where(Booking.id.in_(keys))
    refs = {row.id: row.ref for row in connection.execute(query)}
    return [
        Transaction(payment=payment, booking_ref=refs[payment.booking_id]) for payment in payments
    ]


@dataclass(frozen=True, kw_only=True)
class AskedRefund:
    """One refund as it stands; ``everything`` when it was all that was left at that time."""

    id: str
    payment_id: str
    amount: Money
    status: RefundStatus
    reason: str
    created_at: datetime
    everything: bool


def asked_refund(refund_id: str) -> AskedRefund:
    """The refund of that id; raises NotFound."""
    query = select(
        Refund.id,
        Refund.payment_id,
        Refund.amount_minor,
        Refund.currency,
        Refund.status,
        Refund.reason,
        Refund.created_at,
        Refund.available_minor,
    ).where(Refund.id == refund_id)
    with reading() as connection:
        row = connection.execute(query).first()
    if row is None:
        raise NotFound(refund_id)
    return AskedRefund(
        id=row.id,
        payment_id=row.payment_id,
        amount=Money(row.amount_minor, row.currency),
        status=row.status,
        reason=row.reason,
        created_at=row.created_at,
        everything=row.amount_minor == row.available_minor,
    )
