"""How far is money on its way back? Stripe is asked, our rows and the books follow."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from efoy.domain.booking import Landing
from efoy.domain.notice import RefundNotice
from efoy.domain.refund import (
    EVENT_FOR,
    RefundEvent,
    RefundOrigin,
    RefundStatus,
)
from efoy.domain.role import Actor
from efoy.models.base import lock, reading, transaction
from efoy.models.booking import Booking
from efoy.models.ledger import REFUNDS_PAID, STRIPE_BALANCE, write_ledger
from efoy.models.outbox import post
from efoy.models.payment import Payment, Refund
from efoy.models.transition import begin, may_move, move
from efoy.models.upkeep import raise_alert
from efoy.services.papers import issue_credit_note
from efoy.services.proposals import withdraw_overtaken
from efoy.services.refunds import close_made_good, left_to_refund, new_refund

if TYPE_CHECKING:
    from efoy.gateways.stripe_gateway import StripeGateway

TOLD_ALREADY = frozenset({Landing.SLOT_LOST, Landing.CANCELLED, Landing.DUPLICATE})
"""Money given back by itself is told in the mail that says why the visit cannot stand."""


def settle_refund(refund_id: str, *, stripe: StripeGateway, actor: Actor, now: datetime) -> None:
    """Look at one of our refunds at Stripe and take over what it says."""
    with reading() as connection:
        ref = connection.scalar(select(Refund.refund_ref).where(Refund.id == refund_id))
    if ref is not None:
        apply_refund(stripe.fetch_refund(ref), actor=actor, now=now)


def sync_refunds(payment_id: str, *, stripe: StripeGateway, actor: Actor, now: datetime) -> None:
    """Take over every refund Stripe has for a payment, also those made in its dashboard."""
    with reading() as connection:
        intent = connection.scalar(select(Payment.intent_ref).where(Payment.id == payment_id))
    if intent is not None:
        for notice in stripe.list_refunds(intent):
            apply_refund(notice, actor=actor, now=now)


def apply_refund(notice: RefundNotice, *, actor: Actor, now: datetime) -> None:
    """Join what Stripe said about a refund to our row; one nobody here asked for is adopted.

    Statuses only go forward: requested, submitted, waiting, succeeded, failed. ``succeeded`` is
    not final, a later failure reopens the matter and reverses the ledger.
    """
    try:
        with transaction("settle_refund") as session:
            _apply(session, notice, actor, now)
    except IntegrityError:  # adopted by another door a moment ago: this time it is found
        with transaction("adopt_refund") as session:
            _apply(session, notice, actor, now)


def _apply(session: Session, notice: RefundNotice, actor: Actor, now: datetime) -> None:
    payment_id = _payment_for(session, notice)
    if payment_id is None:
        return
    payment = lock(session, Payment, payment_id)
    booking = lock(session, Booking, payment.booking_id)
    refund = _row_for(session, notice, payment, actor, now)
    if (refund.amount_minor, refund.currency) != (notice.amount, notice.currency):
        raise_alert(session, "refund_differs", refund.id, str(notice.amount), now=now)
        return
    before = refund.status
    _note(refund, notice, now)
    _forward(session, refund, notice, actor, now)
    if refund.status is not before:
        _consequences(session, refund, before, booking, now)


def _payment_for(session: Session, notice: RefundNotice) -> str | None:
    """Whose refund is it: by our reference, by its own id, by the intent it belongs to."""
    ours = select(Refund.payment_id).where(
        (Refund.refund_ref == notice.ref) | (Refund.id == (notice.reference or ""))
    )
    found = session.scalar(ours.limit(1))
    if found is None and notice.intent_ref is not None:
        query = select(Payment.id).where(Payment.intent_ref == notice.intent_ref)
        found = session.scalar(query)
    return found


def _row_for(
    session: Session, notice: RefundNotice, payment: Payment, actor: Actor, now: datetime
) -> Refund:
    query = select(Refund).where(Refund.payment_id == payment.id).with_for_update()
    rows = list(session.scalars(query.execution_options(populate_existing=True)))
    for row in rows:
        if row.refund_ref == notice.ref or (row.refund_ref is None and row.id == notice.reference):
            return row
    return _adopt(session, notice, payment, actor, now)


def _adopt(
    session: Session, notice: RefundNotice, payment: Payment, actor: Actor, now: datetime
) -> Refund:
    left = left_to_refund(session, payment)
    refund = new_refund(
        payment, notice.amount, RefundOrigin.EXTERNAL, "made_at_stripe", left, actor, now
    )
    refund.idempotency_key, refund.refund_ref = None, notice.ref
    begin(session, refund, actor=actor, now=now, facts={"seen": notice.ref})
    move(session, refund, RefundEvent.SUBMIT, actor=actor, now=now)
    refund.submitted_at = notice.created_at
    session.flush()
    withdraw_overtaken(session, payment, actor=actor, now=now, why=refund.id)
    return refund


def _note(refund: Refund, notice: RefundNotice, now: datetime) -> None:
    refund.refund_ref = notice.ref
    refund.looked_at, refund.lease_until = now, None
    refund.failure_reason = notice.failure_reason or refund.failure_reason
    refund.pending_reason = notice.pending_reason
    refund.bank_reference = notice.bank_reference or refund.bank_reference


def _forward(
    session: Session, refund: Refund, notice: RefundNotice, actor: Actor, now: datetime
) -> None:
    """Take the steps that lead to Stripe's word; a word we are past of is old news."""
    event = EVENT_FOR.get(notice.status)
    facts = {
        "seen": notice.ref,
        "status": notice.status,
        "amount": notice.amount,
        "how": str(actor.door),
    }
    if event is None:
        raise_alert(session, "unknown_refund_status", refund.id, notice.status, now=now)
        return
    if refund.status is RefundStatus.REQUESTED:
        move(session, refund, RefundEvent.SUBMIT, actor=actor, now=now)
        refund.submitted_at = notice.created_at
    if may_move(refund, event):
        move(session, refund, event, actor=actor, now=now, facts=facts)


