"""Which payments were there, and what do they add up to?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select

from efoy.domain.money import Money
from efoy.domain.payment import PaymentStatus, Standing
from efoy.domain.refund import RefundStatus
from efoy.models.base import reading
from efoy.models.booking import Booking
from efoy.models.payment import Payment, Refund
from efoy.queries.clinic_day import day_bounds
from efoy.queries.paging import Leaf, Mark, leaf
from efoy.queries.standing import PAYMENTS, PaymentMoney, read_payments

AT_STRIPE = (PaymentStatus.CREATING, PaymentStatus.OPEN, PaymentStatus.CLOSING)
LATEST_SHOWN = 8


@dataclass(frozen=True, kw_only=True)
class PaymentFilter:
    """Which payments: begun from one clinic day to another (both included), and how far."""

    from_day: date | None = None
    to_day: date | None = None
    status: PaymentStatus | None = None


@dataclass(frozen=True, kw_only=True)
class PaymentRow:
    """One line of the list."""

    at: datetime
    visitor_name: str
    booking_ref: str
    card: str
    status: PaymentStatus
    standing: Standing
    amount: Money


@dataclass(frozen=True, kw_only=True)
class PaymentTotals:
    """What the payments of a filter add up to, in the clinic's currency."""

    collected: Money
    refunded: Money
    fees: Money
    count: int


@dataclass(frozen=True, kw_only=True)
class PaymentList:
    """One page of payments, and the totals of all pages."""

    payments: Sequence[PaymentRow]
    totals: PaymentTotals
    leaf: Leaf


def find_payments(
    wanted: PaymentFilter, mark: Mark | None, *, zone: str, currency: str
) -> PaymentList:
    """A page of the payments that match, newest first."""
    conditions = _conditions(wanted, zone)
    query = select(Payment.id.label("id"), Payment.created_at.label("at")).where(*conditions)
    totals = payment_totals(conditions, currency)
    with reading() as connection:
        page = leaf(
            connection,
            query,
            at=Payment.__table__.c.created_at,
            key=Payment.__table__.c.id,
            mark=mark,
            total=totals.count,
        )
    rows = _rows(PAYMENTS.where(Payment.id.in_([row["id"] for row in page.rows])))
    return PaymentList(payments=rows, totals=totals, leaf=page)


def latest_payments() -> Sequence[PaymentRow]:
    """The newest payments, whatever became of them."""
    newest = select(Payment.id).order_by(Payment.created_at.desc()).limit(LATEST_SHOWN)
    with reading() as connection:
        keys = list(connection.scalars(newest))
    return _rows(PAYMENTS.where(Payment.id.in_(keys)))


def payment_totals(conditions: Sequence[ColumnElement[bool]], currency: str) -> PaymentTotals:
    """The sums over every payment that fulfils ``conditions``."""
    charged = [*conditions, Payment.currency == currency, Payment.status == PaymentStatus.PAID]
    back = select(func.coalesce(func.sum(Refund.amount_minor), 0)).join(
        Payment, Payment.id == Refund.payment_id
    )
    with reading() as connection:
        count = connection.scalar(select(func.count()).select_from(Payment).where(*conditions))
        collected, fees = connection.execute(
            select(
                func.coalesce(func.sum(Payment.captured_minor), 0),
                func.coalesce(func.sum(Payment.fee_minor), 0),
            ).where(*charged)
        ).one()
        refunded = connection.scalar(back.where(*charged, Refund.status == RefundStatus.SUCCEEDED))
    return PaymentTotals(
        collected=Money(collected or 0, currency),
        refunded=Money(refunded or 0, currency),
        fees=Money(fees or 0, currency),
        count=count or 0,
    )


def _conditions(wanted: PaymentFilter, zone: str) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.from_day is not None:
        found.append(Payment.created_at >= day_bounds(wanted.from_day, zone)[0])
    if wanted.to_day is not None:
        found.append(Payment.created_at < day_bounds(wanted.to_day, zone)[1])
    if wanted.status is PaymentStatus.OPEN:
        found.append(Payment.status.in_(AT_STRIPE))
    elif wanted.status is not None:
        found.append(Payment.status == wanted.status)
    return found


def _rows(query: Select[*tuple[Any, ...]]) -> list[PaymentRow]:
    """Newest first, with the booking each belongs to."""
    with reading() as connection:
        payments = read_payments(connection, query)
        keys = [payment.booking_id for payment in payments]
        named = select(Booking.id, Booking.ref, Booking.visitor_name).where(Booking.id.in_(keys))
        people = {key: (ref, name) for key, ref, name in connection.execute(named)}
    payments.sort(key=lambda payment: (payment.created_at, payment.id), reverse=True)
    return [_row(payment, *people[payment.booking_id]) for payment in payments]


def _row(payment: PaymentMoney, ref: str, name: str) -> PaymentRow:
    return PaymentRow(
        at=payment.paid_at or payment.created_at,
        visitor_name=name,
        booking_ref=ref,
        card=payment.card,
        status=payment.status,
        standing=payment.standing,
        amount=payment.amount,
    )
