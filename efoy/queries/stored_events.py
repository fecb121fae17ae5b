"""Which of Stripe's messages are kept here?"""

from __future__ import annotations

from sqlalchemy import or_, select

from efoy.models.base import reading
from efoy.models.booking import Booking
from efoy.models.payment import Payment, Refund
from efoy.models.stripe_event import StripeEvent


def stored_events(booking_ref: str | None = None) -> list[str]:
    """The ids of all stored messages, or of those about one booking's money, oldest first."""
    query = select(StripeEvent.id).order_by(StripeEvent.received_at, StripeEvent.id)
    if booking_ref is not None:
        payments = (
            select(Payment.id, Payment.intent_ref, Payment.checkout_ref)
            .join(Booking, Booking.id == Payment.booking_id)
            .where(Booking.ref == booking_ref)
            .cte("of_booking")
        )
        refunds = select(Refund.id).join(payments, payments.c.id == Refund.payment_id)
        query = query.where(
            or_(
                StripeEvent.reference.in_(select(payments.c.id)),
                StripeEvent.reference.in_(refunds),
                StripeEvent.intent_ref.in_(select(payments.c.intent_ref)),
                StripeEvent.object_id.in_(select(payments.c.checkout_ref)),
            )
        )
    with reading() as connection:
        return list(connection.scalars(query))
