"""How does a refund that the rules give wait for a person, and what may that person say to it?"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from efoy.domain.errors import NotFound, RefundRefused, StaleAmount
from efoy.domain.refund import RefundEvent, RefundOrigin, RefundStatus
from efoy.domain.role import Actor
from efoy.models.base import lock, posted, transaction
from efoy.models.payment import Payment, Refund
from efoy.models.transition import begin, move
from efoy.services.refunds import (
    RefundWish,
    begin_refund,
    is_disputed,
    left_to_refund,
    new_refund,
    refund_of_form,
    request_within,
)


def ask_back(
    session: Session,
    payment: Payment,
    minor: int,
    *,
    automatic: bool,
    reason: str,
    actor: Actor,
    now: datetime,
    form_token: str | None = None,
) -> Refund:
    """Write what the rules give back of a locked payment: asked for at once, or proposed.

    Money that never was at Stripe, and a payment whose last refund is not sent yet, wait for a
    person in any mode. ``form_token`` makes the refund unique.
    """
    by_itself = automatic and payment.intent_ref is not None and not _one_is_sent(session, payment)
    refund = new_refund(
        payment,
        minor,
        RefundOrigin.POLICY,
        reason,
        left_to_refund(session, payment),
        actor,
        now,
        status=RefundStatus.REQUESTED if by_itself else RefundStatus.PROPOSED,
    )
    refund.form_token = form_token
    if by_itself:
        return begin_refund(session, refund, actor, now)
    begin(session, refund, actor=actor, now=now, facts={"amount": minor})
    session.flush()
    return refund


def _one_is_sent(session: Session, payment: Payment) -> bool:
    query = select(Refund.id).where(
        Refund.payment_id == payment.id, Refund.status == RefundStatus.REQUESTED
    )
    return session.scalar(query) is not None


def approve_refund(refund_id: str, *, actor: Actor, now: datetime) -> None:
    """A person agrees: from now on the worker sends it, in the amount that was proposed.

    Raises RefundRefused (``decided``, ``disputed``, ``by_hand``, ``another_is_waiting``), and
    StaleAmount where other refunds have taken what was left.
    """
    try:
        with transaction("decide_refund") as session:
            payment, refund = lock_proposed(session, refund_id)
            approve(session, payment, refund, actor=actor, now=now)
    except IntegrityError as error:
        raise RefundRefused("another_is_waiting") from error


def approve(
    session: Session, payment: Payment, refund: Refund, *, actor: Actor, now: datetime
) -> None:
    """The same inside the caller's transaction; both rows are locked."""
    if is_disputed(session, payment.id):
        raise RefundRefused("disputed")
    if payment.intent_ref is None:
        raise RefundRefused("by_hand")
    if left_to_refund(session, payment) < 0:
        raise StaleAmount(payment.id)
    _decide(session, refund, RefundEvent.APPROVE, actor, now)
    posted(session, "refund", refund.id)


def decline_refund(refund_id: str, *, note: str, actor: Actor, now: datetime) -> None:
    """A person says no: nothing of this goes back. ``note`` is for the clinic's own eyes.

    Raises RefundRefused (``decided``) where somebody was faster.
    """
    with transaction("decide_refund") as session:
        _, refund = lock_proposed(session, refund_id)
        refund.note = note
        _decide(session, refund, RefundEvent.DECLINE, actor, now)


def give_other_amount(refund_id: str, wish: RefundWish, *, actor: Actor, now: datetime) -> str:
    """A person gives more or less than was proposed: the proposal ends, theirs is asked for.

    ``wish.available`` is what the form showed, the proposed amount counted in. Returns the new
    refund's id; raises as ``request_refund`` does, and ``decided`` where somebody was faster.
    """
    try:
        with transaction("decide_refund") as session:
            first = refund_of_form(session, wish.form_token)
            if first is not None:
                return first.id
            payment, proposed = lock_proposed(session, refund_id)
            _decide(session, proposed, RefundEvent.DECLINE, actor, now)
            session.flush()
            return request_within(session, payment, wish, actor, now).id
    except IntegrityError as error:
        raise RefundRefused("another_is_waiting") from error


def lock_proposed(session: Session, refund_id: str) -> tuple[Payment, Refund]:
    """A refund that waits, with its payment, both locked; raises RefundRefused (``decided``)."""
    payment_id = session.scalar(select(Refund.payment_id).where(Refund.id == refund_id))
    if payment_id is None:
        raise NotFound(refund_id)
    payment = lock(session, Payment, payment_id)
    refund = lock(session, Refund, refund_id)
    if refund.status is not RefundStatus.PROPOSED:
        raise RefundRefused("decided")
    return payment, refund


def _decide(
    session: Session, refund: Refund, event: RefundEvent, actor: Actor, now: datetime
) -> None:
    move(session, refund, event, actor=actor, now=now)
    refund.decided_at, refund.decided_by = now, actor.user_id
    session.flush()


def withdraw_overtaken(
    session: Session, payment: Payment, *, actor: Actor, now: datetime, why: str
) -> None:
    """Take back proposals for money that went another way meanwhile (the payment is locked)."""
    query = select(Refund.id).where(
        Refund.payment_id == payment.id, Refund.status == RefundStatus.PROPOSED
    )
    for refund_id in session.scalars(query.order_by(Refund.created_at.desc(), Refund.id)).all():
        if left_to_refund(session, payment) >= 0:
            return
        refund = lock(session, Refund, refund_id)
        move(session, refund, RefundEvent.WITHDRAW, actor=actor, now=now, facts={"why": why})
        session.flush()
