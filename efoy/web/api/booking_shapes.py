"""What does a booking look like to a program?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import fields

from efoy.domain.money import Money
from efoy.domain.payment import Standing
from efoy.queries.patient import BookingView
from efoy.web.api.fields import Instant, Shape


class VisitorShape(Shape):
    """Who is coming."""

    name = fields.String()
    email = fields.String()
    phone = fields.String()


class BookingShape(Shape):
    """A claim on a time, with its price and how its money stands."""

    id = fields.String()
    ref = fields.String()
    status = fields.String()
    payment_standing = fields.String()
    doctor = fields.String()
    doctor_name = fields.String()
    service = fields.String()
    service_name = fields.String()
    place = fields.String()
    starts_at = Instant()
    ends_at = Instant()
    amount = fields.Integer()
    currency = fields.String()
    hold_expires_at = Instant(allow_none=True)
    confirmed_at = Instant(allow_none=True)
    cancelled_at = Instant(allow_none=True)
    visitor = fields.Nested(VisitorShape)


def booking_facts(booking: BookingView, standing: Standing) -> dict[str, Any]:
    """The values of a :class:`BookingShape`."""
    same = ("id", "ref", "place", "starts_at", "ends_at", "hold_expires_at")
    return {
        **{name: getattr(booking, name) for name in (*same, "confirmed_at", "cancelled_at")},
        "status": str(booking.status),
        "payment_standing": str(standing),
        "doctor": booking.doctor_slug,
        "doctor_name": booking.doctor_name,
        "service": booking.service_slug,
        "service_name": booking.service_name,
        **amount_facts(booking.price),
        "visitor": {
            "name": booking.visitor_name,
            "email": booking.email,
            "phone": booking.phone,
        },
    }


class BookingListShape(Shape):
    """A page of bookings."""

    bookings = fields.List(fields.Nested(BookingShape))
    next_cursor = fields.String(allow_none=True)


def amount_facts(money: Money) -> Mapping[str, Any]:
    """An amount in whole minor units, beside its currency."""
    return {"amount": money.minor, "currency": money.currency}
