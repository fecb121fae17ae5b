"""How is a hosted page made from its committed row, even when the first try was cut short?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from efoy.domain.errors import (
    PaymentUnsettled,
    ProviderDown,
    ProviderRefused,
)
from efoy.domain.notice import CheckoutNotice, CheckoutState
from efoy.domain.payment import (
    KEY_LIVES,
    PaymentEvent,
    PaymentStatus,
)
from efoy.domain.role import Actor
from efoy.models.base import lock, reading, transaction
from efoy.models.booking import Booking
from efoy.models.payment import Payment
from efoy.models.transition import may_move, move, step_from
from efoy.models.upkeep import raise_alert
from efoy.services.moving_steps import is_top_up
from efoy.services.settlement import give_up_hold, settle_payment

if TYPE_CHECKING:
    from efoy.gateways.stripe_gateway import StripeGateway

SECOND_LOOK = timedelta(minutes=2)
ABSENT = "absent"


@dataclass(frozen=True, kw_only=True)
class Frozen:
    """What one create call needs, taken from the committed row."""

    payment_id: str
    params: dict[str, object]
    key: str
    created_at: datetime
    looked_at: datetime | None


def frozen(payment: Payment) -> Frozen:
    """What one create call needs, from its row."""
    return Frozen(
        payment_id=payment.id,
        params=payment.params,
        key=payment.idempotency_key,
        created_at=payment.created_at,
        looked_at=payment.looked_at,
    )


def create(frozen: Frozen, *, stripe: StripeGateway, actor: Actor, now: datetime) -> CheckoutNotice:
    """Send the frozen parameters with the row's key; a definite no ends this attempt."""
    if now - frozen.created_at >= KEY_LIVES:
        raise PaymentUnsettled(frozen.payment_id)
    try:
        return stripe.open_checkout(frozen.params, frozen.key)
    except ProviderRefused as error:
        _fail(frozen.payment_id, error.code, actor=actor, now=now)
        raise


def _fail(payment_id: str, code: str, *, actor: Actor, now: datetime) -> None:
    """No checkout came of it: nobody can pay there. A person hears of a refusal by Stripe."""
    with transaction("fail_payment") as session:
        payment = lock(session, Payment, payment_id)
        booking = lock(session, Booking, payment.booking_id)
        if payment.status is not PaymentStatus.CREATING:
            return
        facts = {"refused": code}
        move(session, payment, PaymentEvent.FAIL, actor=actor, now=now, facts=facts)
        if payment.closing_for is not None or is_top_up(payment):
            give_up_hold(session, booking, payment, actor=actor, now=now)
        if code != ABSENT:
            raise_alert(session, "stripe_refused", payment.id, code, now=now)


def open_at_once(
    session: Session, payment_id: str, notice: CheckoutNotice, *, actor: Actor, now: datetime
) -> Row[Any] | None:
    """What ``record_opened`` does, where nothing came between: one statement, no look before."""
    return step_from(
        session,
        Payment,
        payment_id,
        PaymentStatus.CREATING,
        PaymentEvent.OPENED,
        actor=actor,
        now=now,
        values={
            "checkout_ref": notice.ref,
            "checkout_url": notice.url,
            "checkout_expires_at": notice.expires_at,
        },
        facts={"seen": notice.ref},
    )


def record_opened(
    session: Session, payment: Payment, notice: CheckoutNotice, *, actor: Actor, now: datetime
) -> None:
    """Keep what Stripe called our checkout; a second time finds nothing new."""
    if payment.checkout_ref is None:
        payment.checkout_ref, payment.checkout_url = notice.ref, notice.url
        payment.checkout_expires_at = notice.expires_at
    if may_move(payment, PaymentEvent.OPENED):
        facts = {"seen": notice.ref}
        move(session, payment, PaymentEvent.OPENED, actor=actor, now=now, facts=facts)


def resume_creating(payment_id: str, *, stripe: StripeGateway, actor: Actor, now: datetime) -> None:
    """Finish a creation that was cut short: look for it at Stripe first, then replay it.

    Two looks two minutes apart that find nothing, with the key no longer answering, prove that
    there is none: the attempt fails and a new one may start. Raises ProviderDown.
    """
    frozen = _read(payment_id)
    if frozen is None:
        return
    notice = stripe.find_checkout(payment_id, frozen.created_at)
    if notice is None:
        notice = _replay(frozen, stripe=stripe, actor=actor, now=now)
    if notice is not None:
        _adopt(payment_id, notice, stripe=stripe, actor=actor, now=now)


def _read(payment_id: str) -> Frozen | None:
    with reading() as connection:
        row = connection.execute(
            select(
                Payment.params, Payment.idempotency_key, Payment.created_at, Payment.looked_at
            ).where(Payment.id == payment_id, Payment.status == "creating")
        ).first()
    if row is None:
        return None
    return Frozen(
        payment_id=payment_id,
        params=row.params,
        key=row.idempotency_key,
        created_at=row.created_at,
        looked_at=row.looked_at,
    )


def _replay(
    frozen: Frozen, *, stripe: StripeGateway, actor: Actor, now: datetime
) -> CheckoutNotice | None:
    try:
        return create(frozen, stripe=stripe, actor=actor, now=now)
    except ProviderRefused:
        return None
    except (ProviderDown, PaymentUnsettled):
        if frozen.looked_at is not None and now - frozen.looked_at >= SECOND_LOOK:
            _fail(frozen.payment_id, ABSENT, actor=actor, now=now)
        elif frozen.looked_at is None:
            _looked(frozen.payment_id, now)
        return None


def _looked(payment_id: str, now: datetime) -> None:
    with transaction("fail_payment") as session:
        lock(session, Payment, payment_id).looked_at = now


def _adopt(
    payment_id: str,
    notice: CheckoutNotice,
    *,
    stripe: StripeGateway,
    actor: Actor,
    now: datetime,
) -> None:
    with transaction("record_checkout") as session:
        payment = lock(session, Payment, payment_id)
        record_opened(session, payment, notice, actor=actor, now=now)
    if notice.state is not CheckoutState.OPEN:
        settle_payment(payment_id, stripe=stripe, actor=actor, now=now)
