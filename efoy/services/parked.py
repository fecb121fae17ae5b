"""What does a person decide about a payment that did not fit its booking? Once, with a reason."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import Session

from efoy.domain.booking import BookingEvent, BookingStatus
from efoy.domain.errors import RefundRefused
from efoy.domain.notice import CheckoutNotice, CheckoutState, Funds
from efoy.domain.payment import PaymentEvent, PaymentStatus
from efoy.domain.refund import RefundOrigin, RefundStatus
from efoy.domain.role import Actor
from efoy.models.base import lock, reading, transaction
from efoy.models.booking import Booking, free_claims
from efoy.models.payment import Payment
from efoy.models.transition import move
from efoy.models.upkeep import close_alert
from efoy.services.moving_steps import drop_move, is_top_up
from efoy.services.refund_limits import must_wait
from efoy.services.refunds import begin_refund, left_to_refund, new_refund, propose
from efoy.services.settlement import accept_difference

if TYPE_CHECKING:
    from efoy.gateways.stripe_gateway import StripeGateway

MAY_STAND = frozenset({"amount", "captured"})
"""Differences a person may accept: the money is ours and in our currency, only another sum."""


class Decision(StrEnum):
    """What may be decided."""

    ACCEPT = "accept"
    GIVE_BACK = "give_back"
    CLOSE = "close"


def decide_parked(
    payment_id: str,
    decision: Decision,
    why: str,
    *,
    stripe: StripeGateway,
    actor: Actor,
    now: datetime,
) -> PaymentStatus:
    """Accept the money for the visit, give all of it back, or close the matter without it.

    ``accept`` settles as any payment does, with the sum Stripe has; ``close`` records no money: it
    is for what Stripe never captured, or what is not ours. Raises RefundRefused: ``decided`` when
    somebody was faster, ``not_captured``, ``not_ours``, ``captured``; ProviderDown.
    """
    notice = _look(payment_id, decision, stripe)
    with transaction("decide_payment") as session:
        payment = lock(session, Payment, payment_id)
        booking = lock(session, Booking, payment.booking_id)
        if payment.status is not PaymentStatus.PARKED:
            raise RefundRefused("decided")
        if decision is Decision.CLOSE:
            _close(session, payment, booking, notice, why, actor, now)
        else:
            _take(session, payment, booking, notice, decision, why, actor, now)
        close_alert(session, "parked_payment", payment.id, now=now)
        return payment.status


def _look(payment_id: str, decision: Decision, stripe: StripeGateway) -> CheckoutNotice | None:
    """What Stripe has of it now; a page that could still be paid is shut before it is closed."""
    with reading() as connection:
        ref = connection.scalar(select(Payment.checkout_ref).where(Payment.id == payment_id))
    if ref is None:
        return None
    notice = stripe.fetch_checkout(ref)
    if decision is Decision.CLOSE and notice.state is CheckoutState.OPEN:
        return stripe.expire_checkout(ref)
    return notice


def _take(
    session: Session,
    payment: Payment,
    booking: Booking,
    notice: CheckoutNotice | None,
    decision: Decision,
    why: str,
    actor: Actor,
    now: datetime,
) -> None:
    if payment.parked_reason not in MAY_STAND:
        raise RefundRefused("not_ours")
    if notice is None or notice.funds is not Funds.PAID:
        raise RefundRefused("not_captured")
    keep = decision is Decision.ACCEPT
    accept_difference(session, payment, booking, notice, why, keep=keep, actor=actor, now=now)
    if not keep:
        _end_hold(session, payment, booking, actor, now)
        _all_back(session, payment, why, actor, now)


def _all_back(session: Session, payment: Payment, why: str, actor: Actor, now: datetime) -> None:
    left = left_to_refund(session, payment)
    waits = must_wait(session, payment, left, actor)
    status = RefundStatus.PROPOSED if waits else RefundStatus.REQUESTED
    refund = new_refund(
        payment, left, RefundOrigin.ADMIN, "charged_wrongly", left, actor, now, status=status
    )
    refund.note = why
    if waits:
        propose(session, refund, actor, now, needs_another=True)
    else:
        begin_refund(session, refund, actor, now)


def _close(
    session: Session,
    payment: Payment,
    booking: Booking,
    notice: CheckoutNotice | None,
    why: str,
    actor: Actor,
    now: datetime,
) -> None:
    captured = notice is not None and notice.funds in {Funds.PAID, Funds.PROCESSING}
    if captured and payment.parked_reason in MAY_STAND:
        raise RefundRefused("captured")
    facts = {"reason": why, "seen": notice.ref if notice else None}
    move(session, payment, PaymentEvent.DISMISS, actor=actor, now=now, facts=facts)
    if notice is not None and notice.charge_ref is not None:
        known = select(Payment.id).where(Payment.charge_ref == notice.charge_ref)
        if session.scalar(known) is None:
            payment.charge_ref = notice.charge_ref
    _end_hold(session, payment, booking, actor, now)


def _end_hold(
    session: Session, payment: Payment, booking: Booking, actor: Actor, now: datetime
) -> None:
    if is_top_up(payment):
        drop_move(session, booking, payment, why="parked", actor=actor, now=now)
    elif booking.status is BookingStatus.HELD:
        facts = {"payment": payment.id}
        move(session, booking, BookingEvent.EXPIRE, actor=actor, now=now, facts=facts)
        free_claims(session, booking.id)
