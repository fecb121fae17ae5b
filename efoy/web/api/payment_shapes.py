"""What do payments and refunds look like to a program?"""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from efoy.queries.booking_page import BookingPage
from efoy.queries.standing import PaymentMoney
from efoy.queries.transactions import AskedRefund, Transaction
from efoy.web.api.booking_shapes import BookingShape, amount_facts, booking_facts
from efoy.web.api.fields import Instant, Shape


class PaymentShape(Shape):
    """One attempt to pay; every number counts minor units of ``currency``."""

    payment_id = fields.String()
    session_id = fields.String(allow_none=True)
    booking_id = fields.String()
    booking_ref = fields.String()
    method = fields.String()
    status = fields.String()
    standing = fields.String()
    amount = fields.Integer()
    currency = fields.String()
    captured = fields.Integer()
    refunded = fields.Integer()
    refund_pending = fields.Integer()
    created_at = Instant()
    paid_at = Instant(allow_none=True)


class StatusShape(PaymentShape):
    """A payment and its booking as they stand."""

    booking = fields.Nested(BookingShape)


class TransactionShape(PaymentShape):
    """A payment as the clinic's books know it."""

    payment_intent_id = fields.String(allow_none=True)
    fee = fields.Integer(allow_none=True)
    card = fields.String()


class TransactionListShape(Shape):
    """A page of payments."""

    transactions = fields.List(fields.Nested(TransactionShape))
    next_cursor = fields.String(allow_none=True)


def payment_facts(payment: PaymentMoney, booking_ref: str) -> dict[str, Any]:
    """The values of a :class:`PaymentShape`."""
    same = ("booking_id", "captured", "refunded", "created_at", "paid_at")
    return {
        **{name: getattr(payment, name) for name in same},
        "payment_id": payment.id,
        "session_id": payment.checkout_ref,
        "booking_ref": booking_ref,
        "method": str(payment.method),
        "status": str(payment.status),
        "standing": str(payment.standing),
        "refund_pending": payment.on_the_way,
        **amount_facts(payment.amount),
    }


def status_facts(page: BookingPage, payment: PaymentMoney) -> dict[str, Any]:
    """The values of a :class:`StatusShape`."""
    booking = booking_facts(page.booking, page.standing)
    return payment_facts(payment, page.booking.ref) | {"booking": booking}


def transaction_facts(row: Transaction) -> dict[str, Any]:
    """The values of a :class:`TransactionShape`."""
    more = {"payment_intent_id": row.payment.intent_ref, "fee": row.payment.fee}
    return payment_facts(row.payment, row.booking_ref) | more | {"card": row.payment.card}


class RefundShape(Shape):
    """Money on its way back; ``status`` follows Stripe."""

    id = fields.String()
    payment_id = fields.String()
    status = fields.String()
    reason = fields.String()
    amount = fields.Integer()
    currency = fields.String()
    created_at = Instant()


class RefundAnswerShape(Shape):
    """The refund that was asked for."""

    refund = fields.Nested(RefundShape)


def refund_facts(refund: AskedRefund) -> dict[str, Any]:
    """The values of a :class:`RefundAnswerShape`."""
    same = {name: getattr(refund, name) for name in ("id", "payment_id", "reason", "created_at")}
    return {"refund": {**same, "status": str(refund.status), **amount_facts(refund.amount)}}
