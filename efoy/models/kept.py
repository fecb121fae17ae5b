"""Which payments pay for a visit, and how much of each may still go back?"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, exists, func, select
from sqlalchemy.orm import Session

from efoy.domain.cancelling import Kept
from efoy.domain.dispute import CLOSED, DisputeStatus
from efoy.domain.payment import PaymentMethod, PaymentStatus
from efoy.domain.refund import OVER, RefundOrigin
from efoy.models.payment import Dispute, Payment, Refund

_BACK = (
    select(func.coalesce(func.sum(Refund.amount_minor), 0))
    .where(Refund.payment_id == Payment.id, Refund.status.not_in(list(OVER)))
    .correlate(Payment)
    .scalar_subquery()
)
_TAKEN = (
    select(func.coalesce(func.sum(Dispute.amount_minor), 0))
    .where(
        Dispute.payment_id == Payment.id,
        Dispute.currency == Payment.currency,
        Dispute.status == DisputeStatus.LOST,
    )
    .correlate(Payment)
    .scalar_subquery()
)
"""What the bank gave the cardholder: it is back with them, by another way."""
_DISPUTED = exists().where(
    Dispute.payment_id == Payment.id,
    Dispute.status.not_in(list(CLOSED)),
    ~Dispute.refundable,
)
_GIVEN_BACK = exists().where(Refund.payment_id == Payment.id, Refund.origin == RefundOrigin.AUTO)
"""Money that came too late or twice never paid for the visit."""
_KEPT = select(
    Payment.id,
    Payment.captured_minor,
    Payment.method,
    _BACK.label("back"),
    _TAKEN.label("taken"),
    _DISPUTED.label("disputed"),
).where(Payment.status == PaymentStatus.PAID, ~_GIVEN_BACK)


def kept_payments(reader: Session | Connection, booking_id: str) -> list[Kept]:
    """The payments that pay for a booking, oldest first."""
    query: Any = _KEPT.where(Payment.booking_id == booking_id)
    rows = reader.execute(query.order_by(Payment.paid_at, Payment.id))
    return [
        Kept(
            payment_id=row.id,
            captured=row.captured_minor or 0,
            back=int(row.back) + int(row.taken),
            by_stripe=row.method is PaymentMethod.STRIPE,
            disputed=bool(row.disputed),
        )
        for row in rows
    ]
