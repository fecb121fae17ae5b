"""What became of a payment? As it is known here, or as Stripe says now; never by a flag."""

from __future__ import annotations

from typing import Any

from efoy.domain.errors import NotFound
from efoy.domain.role import Action, Door
from efoy.domain.scope import Scope
from efoy.queries.booking_page import BookingPage, booking_page
from efoy.queries.lookups import find_payment_of
from efoy.queries.standing import PaymentMoney
from efoy.services.settlement import settle_payment
from efoy.web.access import actor, signed_in
from efoy.web.api.blueprint import PAYMENT, bp, scope
from efoy.web.api.payment_shapes import StatusShape, status_facts
from efoy.web.api.whose import allow_any, reader
from efoy.web.limits import limit_pay
from efoy.wiring import outside


@bp.get("/payment/status/<session_id>", tags=PAYMENT)
@signed_in
@scope(Scope.PAYMENTS_READ)
@bp.response(200, StatusShape)
def payment_status(session_id: str) -> dict[str, Any]:
    """The payment and its booking as they are known here; Stripe is not asked."""
    return status_facts(*found_payment(session_id))


@bp.post("/payment/confirm-payment/<id>", tags=PAYMENT)
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
