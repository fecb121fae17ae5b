"""How does a program send somebody to pay, and learn what came of it? By Stripe's word alone."""

from __future__ import annotations

from typing import Any

import structlog
from marshmallow import fields

from efoy.domain.booking import HOLD
from efoy.domain.errors import NotFound, ProviderDown
from efoy.domain.role import Action, Door
from efoy.domain.scope import Scope
from efoy.queries.booking_page import BookingPage, booking_page
from efoy.queries.lookups import find_booking_of, find_payment_of
from efoy.queries.standing import PaymentMoney
from efoy.services.checkout import OpenCheckout, ReturnUrls, open_checkout
from efoy.services.settlement import settle_payment
from efoy.web.access import actor, public, requires, signed_in
from efoy.web.api.blueprint import bp, scope
from efoy.web.api.fields import Instant, Shape, Text
from efoy.web.api.shapes import StatusShape, status_facts
from efoy.web.api.whose import allow_any, reader
from efoy.web.context import clinic
from efoy.web.limits import limit_pay
from efoy.web.links import public_url
from efoy.wiring import outside, settings

TAGS = ["payment"]
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


@bp.get("/payment/config", tags=TAGS)
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


@bp.post("/payment/create-checkout-session", tags=TAGS)
@requires(Action.PAY)
@scope(Scope.PAYMENTS_WRITE)
@limit_pay
@bp.arguments(CheckoutArgs)
@bp.response(200, CheckoutShape)
def create_checkout_session(given: dict[str, Any]) -> dict[str, Any]:
    """The hosted pay page of a held booking; asking again gives the same page."""
    return _checkout(given["booking_id"])


@bp.post("/payment/create-payment-intent", tags=TAGS)
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
        urls=ReturnUrls(
            success=public_url("/pay/return?session_id={CHECKOUT_SESSION_ID}"),
            back=public_url("/pay/back?payment={payment}"),
        ),
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
    if opened.url is not None and not opened.url.startswith(f"{settings().stripe_checkout_host}/"):
        log.error("checkout_elsewhere")
        raise ProviderDown("checkout")


# -- what came of it ----------------------------------------------------------------------------


@bp.get("/payment/status/<session_id>", tags=TAGS)
@signed_in
@scope(Scope.PAYMENTS_READ)
@bp.response(200, StatusShape)
def payment_status(session_id: str) -> dict[str, Any]:
    """The payment and its booking as they are known here; Stripe is not asked."""
    return status_facts(*found_payment(session_id))


@bp.post("/payment/confirm-payment/<id>", tags=TAGS)
@signed_in
@scope(Scope.PAYMENTS_WRITE)
@limit_pay
@bp.response(200, StatusShape)
def confirm_payment(id: str) -> dict[str, Any]:  # noqa: A002  # the name in the contract
    """Look at Stripe now and take over what is there. It never makes anything paid by itself."""
    _, payment = found_payment(id)
    out = outside()
    settle_payment(payment.id, stripe=out.stripe, actor=actor(Door.API), now=out.clock())
    return status_facts(*found_payment(id))


def found_payment(key: str) -> tuple[BookingPage, PaymentMoney]:
    """The payment of a checkout, intent or own id, when it is this reader's; raises NotFound."""
    allow_any(Action.SEE_OWN, Action.SEE_ANY)
    booking, payment_id = find_payment_of(reader(), key)
    page = booking_page(reader(), booking.ref)
    for payment in page.payments:
        if payment.id == payment_id:
            return page, payment
    raise NotFound(key)
