"""Which payments were there, and what do they add up to?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, select

from efoy.domain.money import Money
from efoy.domain.payment import PaymentMethod, PaymentStatus, Standing
from efoy.domain.refund import RefundStatus
from efoy.models.base import reading
from efoy.models.booking import Booking
from efoy.models.payment import Payment, Refund
from efoy.queries.admin.payment_filter import PaymentFilter, conditions
from efoy.queries.paging import Leaf, Mark, leaf
from efoy.queries.standing import PAYMENTS, PaymentMoney, read_payments

LATEST_SHOWN = 8


@dataclass(frozen=True, kw_only=True)
class PaymentRow:
    """One line of the list."""

    at: datetime
    visitor_name: str
    booking_ref: str
    card: str
    method: PaymentMethod
    status: PaymentStatus
    standing: Standing
    amount: Money


@dataclass(frozen=True, kw_only=True)
class Sums:
    """What the payments of a filter add up to in one currency."""

    collected: Money
    refunded: Money
    fees: Money

    @property
    def kept(self) -> Money:
        """What is left with the clinic."""
        return self.collected - self.refunded - self.fees


@dataclass(frozen=True, kw_only=True)
class PaymentTotals:
    """How many payments, and their sums a currency; the clinic's own is always there, first."""

    count: int
    sums: Sequence[Sums]


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
    matching = conditions(wanted, zone)
    query = select(Payment.id.label("id"), Payment.created_at.label("at")).where(*matching)
    totals = payment_totals(matching, currency)
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


def payment_totals(matching: Sequence[ColumnElement[bool]], currency: str) -> PaymentTotals:
    """The sums over every payment that fulfils the conditions."""
    paid = [*matching, Payment.status == PaymentStatus.PAID]
    own_fee = case((Payment.settled_currency == Payment.currency, Payment.fee_minor), else_=0)
    sums = select(
        Payment.currency,
        func.coalesce(func.sum(Payment.captured_minor), 0),
        func.coalesce(func.sum(own_fee), 0),
    )
    back = select(Payment.currency, func.coalesce(func.sum(Refund.amount_minor), 0)).join(
        Refund, Refund.payment_id == Payment.id
    )
    gone = Refund.status == RefundStatus.SUCCEEDED
    with reading() as connection:
        count = connection.scalar(select(func.count()).select_from(Payment).where(*matching))
        found = connection.execute(sums.where(*paid).group_by(Payment.currency)).all()
        returned = connection.execute(back.where(*paid, gone).group_by(Payment.currency)).all()
    given = {code: int(minor) for code, minor in returned}
    each = {
        code: _sums(code, int(taken), given.get(code, 0), int(fees)) for code, taken, fees in found
    }
    own = each.pop(currency, None) or _sums(currency, 0, 0, 0)
    return PaymentTotals(count=count or 0, sums=[own, *(each[code] for code in sorted(each))])


def _sums(currency: str, collected: int, refunded: int, fees: int) -> Sums:
    return Sums(
        collected=Money(collected, currency),
        refunded=Money(refunded, currency),
        fees=Money(fees, currency),
    )


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
        method=payment.method,
        status=payment.status,
        standing=payment.standing,
        amount=payment.amount,
    )
