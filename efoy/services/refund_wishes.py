"""How is a patient asked what to do with money that could not reach their card?

Stripe sends money back to the card that paid and to no other: so nobody asks for another card
here, but for a way to reach the person, or whether they come for it.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from efoy.domain.errors import RefundRefused
from efoy.domain.refund import RefundStatus
from efoy.domain.refund_way import Wish
from efoy.domain.role import Actor
from efoy.models.audit import record
from efoy.models.base import lock, new_id, transaction
from efoy.models.booking import Booking
from efoy.models.outbox import post
from efoy.models.payment import Payment, Refund
from efoy.models.refund_wish import RefundWish as Asked
from efoy.models.upkeep import raise_alert


def ask_patient(refund_id: str, *, actor: Actor, now: datetime) -> None:
    """Mail the patient a link to say how they want a failed refund; once a refund.

    Raises NotFound, RefundRefused (``not_failed``).
    """
    with transaction("refund_wish") as session:
        refund, booking = _failed(session, refund_id)
        query = select(Asked.id).where(Asked.refund_id == refund_id)
        if session.scalar(query) is not None:
            return
        wish = Asked(id=new_id(), refund_id=refund.id, asked_by=actor.user_id, asked_at=now)
        session.add(wish)
        _note(session, refund, "ask_patient", actor, now)
        post(
            session,
            "refund_wish",
            refund.id,
            booking.visitor_email,
            now=now,
            locale=booking.locale,
        )


def _failed(session: Session, refund_id: str) -> tuple[Refund, Booking]:
    refund = lock(session, Refund, refund_id)
    if refund.status not in {RefundStatus.FAILED, RefundStatus.CANCELED}:
        raise RefundRefused("not_failed")
    payment = session.get_one(Payment, refund.payment_id)
    return refund, session.get_one(Booking, payment.booking_id)


def answer_wish(
    refund_id: str, choice: Wish, *, phone: str, words: str, actor: Actor, now: datetime
) -> None:
    """The patient has chosen; the clinic is told. A later answer changes nothing any more.

    Raises NotFound where nobody was asked.
    """
    with transaction("refund_wish") as session:
        query = select(Asked.id).where(Asked.refund_id == refund_id)
        wish = lock(session, Asked, session.scalar(query))
        if wish.answered_at is not None:
            return
        wish.choice, wish.phone, wish.words, wish.answered_at = choice, phone, words, now
        refund = session.get_one(Refund, refund_id)
        _note(session, refund, "patient_chose", actor, now)
        raise_alert(session, "refund_wish", refund_id, str(choice), now=now)


def _note(session: Session, refund: Refund, event: str, actor: Actor, now: datetime) -> None:
    record(session, "refund", refund.id, event, before=None, after=None, actor=actor, now=now)
