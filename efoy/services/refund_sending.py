"""How is a requested refund sent, once and only once, whatever dies meanwhile?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from efoy.domain.booking import Landing
from efoy.domain.errors import NotFound, ProviderRefused
from efoy.domain.payment import KEY_LIVES
from efoy.domain.refund import (
    RefundEvent,
    RefundOrigin,
    RefundStatus,
)
from efoy.domain.role import Actor
from efoy.models.base import lock, transaction
from efoy.models.booking import Booking
from efoy.models.payment import Payment, Refund
from efoy.models.transition import move
from efoy.models.upkeep import raise_alert
from efoy.services.refund_following import apply_refund, tell_failure
from efoy.services.refunds import begin_refund, is_disputed, left_to_refund, new_refund

if TYPE_CHECKING:
    from efoy.gateways.stripe_gateway import StripeGateway

LEASE = timedelta(minutes=2)


@dataclass(frozen=True, kw_only=True)
class _Order:
    """What one submission needs, taken from the committed row."""

    refund_id: str
    intent_ref: str
    amount: int
    key: str
    duplicate: bool
    submitted_at: datetime


def submit_refund(
    refund_id: str,
    *,
    stripe: StripeGateway,
    actor: Actor,
    now: datetime,
    auto_per_hour: int = 20,
) -> None:
    """Send one requested refund with its own key; a doubtful one is looked up, never repeated.

    Raises ProviderDown: the row stays submitted and is taken up again when its lease is over.
    """
    order = _claim(refund_id, auto_per_hour, actor, now)
    if order is None:
        return
    if now - order.submitted_at >= KEY_LIVES:
        _look_up_old(order, stripe=stripe, actor=actor, now=now)
        return
    try:
        notice = stripe.create_refund(
            intent_ref=order.intent_ref,
            amount=order.amount,
            reference=order.refund_id,
            duplicate=order.duplicate,
            key=order.key,
        )
    except ProviderRefused as error:
        _refused(order, error.code, stripe=stripe, actor=actor, now=now)
        return
    apply_refund(notice, actor=actor, now=now)


def _claim(refund_id: str, auto_per_hour: int, actor: Actor, now: datetime) -> _Order | None:
    """Take the row for this worker: requested, or submitted by someone who never came back."""
    with transaction("claim_refund") as session:
        payment = lock(session, Payment, _payment_of(session, refund_id))
        refund = lock(session, Refund, refund_id)
        if refund.lease_until is not None and refund.lease_until > now:
            return None
        if refund.status is RefundStatus.REQUESTED:
            if not _may_send(session, refund, payment, auto_per_hour, now):
                return None
            move(session, refund, RefundEvent.SUBMIT, actor=actor, now=now)
            refund.submitted_at = now
        elif refund.status is not RefundStatus.SUBMITTED or refund.refund_ref is not None:
            return None
        refund.lease_until = now + LEASE
        return _Order(
            refund_id=refund.id,
            intent_ref=payment.intent_ref or "",
            amount=refund.amount_minor,
            key=refund.idempotency_key or "",
            duplicate=refund.reason == Landing.DUPLICATE,
            submitted_at=refund.submitted_at or now,
        )


def _payment_of(session: Session, refund_id: str) -> str:
    payment_id = session.scalar(select(Refund.payment_id).where(Refund.id == refund_id))
    if payment_id is None:
        raise NotFound(refund_id)
    return payment_id


def _may_send(
    session: Session, refund: Refund, payment: Payment, auto_per_hour: int, now: datetime
) -> bool:
    """The breaker on automatic refunds, and no refund beside an open dispute."""
    if payment.intent_ref is None or is_disputed(session, payment.id):
        raise_alert(session, "refund_waits", refund.id, "dispute", now=now)
        return False
    if refund.origin is not RefundOrigin.AUTO:
        return True
    query = select(func.count()).select_from(Refund)
    recent = session.scalar(
        query.where(
            Refund.origin == RefundOrigin.AUTO, Refund.submitted_at > now - timedelta(hours=1)
        )
    )
    if (recent or 0) < auto_per_hour:
        return True
    raise_alert(session, "refund_breaker", "auto", f"{auto_per_hour} an hour reached", now=now)
    return False


def _refused(
    order: _Order, code: str, *, stripe: StripeGateway, actor: Actor, now: datetime
) -> None:
    """A definite no: perhaps ours went through, or someone refunded elsewhere. Look first."""
    for notice in stripe.list_refunds(order.intent_ref):
        apply_refund(notice, actor=actor, now=now)
    _give_up(order.refund_id, code, actor=actor, now=now)


def _look_up_old(order: _Order, *, stripe: StripeGateway, actor: Actor, now: datetime) -> None:
    """A key older than 20 hours is never sent again: find the refund, or end this row.

    Where Stripe has none, a fresh row with its own key takes the place of the old one.
    """
    for notice in stripe.list_refunds(order.intent_ref):
        apply_refund(notice, actor=actor, now=now)
    if _give_up(order.refund_id, "never_arrived", actor=actor, now=now):
        _ask_again(order.refund_id, actor=actor, now=now)


def _give_up(refund_id: str, code: str, *, actor: Actor, now: datetime) -> bool:
    """End a refund that Stripe does not have; False when it turned out to be there."""
    with transaction("settle_refund") as session:
        payment = lock(session, Payment, _payment_of(session, refund_id))
        booking = session.get_one(Booking, payment.booking_id)
        refund = lock(session, Refund, refund_id)
        if refund.refund_ref is not None or refund.status is not RefundStatus.SUBMITTED:
            return False
        refund.failure_reason = code
        move(session, refund, RefundEvent.FAIL, actor=actor, now=now, facts={"refused": code})
        if code != "never_arrived":
            tell_failure(session, refund, booking, now)
        return True


def _ask_again(refund_id: str, *, actor: Actor, now: datetime) -> None:
    with transaction("request_refund") as session:
        old = session.get_one(Refund, refund_id)
        payment = lock(session, Payment, old.payment_id)
        left = left_to_refund(session, payment)
        amount = min(left, old.amount_minor)
        if amount > 0:
            fresh = new_refund(payment, amount, old.origin, old.reason, left, actor, now)
            fresh.actor_id, fresh.actor_role = old.actor_id, old.actor_role
            begin_refund(session, fresh, actor, now)
