"""What do patients read when money is on its way back, and when it does not arrive?"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from efoy.domain.letter import Letter
from efoy.domain.refund import OVER, RefundStatus
from efoy.models.booking import Booking
from efoy.models.payment import Payment, Refund
from efoy.services.letters.facts import (
    Promise,
    booking_link,
    letter,
    read_clinic,
    read_paid,
    read_visit,
)

LEFT_THE_HOUSE = frozenset(
    {
        RefundStatus.SUBMITTED,
        RefundStatus.PENDING,
        RefundStatus.REQUIRES_ACTION,
        RefundStatus.SUCCEEDED,
    }
)


def refund_sent(session: Session, promise: Promise, now: datetime) -> Letter | None:
    """M6, once Stripe has the refund and as long as it did not fail."""
    refund = session.get(Refund, promise.subject_ref)
    if refund is None or refund.status not in LEFT_THE_HOUSE:
        return None
    return _letter(session, promise, refund, now)


def refund_failed(session: Session, promise: Promise, now: datetime) -> Letter | None:
    """M7; silent where a newer refund has taken this one's place."""
    refund = session.get(Refund, promise.subject_ref)
    if refund is None or refund.status not in OVER or refund.status is RefundStatus.WITHDRAWN:
        return None
    newer = select(Refund.id).where(
        Refund.payment_id == refund.payment_id,
        Refund.created_at > refund.created_at,
        Refund.status.not_in(list(OVER)),
    )
    if session.scalar(newer.limit(1)) is not None:
        return None
    return _letter(session, promise, refund, now)


def _letter(session: Session, promise: Promise, refund: Refund, now: datetime) -> Letter:
    payment = session.get_one(Payment, refund.payment_id)
    booking = session.get_one(Booking, payment.booking_id)
    paid = read_paid(session, payment)
    context = {
        "clinic": read_clinic(session),
        "visit": read_visit(session, booking, now),
        "paid": paid,
        "amount": refund.amount,
        "message": refund.message,
        "bank_reference": refund.bank_reference or "",
    }
    receipt = paid.paper if promise.kind == "refund_sent" else None
    return letter(promise, context, links={"booking": booking_link(booking)}, receipt=receipt)
