"""Which top-ups is it time to close?"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from efoy.domain.booking import BookingStatus
from efoy.domain.payment import PaymentPurpose
from efoy.models.base import reading
from efoy.models.booking import Booking
from efoy.models.payment import Payment

_PAYABLE = ["creating", "open"]


def due_top_ups(now: datetime) -> list[str]:
    """The top-ups whose pay page has run out, oldest first: their new time is not held for ever."""
    query = select(Payment.id).where(
        Payment.purpose == PaymentPurpose.TOP_UP,
        Payment.status.in_(_PAYABLE),
        Payment.checkout_expires_at <= now,
    )
    with reading() as connection:
        return list(connection.scalars(query.order_by(Payment.checkout_expires_at)))


def top_ups_in_vain() -> list[str]:
    """The top-ups that can no longer move anything: the visit was cancelled or is over."""
    query = (
        select(Payment.id)
        .join(Booking, Booking.id == Payment.booking_id)
        .where(
            Payment.purpose == PaymentPurpose.TOP_UP,
            Payment.status.in_(_PAYABLE),
            Booking.status != BookingStatus.CONFIRMED,
        )
    )
    with reading() as connection:
        return list(connection.scalars(query))
