"""How does money go back, and how far is it? Asked for, sent, and followed until Stripe is sure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from efoy.domain import dispute as disputes
from efoy.domain.booking import Landing
from efoy.domain.errors import NotFound, ProviderRefused, RefundRefused, StaleAmount
from efoy.domain.money import WHOLE_UNITS_TIMES_HUNDRED
from efoy.domain.notice import RefundNotice
from efoy.domain.payment import KEY_LIVES, PaymentStatus
from efoy.domain.refund import (
    EVENT_FOR,
    RefundEvent,
    RefundOrigin,
    RefundStatus,
    available,
)
from efoy.domain.role import Actor
from efoy.models.base import lock, new_id, posted, reading, transaction
from efoy.models.booking import Booking
from efoy.models.ledger import REFUNDS_PAID, STRIPE_BALANCE, write_ledger
from efoy.models.outbox import post
from efoy.models.payment import Dispute, Payment, Refund
from efoy.models.transition import begin, may_move, move
from efoy.models.upkeep import close_alert, raise_alert

if TYPE_CHECKING:
    from efoy.gateways.stripe_gateway import StripeGateway

LEASE = timedelta(minutes=2)
TOLD_ALREADY = frozenset({Landing.SLOT_LOST, Landing.CANCELLED, Landing.DUPLICATE})
"""Money given back by itself is told in the mail that says why the visit cannot stand."""
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


@dataclass(frozen=True, kw_only=True)
class _Order:
    """What one submission needs, taken from the committed row."""

    refund_id: str
    intent_ref: str
    amount: int
    key: str
    duplicate: bool
    submitted_at: datetime


def request_refund(payment_id: str, wish: RefundWish, *, actor: Actor, now: datetime) -> str:
    """Commit an admin's refund; the worker sends it. Returns the refund's id.

    The same ``form_token`` answers with the first one. Raises RefundRefused (why, as a word),
    StaleAmount when the amount available changed since the form was drawn.
    """
    try:
        with transaction("request_refund") as session:
            payment = lock(session, Payment, payment_id)
            first = _of_form(session, wish.form_token)
            if first is None:
                first = _request(session, payment, wish, actor, now)
            return first.id
    except IntegrityError as error:
        raise RefundRefused("another_is_waiting") from error


def _of_form(session: Session, token: str | None) -> Refund | None:
    return session.scalar(select(Refund).where(Refund.form_token == token)) if token else None


def _request(
    session: Session, payment: Payment, wish: RefundWish, actor: Actor, now: datetime
) -> Refund:
    left = left_to_refund(session, payment)
    if payment.status is not PaymentStatus.PAID or payment.intent_ref is None:
        raise RefundRefused("not_paid")
    if _disputed(session, payment.id):
        raise RefundRefused("disputed")
    if left != wish.available:
        raise StaleAmount(payment.id)
    if not 0 < wish.amount <= left:
        raise RefundRefused("amount")
    if payment.currency in WHOLE_UNITS_TIMES_HUNDRED and wish.amount % 100:
        raise RefundRefused("amount")
    if wish.reason not in REASONS:
        raise RefundRefused("reason")
    refund = _new(payment, wish.amount, RefundOrigin.ADMIN, wish.reason, left, actor, now)
    refund.note, refund.message, refund.form_token = wish.note, wish.message, wish.form_token
    return _begin(session, refund, actor, now)


def left_to_refund(session: Session, payment: Payment) -> int:
    """What may still go back of a payment, in minor units (the payment must be locked)."""
    rows = session.execute(
        select(Refund.status, Refund.amount_minor).where(Refund.payment_id == payment.id)
    )
    return available(payment.captured_minor or 0, [(status, minor) for status, minor in rows])


def _disputed(session: Session, payment_id: str) -> bool:
    rows = session.execute(
        select(Dispute.status, Dispute.refundable).where(Dispute.payment_id == payment_id)
    )
    return any(disputes.blocks_refunds(word, refundable=yes) for word, yes in rows)


def _new(
    payment: Payment,
    amount: int,
    origin: RefundOrigin,
    reason: str,
    left: int,
    actor: Actor,
    now: datetime,
) -> Refund:
    refund_id = new_id()
    return Refund(
        id=refund_id,
        payment_id=payment.id,
        amount_minor=amount,
        currency=payment.currency,
        status=RefundStatus.REQUESTED,
        origin=origin,
        reason=reason,
        actor_id=actor.user_id,
        actor_role=actor.role,
        available_minor=left,
        idempotency_key=f"efoy:re:{refund_id}",
        created_at=now,
    )


def _begin(session: Session, refund: Refund, actor: Actor, now: datetime) -> Refund:
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
    refund = _new(payment, left, RefundOrigin.AUTO, reason, left, actor, now)
    _begin(session, refund, actor, now)


# -- sending ---------------------------------------------------------------------------------


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
    if payment.intent_ref is None or _disputed(session, payment.id):
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
            _tell_failure(session, refund, booking, now)
        return True


def _ask_again(refund_id: str, *, actor: Actor, now: datetime) -> None:
    with transaction("request_refund") as session:
        old = session.get_one(Refund, refund_id)
        payment = lock(session, Payment, old.payment_id)
        left = left_to_refund(session, payment)
        amount = min(left, old.amount_minor)
        if amount > 0:
            fresh = _new(payment, amount, old.origin, old.reason, left, actor, now)
            fresh.actor_id, fresh.actor_role = old.actor_id, old.actor_role
            _begin(session, fresh, actor, now)


# -- following -------------------------------------------------------------------------------


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
    refund = _new(payment, notice.amount, RefundOrigin.EXTERNAL, "made_at_stripe", left, actor, now)
    refund.idempotency_key, refund.refund_ref = None, notice.ref
    begin(session, refund, actor=actor, now=now, facts={"seen": notice.ref})
    move(session, refund, RefundEvent.SUBMIT, actor=actor, now=now)
    refund.submitted_at = notice.created_at
    session.flush()
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
        close_alert(session, "refund_failed", refund.id, now=now)
    if before is RefundStatus.SUCCEEDED and refund.status is RefundStatus.FAILED:
        _write(session, refund, f"refund_failed:{refund.id}", -refund.amount_minor, now)
    if refund.status in {RefundStatus.FAILED, RefundStatus.CANCELED}:
        _tell_failure(session, refund, booking, now)
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


def _tell_failure(session: Session, refund: Refund, booking: Booking, now: datetime) -> None:
    """The patient is told the truth, and a person here gets it on their list."""
    raise_alert(session, "refund_failed", refund.id, refund.failure_reason or "", now=now)
    _post(session, "refund_failed", refund, booking, now)


def _post(session: Session, kind: str, refund: Refund, booking: Booking, now: datetime) -> None:
    post(session, kind, refund.id, booking.visitor_email, now=now, locale=booking.locale)
