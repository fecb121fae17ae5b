"""How does an admin's program give money back? Once for each key; the worker sends it."""

from __future__ import annotations

from typing import Any

from marshmallow import fields
from marshmallow.validate import OneOf, Range

from efoy.domain.errors import PasswordNeeded
from efoy.domain.money import MAXIMUM_MINOR
from efoy.domain.role import Action, Door
from efoy.domain.scope import Scope
from efoy.domain.signin import proved
from efoy.queries.transactions import AskedRefund, asked_refund
from efoy.services.refunds import REASONS, RefundWish, request_refund
from efoy.web.access import actor, requires
from efoy.web.api.blueprint import PAYMENT, bp, scope
from efoy.web.api.fields import Count, Shape
from efoy.web.api.keys import DESCRIBED, KeyReused, one_time_key
from efoy.web.api.payment_shapes import RefundAnswerShape, refund_facts
from efoy.web.api.standing import found_payment
from efoy.web.login import viewer
from efoy.wiring import outside


class RefundArgs(Shape):
    """How much goes back (all that is left without ``amount``), and why."""

    amount = Count(validate=Range(min=1, max=MAXIMUM_MINOR))
    reason = fields.String(required=True, validate=OneOf(REASONS))


@bp.post("/payment/refund/<session_id>", tags=PAYMENT)
@requires(Action.REFUND)
@scope(Scope.REFUNDS_WRITE)
@bp.doc(parameters=[{**DESCRIBED, "required": True}])
@bp.arguments(RefundArgs)
@bp.response(202, RefundAnswerShape)
def refund_payment(given: dict[str, Any], session_id: str) -> dict[str, Any]:
    """Ask for a refund. The worker sends it; its status follows Stripe."""
    key = one_time_key(needed=True)
    _only_freshly_proved()
    _, payment = found_payment(session_id)
    amount = given.get("amount", payment.left)
    wish = RefundWish(amount=amount, available=payment.left, reason=given["reason"], form_token=key)
    refund_id = request_refund(payment.id, wish, actor=actor(Door.API), now=outside().clock())
    refund = asked_refund(refund_id)
    if refund.payment_id != payment.id or not _same_wish(refund, given):
        raise KeyReused(refund.id)
    return refund_facts(refund)


def _only_freshly_proved() -> None:
    """A program has its token, a browser's sign-in needs its password; raises PasswordNeeded."""
    who = viewer()
    by_token = who is not None and who.scopes is not None
    if who is None or not (by_token or proved(who.proved_at, outside().clock())):
        raise PasswordNeeded


def _same_wish(refund: AskedRefund, given: dict[str, Any]) -> bool:
    """A key that comes again with another wish is a mistake of the caller, not a repetition."""
    if refund.reason != given["reason"]:
        return False
    return refund.everything if "amount" not in given else refund.amount.minor == given["amount"]
