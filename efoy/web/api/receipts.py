"""What does a receipt say to a program?"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from marshmallow import fields

from efoy.domain.errors import NotFound
from efoy.domain.scope import Scope
from efoy.queries.booking_papers import ReceiptPage, receipt_page
from efoy.web.access import signed_in
from efoy.web.api.blueprint import PAYMENT, bp, scope
from efoy.web.api.fields import Instant, Shape
from efoy.web.api.standing import found_payment
from efoy.web.api.whose import reader
from efoy.web.links import public_url


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


@bp.get("/payment/receipt/<session_id>", tags=PAYMENT)
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
