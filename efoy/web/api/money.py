"""What do the clinic's own programs do with money: list it, give it back, show a receipt?"""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from marshmallow import fields
from marshmallow.validate import OneOf, Range

from efoy.domain.errors import NotFound
from efoy.domain.money import MAXIMUM_MINOR
from efoy.domain.payment import PaymentStatus
from efoy.domain.role import Action, Door
from efoy.domain.scope import Scope
from efoy.queries.booking_papers import ReceiptPage, receipt_page
from efoy.queries.transactions import AskedRefund, Wanted, asked_refund, list_transactions
from efoy.services.refunds import REASONS, RefundWish, request_refund
from efoy.web.access import actor, requires, signed_in
from efoy.web.api.blueprint import bp, scope
from efoy.web.api.cursors import PageArgs, cursor_of, written
from efoy.web.api.fields import Count, Instant, Shape
from efoy.web.api.keys import DESCRIBED, KeyReused, one_time_key
from efoy.web.api.parsing import refuse
from efoy.web.api.payments import TAGS, found_payment
from efoy.web.api.shapes import (
    RefundAnswerShape,
    TransactionListShape,
    refund_facts,
    transaction_facts,
)
from efoy.web.api.whose import reader
from efoy.web.context import clinic
from efoy.web.links import public_url
from efoy.web.parameters import YEARS
from efoy.wiring import outside


class RefundArgs(Shape):
    """How much goes back (all that is left without ``amount``), and why."""

    amount = Count(validate=Range(min=1, max=MAXIMUM_MINOR))
    reason = fields.String(required=True, validate=OneOf(REASONS))


class TransactionArgs(PageArgs):
    """Which payments: begun from one clinic day to another (both included), and how far."""

    from_ = fields.Date(load_default=None)
    to = fields.Date(load_default=None)
    status = fields.String(load_default=None, validate=OneOf([str(one) for one in PaymentStatus]))


class ReceiptShape(Shape):
    """A receipt as it was written; prices include tax."""

    number = fields.String()
    booking_ref = fields.String()
    amount = fields.Integer()
    currency = fields.String()
    tax = fields.Integer()
    tax_label = fields.String()
    refunded = fields.Integer()
    paid_at = Instant()
    visit_at = Instant()
    patient_name = fields.String()
    doctor_name = fields.String()
    service_name = fields.String()
    method = fields.String()
    card = fields.String()
    url = fields.String()


# -- give back ----------------------------------------------------------------------------------


@bp.post("/payment/refund/<session_id>", tags=TAGS)
@requires(Action.REFUND)
@scope(Scope.REFUNDS_WRITE)
@bp.doc(parameters=[{**DESCRIBED, "required": True}])
@bp.arguments(RefundArgs)
@bp.response(202, RefundAnswerShape)
def refund_payment(given: dict[str, Any], session_id: str) -> dict[str, Any]:
    """Ask for a refund. The worker sends it; its status follows Stripe."""
    key = one_time_key(needed=True)
    _, payment = found_payment(session_id)
    amount = given.get("amount", payment.left)
    wish = RefundWish(amount=amount, available=payment.left, reason=given["reason"], form_token=key)
    refund_id = request_refund(payment.id, wish, actor=actor(Door.API), now=outside().clock())
    refund = asked_refund(refund_id)
    if refund.payment_id != payment.id or not _same_wish(refund, given):
        raise KeyReused(refund.id)
    return refund_facts(refund)


def _same_wish(refund: AskedRefund, given: dict[str, Any]) -> bool:
    """A key that comes again with another wish is a mistake of the caller, not a repetition."""
    if refund.reason != given["reason"]:
        return False
    return refund.everything if "amount" not in given else refund.amount.minor == given["amount"]


# -- look ---------------------------------------------------------------------------------------


@bp.get("/payment/transactions", tags=TAGS)
@requires(Action.SEE_MONEY)
@scope(Scope.PAYMENTS_READ)
@bp.arguments(TransactionArgs, location="query")
@bp.response(200, TransactionListShape)
def transactions(given: dict[str, Any]) -> dict[str, Any]:
    """Every attempt to pay that matches, newest first."""
    rows, following = list_transactions(
        _wanted(given), cursor=cursor_of(given), limit=given["limit"]
    )
    found = [transaction_facts(row) for row in rows]
    return {"transactions": found, "next_cursor": written(following)}


def _wanted(given: dict[str, Any]) -> Wanted:
    zone = ZoneInfo(clinic().zone)
    for name in ("from_", "to"):
        if given[name] is not None and given[name].year not in YEARS:
            refuse([{"field": name.rstrip("_"), "detail": "Not a day of these times."}])
    first, last = given["from_"], given["to"]
    return Wanted(
        since=datetime.combine(first, time(0), zone) if first else None,
        until=datetime.combine(last + timedelta(days=1), time(0), zone) if last else None,
        status=PaymentStatus(given["status"]) if given["status"] else None,
    )


@bp.get("/payment/receipt/<session_id>", tags=TAGS)
@signed_in
@scope(Scope.PAYMENTS_READ)
@bp.response(200, ReceiptShape)
def payment_receipt(session_id: str) -> dict[str, Any]:
    """The receipt of a paid payment; 404 while there is none."""
    page, payment = found_payment(session_id)
    receipt = receipt_page(reader(), page.booking.ref)
    if payment.intent_ref is None or receipt.payment_ref != payment.intent_ref:
        raise NotFound("receipt")
    return _receipt(receipt)


def _receipt(receipt: ReceiptPage) -> dict[str, Any]:
    content = receipt.content
    same = "booking_ref tax_label patient_name doctor_name service_name method card".split()
    return {name: getattr(content, name) for name in same} | {
        "number": receipt.number,
        "amount": receipt.amount.minor,
        "currency": receipt.amount.currency,
        "tax": receipt.tax.minor,
        "refunded": receipt.refunded.minor,
        "paid_at": datetime.fromisoformat(content.paid_at),
        "visit_at": datetime.fromisoformat(content.visit_at),
        "url": public_url(f"/bookings/{content.booking_ref}/receipt"),
    }
