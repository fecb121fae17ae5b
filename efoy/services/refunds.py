"""How is money asked back? Under the payment's lock, never more than came in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from efoy.domain import dispute as disputes
from efoy.domain.errors import RefundRefused, StaleAmount
from efoy.domain.money import WHOLE_UNITS_TIMES_HUNDRED
from efoy.domain.payment import PaymentStatus
from efoy.domain.refund import (
    RefundOrigin,
    RefundStatus,
    available,
)
from efoy.domain.role import Actor
from efoy.models.base import lock, new_id, posted, transaction
from efoy.models.payment import Dispute, Payment, Refund
from efoy.models.transition import begin
from efoy.models.upkeep import close_alert, raise_alert
from efoy.services.refund_limits import must_wait

REASONS = ("patient_asked", "clinic_cancelled", "visit_changed", "charged_wrongly", "goodwill")


@dataclass(frozen=True, kw_only=True)
class RefundWish:
    """What an admin asks for: ``amount`` of the ``available`` minor units the form showed."""

    amount: int
    available: int
    reason: str
    note: str = ""
    message: str = ""
    form_token: str | None = None


def request_refund(payment_id: str, wish: RefundWish, *, actor: Actor, now: datetime) -> str:
    """Commit an admin's refund; the worker sends it. Returns the refund's id.

    The same ``form_token`` answers with the first one. Raises RefundRefused (why, as a word),
    StaleAmount when the amount available changed since the form was drawn.
    """
    try:
        with transaction("request_refund") as session:
            payment = lock(session, Payment, payment_id)
            first = refund_of_form(session, wish.form_token)
            if first is None:
                first = request_within(session, payment, wish, actor, now)
            return first.id
    except IntegrityError as error:
        raise RefundRefused("another_is_waiting") from error


def refund_of_form(session: Session, token: str | None) -> Refund | None:
    """The refund that a form's first post made, if it made one."""
    return session.scalar(select(Refund).where(Refund.form_token == token)) if token else None


def request_within(
    session: Session, payment: Payment, wish: RefundWish, actor: Actor, now: datetime
) -> Refund:
    """The same inside the caller's transaction; the payment is locked.

    What this person may not give alone waits for another one.
    """
    left = check_wish(session, payment, wish)
    waits = must_wait(session, payment, wish.amount, actor)
    if payment.intent_ref is None and not waits:
        raise RefundRefused("by_hand")
    status = RefundStatus.PROPOSED if waits else RefundStatus.REQUESTED
    refund = new_refund(
        payment, wish.amount, RefundOrigin.ADMIN, wish.reason, left, actor, now, status=status
    )
    refund.note, refund.message, refund.form_token = wish.note, wish.message, wish.form_token
    if waits:
        return propose(session, refund, actor, now, needs_another=True)
    return begin_refund(session, refund, actor, now)


def check_wish(session: Session, payment: Payment, wish: RefundWish) -> int:
    """What is left of a locked payment; raises RefundRefused and StaleAmount where the wish does
    not fit it."""
    left = left_to_refund(session, payment)
    if payment.status is not PaymentStatus.PAID:
        raise RefundRefused("not_paid")
    if is_disputed(session, payment.id):
        raise RefundRefused("disputed")
    if left != wish.available:
        raise StaleAmount(payment.id)
    if not 0 < wish.amount <= left:
        raise RefundRefused("amount")
    if payment.currency in WHOLE_UNITS_TIMES_HUNDRED and wish.amount % 100:
        raise RefundRefused("amount")
    if wish.reason not in REASONS:
        raise RefundRefused("reason")
    return left


def propose(
    session: Session,
    refund: Refund,
    actor: Actor,
    now: datetime,
    *,
    needs_another: bool = False,
    quietly: bool = False,
) -> Refund:
    """Write a refund that waits for a person, and put it into their queue unless ``quietly``.

    ``needs_another``: whoever asks now is not the one who may approve it.
    """
    refund.first_by = actor.user_id if needs_another else None
    begin(session, refund, actor=actor, now=now, facts={"amount": refund.amount_minor})
    session.flush()
    if not quietly:
        detail = "second" if needs_another else ""
        raise_alert(session, "refund_to_approve", refund.id, detail, now=now, mail=False)
    return refund


def left_to_refund(session: Session, payment: Payment) -> int:
    """What may still go back of a payment, in minor units (the payment must be locked)."""
    rows = session.execute(
        select(Refund.status, Refund.amount_minor).where(Refund.payment_id == payment.id)
    )
    return available(payment.captured_minor or 0, [(status, minor) for status, minor in rows])


def is_disputed(session: Session, payment_id: str) -> bool:
    """Whether an open dispute stands in the way of a refund."""
    rows = session.execute(
        select(Dispute.status, Dispute.refundable).where(Dispute.payment_id == payment_id)
    )
    return any(disputes.blocks_refunds(word, refundable=yes) for word, yes in rows)


def new_refund(
    payment: Payment,
    amount: int,
    origin: RefundOrigin,
    reason: str,
    left: int,
    actor: Actor,
    now: datetime,
    *,
    status: RefundStatus = RefundStatus.REQUESTED,
) -> Refund:
    """A refund of ``amount`` minor units, not yet written; its key is its own for life."""
    refund_id = new_id()
    return Refund(
        id=refund_id,
        payment_id=payment.id,
        amount_minor=amount,
        currency=payment.currency,
        status=status,
        origin=origin,
        reason=reason,
        actor_id=actor.user_id,
        actor_role=actor.role,
        available_minor=left,
        idempotency_key=f"efoy:re:{refund_id}",
        created_at=now,
    )


def begin_refund(session: Session, refund: Refund, actor: Actor, now: datetime) -> Refund:
    """Write a requested refund with its audit entry, and wake the worker for it."""
    begin(session, refund, actor=actor, now=now, facts={"amount": refund.amount_minor})
    session.flush()
    posted(session, "refund", refund.id)
    return refund


def give_back(
    session: Session, payment: Payment, *, reason: str, actor: Actor, now: datetime
) -> None:
    """Return everything of a payment whose booking cannot stand; once, whoever asks again."""
    left = left_to_refund(session, payment)
    if left <= 0:
        return
    refund = new_refund(payment, left, RefundOrigin.AUTO, reason, left, actor, now)
    begin_refund(session, refund, actor, now)


def close_made_good(session: Session, refund: Refund, now: datetime) -> None:
    """A failed refund whose money went back by another one needs nobody any more."""
    payment = session.get_one(Payment, refund.payment_id)
    left = left_to_refund(session, payment)
    query = select(Refund.id, Refund.amount_minor).where(
        Refund.payment_id == payment.id,
        Refund.status.in_([RefundStatus.FAILED, RefundStatus.CANCELED]),
    )
    for failed_id, minor in session.execute(query):
        if minor > left:
            close_alert(session, "refund_failed", failed_id, now=now)
