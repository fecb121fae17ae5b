"""What happens to a message from Stripe? Verified, stored once, answered, then looked into.

A message only says "look there": the object is fetched before anything is believed.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import or_, select

from efoy.domain.errors import NotFound, ProviderDown, ProviderRefused
from efoy.domain.event import EventEvent, EventStatus
from efoy.domain.notice import EventHint
from efoy.domain.outbox import back_off
from efoy.domain.role import Actor
from efoy.models.base import lock, posted, reading, transaction
from efoy.models.payment import Payment, Refund
from efoy.models.stripe_event import StripeEvent, store
from efoy.models.transition import move
from efoy.models.upkeep import close_alert, raise_alert
from efoy.services.disputes import settle_dispute
from efoy.services.refund_following import apply_refund, sync_refunds
from efoy.services.settlement import settle_payment

if TYPE_CHECKING:
    from efoy.gateways.stripe_gateway import StripeGateway

LEASE = timedelta(minutes=1)
PATIENCE = timedelta(minutes=15)
"""How long an event may wait for a payment we do not know yet (it can beat our own commit)."""


def receive_event(body: bytes, header: str | None, *, stripe: StripeGateway, now: datetime) -> bool:
    """Verify a delivery and store it; True when its id is new. Raises Untrusted.

    Once this returns, the message is ours: answering 2xx before that would lose it.
    """
    return keep_hint(stripe.read_event(body, header, now=now), door="webhook", now=now)


def keep_hint(hint: EventHint, *, door: str, now: datetime) -> bool:
    """Store a verified hint once, and wake the worker for it."""
    with transaction("receive_event") as session:
        fresh = store(session, hint, door=door, now=now)
        if fresh:
            posted(session, "event", hint.id)
        return fresh


def apply_event(event_id: str, *, stripe: StripeGateway, actor: Actor, now: datetime) -> None:
    """Look into one stored message; repeating it finds nothing new.

    Stripe away: it waits with a growing delay. Unknown payment: it waits 15 minutes, then a
    person is told, for money may be behind it.
    """
    event = _claim(event_id, now)
    if event is None:
        return
    try:
        ended = _look(event, stripe=stripe, actor=actor, now=now)
    except ProviderDown:
        ended = None
    except ProviderRefused:
        ended = EventEvent.IGNORE
    _finish(event_id, ended, actor=actor, now=now)


def _claim(event_id: str, now: datetime) -> StripeEvent | None:
    with transaction("receive_event") as session:
        event = lock(session, StripeEvent, event_id)
        if event.status is not EventStatus.RECEIVED or event.next_try_at > now:
            return None
        event.next_try_at, event.attempts = now + LEASE, event.attempts + 1
        return event


def _look(
    event: StripeEvent, *, stripe: StripeGateway, actor: Actor, now: datetime
) -> EventEvent | None:
    """Fetch what the message points at and act on it; None means "not yet"."""
    if event.live != stripe.live:
        return EventEvent.PARK
    kind = event.type
    if kind.startswith("charge.dispute."):
        ours = settle_dispute(event.object_id, stripe=stripe, actor=actor, now=now)
        return EventEvent.APPLY if ours else EventEvent.IGNORE
    if kind.startswith("refund."):
        return _refund(event, stripe=stripe, actor=actor, now=now)
    if kind.startswith(("checkout.session.", "payment_intent.", "charge.")):
        return _payment(event, stripe=stripe, actor=actor, now=now)
    return EventEvent.IGNORE


def _refund(
    event: StripeEvent, *, stripe: StripeGateway, actor: Actor, now: datetime
) -> EventEvent | None:
    notice = stripe.fetch_refund(event.object_id)
    with reading() as connection:
        known = connection.scalar(
            select(Payment.id)
            .outerjoin(Refund, Refund.payment_id == Payment.id)
            .where(
                or_(Payment.intent_ref == notice.intent_ref, Refund.id == (event.reference or ""))
            )
            .limit(1)
        )
    if known is None:
        return _not_ours_or_not_yet(event, now)
    apply_refund(notice, actor=actor, now=now)
    return EventEvent.APPLY


def _payment(
    event: StripeEvent, *, stripe: StripeGateway, actor: Actor, now: datetime
) -> EventEvent | None:
    payment_id = _payment_of(event)
    if payment_id is None:
        return _not_ours_or_not_yet(event, now)
    checkout = event.object_id if event.type.startswith("checkout.session.") else None
    try:
        settle_payment(payment_id, stripe=stripe, actor=actor, now=now, checkout_ref=checkout)
    except NotFound:
        return _not_ours_or_not_yet(event, now)
    if event.type == "charge.refunded":
        sync_refunds(payment_id, stripe=stripe, actor=actor, now=now)
    return EventEvent.APPLY


def _payment_of(event: StripeEvent) -> str | None:
    """Our payment behind a message: by reference, by the checkout's id, by the intent's."""
    query = select(Payment.id).where(
        or_(
            Payment.id == (event.reference or ""),
            Payment.checkout_ref == event.object_id,
            Payment.intent_ref == (event.intent_ref or ""),
        )
    )
    with reading() as connection:
        found = connection.scalar(query.limit(1))
    return None if found is None else str(found)


def _not_ours_or_not_yet(event: StripeEvent, now: datetime) -> EventEvent | None:
    if event.reference is None:
        return EventEvent.IGNORE
    return None if now - event.received_at < PATIENCE else EventEvent.PARK


def _finish(event_id: str, ended: EventEvent | None, *, actor: Actor, now: datetime) -> None:
    with transaction("finish_event") as session:
        event = lock(session, StripeEvent, event_id)
        if event.status is not EventStatus.RECEIVED:
            return
        if ended is None:
            _wait(event, now)
            return
        move(session, event, ended, actor=actor, now=now)
        event.done_at = now
        if ended is EventEvent.PARK:
            raise_alert(session, "unmatched_event", event.id, event.type, now=now)


def _wait(event: StripeEvent, now: datetime) -> None:
    event.next_try_at = now + min(back_off(event.attempts), timedelta(minutes=5))


def replay_event(event_id: str, *, stripe: StripeGateway, actor: Actor, now: datetime) -> bool:
    """Look into a stored message again, whatever became of it; True when it is about our rows.

    Nothing may change by it, but that a parked message which now finds its payment is done.
    """
    with transaction("receive_event") as session:
        event = lock(session, StripeEvent, event_id)
    try:
        ended = _look(event, stripe=stripe, actor=actor, now=now)
    except (ProviderDown, ProviderRefused):
        return False
    if event.status is EventStatus.PARKED and ended is EventEvent.APPLY:
        with transaction("finish_event") as session:
            event = lock(session, StripeEvent, event_id)
            move(session, event, EventEvent.APPLY, actor=actor, now=now)
            event.done_at = now
            close_alert(session, "unmatched_event", event.id, now=now)
    return ended is EventEvent.APPLY


def due_events(now: datetime) -> list[str]:
    """Every stored message that waits for a look, oldest first."""
    query = (
        select(StripeEvent.id)
        .where(StripeEvent.status == "received", StripeEvent.next_try_at <= now)
        .order_by(StripeEvent.received_at)
        .limit(500)
    )
    with reading() as connection:
        return list(connection.scalars(query))
