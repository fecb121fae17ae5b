"""What did a patient pay, what came back, and which papers are there?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from efoy.domain.money import Money
from efoy.domain.payment import PaymentStatus
from efoy.domain.refund import OVER, RefundStatus
from efoy.models.base import reading
from efoy.models.booking import Booking
from efoy.models.clinic import Doctor
from efoy.models.ledger import Receipt
from efoy.models.payment import Payment, Refund

PAGE = 20


@dataclass(frozen=True, kw_only=True)
class BackRow:
    """One refund of a payment; ``number`` is its credit note's, empty until there is one."""

    number: str
    amount: Money
    status: RefundStatus
    at: datetime


@dataclass(frozen=True, kw_only=True)
class PaidRow:
    """One payment with its papers; ``receipt`` is empty for money that went back at once."""

    ref: str
    doctor_name: str
    visitor_name: str
    starts_at: datetime
    paid_at: datetime
    receipt: str
    amount: Money
    refunds: Sequence[BackRow]

    @property
    def net(self) -> Money:
        """What was paid, less what went back or is on its way."""
        back = sum(each.amount.minor for each in self.refunds if each.status not in OVER)
        return Money(self.amount.minor - back, self.amount.currency)


def my_payments(patient_id: str, *, page: int) -> tuple[Sequence[PaidRow], int]:
    """One page of everything the patient paid, newest first, and how many there are."""
    mine = (Booking.patient_id == patient_id, Payment.status == PaymentStatus.PAID)
    query = (
        select(
            Payment.id,
            Payment.captured_minor,
            Payment.currency,
            Payment.paid_at,
            Payment.created_at,
            Booking.ref,
            Booking.visitor_name,
            Booking.starts_at,
            Doctor.name.label("doctor_name"),
            Receipt.number,
        )
        .select_from(Payment)
        .join(Booking, Booking.id == Payment.booking_id)
        .join(Doctor, Doctor.id == Booking.doctor_id)
        .outerjoin(Receipt, (Receipt.payment_id == Payment.id) & (Receipt.kind == "receipt"))
        .where(*mine)
        .order_by(Payment.paid_at.desc(), Payment.id)
        .limit(PAGE)
        .offset((page - 1) * PAGE)
    )
    count = select(func.count()).select_from(Payment).join(Booking).where(*mine)
    with reading() as connection:
        rows = connection.execute(query).all()
        total = connection.scalar(count) or 0
        back = _refunds([row.id for row in rows])
    return [
        PaidRow(
            ref=row.ref,
            doctor_name=row.doctor_name,
            visitor_name=row.visitor_name,
            starts_at=row.starts_at,
            paid_at=row.paid_at or row.created_at,
            receipt=row.number or "",
            amount=Money(row.captured_minor or 0, row.currency),
            refunds=back.get(row.id, ()),
        )
        for row in rows
    ], total


def _refunds(payments: Sequence[str]) -> dict[str, list[BackRow]]:
    query = (
        select(
            Refund.payment_id,
            Refund.amount_minor,
            Refund.currency,
            Refund.status,
            Refund.created_at,
            Refund.succeeded_at,
            Receipt.number,
        )
        .outerjoin(Receipt, Receipt.refund_id == Refund.id)
        .where(
            Refund.payment_id.in_(payments),
            Refund.status.not_in([RefundStatus.WITHDRAWN, RefundStatus.PROPOSED]),
        )
        .order_by(Refund.created_at, Refund.id)
    )
    found: dict[str, list[BackRow]] = {}
    with reading() as connection:
        for row in connection.execute(query):
            found.setdefault(row.payment_id, []).append(
                BackRow(
                    number=row.number or "",
                    amount=Money(row.amount_minor, row.currency),
                    status=row.status,
                    at=row.succeeded_at or row.created_at,
                )
            )
    return found
