"""What do patients read when money is on its way back, and when it does not arrive?"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from efoy.domain.letter import Letter, Link
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


def refund_by_hand(session: Session, promise: Promise, now: datetime) -> Letter | None:
    """What was handed back, by whom: the patient can say that it was not."""
    refund = session.get(Refund, promise.subject_ref)
    if refund is None or refund.status is not RefundStatus.SUCCEEDED:
        return None
    return _letter(session, promise, refund, now)


def refund_wish(session: Session, promise: Promise, now: datetime) -> Letter | None:
    """The link to say how failed money should come; silent once that is settled."""
    if is_made_good(session, promise.subject_ref):
        return None
    return refund_failed(session, promise, now)


def refund_failed(session: Session, promise: Promise, now: datetime) -> Letter | None:
    """M7; silent where a newer refund has taken this one's place."""
    refund = session.get(Refund, promise.subject_ref)
    if refund is None or refund.status not in OVER or refund.status is RefundStatus.WITHDRAWN:
        return None
    if is_made_good(session, refund.id):
        return None
    return _letter(session, promise, refund, now)


def is_made_good(session: Session, refund_id: str) -> bool:
    """Whether a later refund of the same payment took this one's place."""
    failed, later = aliased(Refund), aliased(Refund)
    newer = select(later.id).join(failed, failed.payment_id == later.payment_id)
    newer = newer.where(
        failed.id == refund_id,
        later.created_at > failed.created_at,
        later.status.not_in(list(OVER)),
    )
    return session.scalar(newer.limit(1)) is not None


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
        "way": str(refund.way),
        "handed_by": refund.handed_by or "",
    }
    links = {"booking": booking_link(booking)}
    if promise.kind == "refund_wish":
        links["wish"] = Link(path="/refunds/wish/{token}", kind="refund_wish", key=refund.id)
    receipt = paid.paper if promise.kind in {"refund_sent", "refund_by_hand"} else None
    return letter(promise, context, links=links, receipt=receipt)
