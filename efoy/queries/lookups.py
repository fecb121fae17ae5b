"""Which booking or payment does a program mean? Foreign and missing ones are the same."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement

from efoy.domain.errors import NotFound
from efoy.domain.reference import is_reference
from efoy.models.base import reading
from efoy.models.booking import Booking
from efoy.models.payment import Payment
from efoy.queries.patient import BOOKINGS, BookingView, Reader, view_of

OWN_ID = re.compile(r"[0-9a-z]{26}")
CHECKOUT = re.compile(r"cs_[A-Za-z0-9_]{1,110}")
INTENT = re.compile(r"pi_[A-Za-z0-9_]{1,110}")


def find_booking_of(reader: Reader, key: str) -> BookingView:
    """The booking of that id or public reference; raises NotFound."""
    if is_reference(key):
        return _first(reader, Booking.ref == key)[0]
    if OWN_ID.fullmatch(key):
        return _first(reader, Booking.id == key)[0]
    raise NotFound("booking")


def find_payment_of(reader: Reader, key: str) -> tuple[BookingView, str]:
    """The booking and the payment's id for a checkout, an intent or a payment; raises NotFound."""
    columns: Mapping[re.Pattern[str], ColumnElement[bool]] = {
        CHECKOUT: Payment.checkout_ref == key,
        INTENT: Payment.intent_ref == key,
        OWN_ID: Payment.id == key,
    }
    for pattern, condition in columns.items():
        if pattern.fullmatch(key):
            booking, row = _first(reader, condition, with_payment=True)
            return booking, str(row["payment_id"])
    raise NotFound("payment")


def _first(
    reader: Reader, which: ColumnElement[bool], *, with_payment: bool = False
) -> tuple[BookingView, Mapping[str, Any]]:
    query = BOOKINGS
    if with_payment:
        query = query.join(Payment, Payment.booking_id == Booking.id)
        query = query.add_columns(Payment.id.label("payment_id"))
    with reading() as connection:
        row = connection.execute(query.where(which, reader.scope())).mappings().first()
    if row is None:
        raise NotFound("booking")
    return view_of(row), dict(row)