def _consequences(
    session: Session, refund: Refund, before: RefundStatus, booking: Booking, now: datetime
) -> None:
    """Ledger and mails of a step: the books follow what Stripe's balance does."""
    if refund.status is RefundStatus.SUCCEEDED:
        refund.succeeded_at = now
        _write(session, refund, f"refund:{refund.id}", refund.amount_minor, now)
        close_made_good(session, refund, now)
        issue_credit_note(session, refund, now=now)
    if before is RefundStatus.SUCCEEDED and refund.status is RefundStatus.FAILED:
        _write(session, refund, f"refund_failed:{refund.id}", -refund.amount_minor, now)
    if refund.status in {RefundStatus.FAILED, RefundStatus.CANCELED}:
        tell_failure(session, refund, booking, now)
    elif refund.reason not in TOLD_ALREADY:
        _post(session, "refund_sent", refund, booking, now)


def _write(session: Session, refund: Refund, cause: str, minor: int, now: datetime) -> None:
    write_ledger(
        session,
        cause=cause,
        payment_id=refund.payment_id,
        currency=refund.currency,
        amounts={REFUNDS_PAID: minor, STRIPE_BALANCE: -minor},
        now=now,
    )


def tell_failure(session: Session, refund: Refund, booking: Booking, now: datetime) -> None:
    """The patient is told the truth, and a person here gets it on their list."""
    raise_alert(session, "refund_failed", refund.id, refund.failure_reason or "", now=now)
    _post(session, "refund_failed", refund, booking, now)


def _post(session: Session, kind: str, refund: Refund, booking: Booking, now: datetime) -> None:
    post(session, kind, refund.id, booking.visitor_email, now=now, locale=booking.locale)
