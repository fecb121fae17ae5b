"""How does a refund that the rules give wait for a person, and what may that person say to it?"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from efoy.domain.errors import NotFound, RefundRefused, StaleAmount
from efoy.domain.refund import RefundEvent, RefundOrigin, RefundStatus
from efoy.domain.refund_way import RefundWay
from efoy.domain.role import Actor
from efoy.models.audit import record
from efoy.models.base import lock, posted, transaction
from efoy.models.booking import Booking
from efoy.models.payment import Payment, Refund
from efoy.models.transition import move
from efoy.models.upkeep import close_alert
from efoy.services.refund_by_hand import hand_over
from efoy.services.refund_limits import must_wait
from efoy.services.refunds import (
    begin_refund,
    is_disputed,
    left_to_refund,
    new_refund,
    propose,
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
    return propose(session, refund, actor, now)


def _one_is_sent(session: Session, payment: Payment) -> bool:
    query = select(Refund.id).where(
        Refund.payment_id == payment.id, Refund.status == RefundStatus.REQUESTED
    )
    return session.scalar(query) is not None


def approve_refund(
    refund_id: str, *, message: str = "", actor: Actor, now: datetime
) -> RefundStatus:
    """A person agrees: from now on the worker sends it, in the amount that was proposed.

    ``message`` goes to the patient with the refund's mail, in place of an earlier one.
    Above their limit it goes on waiting, for a second person (``proposed`` is returned). Raises
    RefundRefused (``decided``, ``disputed``, ``by_hand``, ``needs_another``,
    ``another_is_waiting``), and StaleAmount where other refunds have taken what was left.
    """
    try:
        with transaction("decide_refund") as session:
            payment, refund = lock_proposed(session, refund_id)
            refund.message = message or refund.message
            approve(session, payment, refund, actor=actor, now=now)
            return refund.status
    except IntegrityError as error:
        raise RefundRefused("another_is_waiting") from error


def approve(
    session: Session, payment: Payment, refund: Refund, *, actor: Actor, now: datetime
) -> None:
    """The same inside the caller's transaction; both rows are locked."""
    by_hand = refund.way is not RefundWay.STRIPE
    if is_disputed(session, payment.id):
        raise RefundRefused("disputed")
    if payment.intent_ref is None and not by_hand:
        raise RefundRefused("by_hand")
    if left_to_refund(session, payment) < 0:
        raise StaleAmount(payment.id)
    if refund.first_by is not None and refund.first_by == actor.user_id:
        raise RefundRefused("needs_another")
    if refund.first_by is None and _too_much(session, payment, refund, actor):
        _first_of_two(session, refund, actor, now)
    elif by_hand:
        refund.decided_at, refund.decided_by = now, actor.user_id
        booking = lock(session, Booking, payment.booking_id)
        hand_over(session, booking, refund, actor=actor, now=now)
    else:
        decide(session, refund, RefundEvent.APPROVE, actor, now)
        posted(session, "refund", refund.id)


def _too_much(session: Session, payment: Payment, refund: Refund, actor: Actor) -> bool:
    return must_wait(session, payment, refund.amount_minor, actor, but=refund.id)


def _first_of_two(session: Session, refund: Refund, actor: Actor, now: datetime) -> None:
    """One has agreed who may not give so much alone: it waits on, for anybody else."""
    refund.first_by = actor.user_id
    record(
        session,
        "refund",
        refund.id,
        "approve_first",
        before=None,
        after=None,
        actor=actor,
        now=now,
    )
    session.flush()


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


def decide(
    session: Session, refund: Refund, event: RefundEvent, actor: Actor, now: datetime
) -> None:
    """Yes or no to a locked refund that waits; whoever was first takes it back, no more."""
    took_back = event is RefundEvent.DECLINE and refund.first_by == actor.user_id
    move(session, refund, RefundEvent.WITHDRAW if took_back else event, actor=actor, now=now)
    refund.decided_at = now
    refund.decided_by = None if took_back else actor.user_id
    close_alert(session, "refund_to_approve", refund.id, now=now)
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
        close_alert(session, "refund_to_approve", refund.id, now=now)
        session.flush()
