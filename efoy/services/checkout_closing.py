"""How does a checkout end, so that nobody can pay any more before the time is given up?"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from efoy.domain.payment import (
    PaymentEvent,
)
from efoy.domain.role import Actor
from efoy.models.base import lock, transaction
from efoy.models.payment import Payment
from efoy.models.transition import may_move, move
from efoy.services.checkout_creation import resume_creating
from efoy.services.settlement import apply_checkout

if TYPE_CHECKING:
    from efoy.gateways.stripe_gateway import StripeGateway


def close_checkout(
    payment_id: str,
    *,
    closing_for: str | None,
    stripe: StripeGateway,
    actor: Actor,
    now: datetime,
) -> None:
    """End a checkout: say so here, ask Stripe, always look, and act on what it says.

    ``closing_for`` (``cancel``, ``expire``, or ``desk``: the time stays held) is what an unpaid end
    means for the booking; None where it was said when the closing began.
    Raises ProviderDown: the payment stays ``closing``, the time stays taken, the sweep returns.
    """
    ref = _begin_closing(payment_id, closing_for, actor, now)
    if ref is None:
        resume_creating(payment_id, stripe=stripe, actor=actor, now=now)
        ref = _begin_closing(payment_id, closing_for, actor, now)
    if ref is not None:
        notice = stripe.expire_checkout(ref)
        apply_checkout(payment_id, notice, actor=actor, now=now)


def _begin_closing(
    payment_id: str, closing_for: str | None, actor: Actor, now: datetime
) -> str | None:
    with transaction("close_checkout") as session:
        payment = lock(session, Payment, payment_id)
        if payment.closing_for != "cancel":
            payment.closing_for = closing_for or payment.closing_for or "expire"
        if may_move(payment, PaymentEvent.CLOSE):
            move(session, payment, PaymentEvent.CLOSE, actor=actor, now=now)
        return payment.checkout_ref
