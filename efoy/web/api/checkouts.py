"""How does a program send somebody to pay? To the hosted page, for the server's own amount."""

from __future__ import annotations

from typing import Any

import structlog
from marshmallow import fields

from efoy.domain.booking import HOLD
from efoy.domain.errors import ProviderDown
from efoy.domain.role import Action, Door
from efoy.domain.scope import Scope
from efoy.queries.lookups import find_booking_of
from efoy.services.checkout import OpenCheckout, open_checkout
from efoy.web.access import actor, public, requires
from efoy.web.api.blueprint import PAYMENT, bp, scope
from efoy.web.api.fields import Instant, Shape, Text
from efoy.web.api.whose import reader
from efoy.web.context import clinic
from efoy.web.limits import limit_pay
from efoy.web.to_stripe import is_checkout, return_urls
from efoy.wiring import outside, settings

log = structlog.get_logger(__name__)


class CheckoutArgs(Shape):
    """What is to be paid: nothing but the booking. The amount is the server's."""

    booking_id = Text(required=True, least=1, most=26)


class CheckoutShape(Shape):
    """The page to send the patient to; a visit that costs nothing has none and is booked."""

    session_id = fields.String(allow_none=True)
    checkout_url = fields.String(allow_none=True)
    amount = fields.Integer()
    currency = fields.String()
    expires_at = Instant(allow_none=True)


class ConfigShape(Shape):
    """How this clinic takes payments. ``mode``: live, test, or sandbox (no real money)."""

    publishable_key = fields.String()
    currency = fields.String()
    mode = fields.String()
    hold_minutes = fields.Integer()


@bp.get("/payment/config", tags=PAYMENT)
@public
@bp.response(200, ConfigShape)
def payment_config() -> dict[str, Any]:
    """How this clinic takes payments; nothing secret."""
    own = settings()
    return {
        "publishable_key": own.stripe_publishable_key,
        "currency": clinic().currency,
        "mode": "sandbox" if own.sandbox_mode else "live" if own.live_key else "test",
        "hold_minutes": int(HOLD.total_seconds()) // 60,
    }


# -- to the pay page ----------------------------------------------------------------------------


@bp.post("/payment/create-checkout-session", tags=PAYMENT)
@requires(Action.PAY)
@scope(Scope.PAYMENTS_WRITE)
@limit_pay
@bp.arguments(CheckoutArgs)
@bp.response(200, CheckoutShape)
def create_checkout_session(given: dict[str, Any]) -> dict[str, Any]:
    """The hosted pay page of a held booking; asking again gives the same page."""
    return _checkout(given["booking_id"])


@bp.post("/payment/create-payment-intent", tags=PAYMENT)
@requires(Action.PAY)
@scope(Scope.PAYMENTS_WRITE)
@limit_pay
@bp.arguments(CheckoutArgs)
@bp.response(200, CheckoutShape)
def create_payment_intent(given: dict[str, Any]) -> dict[str, Any]:
    """The same under its older name: Stripe makes the payment intent inside its page."""
    return _checkout(given["booking_id"])


def _checkout(booking_id: str) -> dict[str, Any]:
    out = outside()
    opened = open_checkout(
        find_booking_of(reader(), booking_id).id,
        urls=return_urls(),
        stripe=out.stripe,
        actor=actor(Door.API),
        now=out.clock(),
    )
    _at_stripe(opened)
    return {
        "session_id": opened.checkout_ref,
        "checkout_url": opened.url,
        "amount": opened.amount,
        "currency": opened.currency,
        "expires_at": opened.expires_at,
    }


def _at_stripe(opened: OpenCheckout) -> None:
    """Nobody is sent anywhere but to the hosted page."""
    if opened.url is not None and not is_checkout(opened.url):
        log.error("checkout_elsewhere")
        raise ProviderDown("checkout")
