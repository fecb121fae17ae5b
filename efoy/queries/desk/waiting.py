"""What waits for a payment or for the desk: links not paid yet, visits it was handed?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select

from efoy.domain.closing import ItemStatus
from efoy.domain.money import Money
from efoy.domain.payment import UNDECIDED, PaymentStatus
from efoy.models.base import reading
from efoy.models.booking import Booking
from efoy.models.clinic import Doctor
from efoy.models.closing import DayClosingItem
from efoy.models.payment import Payment

MOST_SHOWN = 20


@dataclass(frozen=True, kw_only=True)
class UnpaidLink:
    """A time that is held for a pay link; ``paying`` while somebody is on the pay page."""

    ref: str
    visitor_name: str
    phone: str
    starts_at: datetime
    doctor_name: str
    price: Money
    until: datetime
    paying: bool


@dataclass(frozen=True, kw_only=True)
class HandedOver:
    """A visit of a closed time that the desk is to sort out with the patient."""

    ref: str
    visitor_name: str
    phone: str
    starts_at: datetime
    doctor_name: str
    since: datetime


def _visits(*more: Any) -> Select[*tuple[Any, ...]]:
    return select(
        Booking.id,
        Booking.ref,
        Booking.visitor_name,
        Booking.visitor_phone.label("phone"),
        Booking.starts_at,
        Doctor.name.label("doctor_name"),
        *more,
    ).join(Doctor, Doctor.id == Booking.doctor_id)


_PAYING = select(Payment.booking_id).where(Payment.status.in_([*UNDECIDED, PaymentStatus.PARKED]))


def unpaid_links() -> Sequence[UnpaidLink]:
    """The pay links that still keep a time, the one that ends first on top."""
    query = _visits(Booking.price_minor, Booking.currency, Booking.hold_expires_at)
    query = query.where(Booking.status == "held", Booking.pay_by.is_not(None))
    with reading() as connection:
        rows = connection.execute(query.order_by(Booking.hold_expires_at).limit(MOST_SHOWN)).all()
        paying = set(
            connection.scalars(_PAYING.where(Payment.booking_id.in_([r.id for r in rows])))
        )
    return [
        UnpaidLink(
            ref=row.ref,
            visitor_name=row.visitor_name,
            phone=row.phone,
            starts_at=row.starts_at,
            doctor_name=row.doctor_name,
            price=Money(row.price_minor, row.currency),
            until=row.hold_expires_at,
            paying=row.id in paying,
        )
        for row in rows
    ]


def link_until(booking_id: str) -> datetime | None:
    """How long the pay link of a booking keeps its time; None where it has no link."""
    query = select(Booking.hold_expires_at).where(
        Booking.id == booking_id, Booking.pay_by.is_not(None)
    )
    with reading() as connection:
        return connection.scalar(query)


def handed_over() -> Sequence[HandedOver]:
    """What was handed to the desk and is not sorted out yet, the next visit on top."""
    query = (
        _visits(DayClosingItem.changed_at.label("since"))
        .join(DayClosingItem, DayClosingItem.booking_id == Booking.id)
        .where(
            DayClosingItem.status == ItemStatus.WITH_DESK,
            DayClosingItem.visit_at == Booking.starts_at,
            Booking.status == "confirmed",
        )
        .order_by(Booking.starts_at, Booking.id)
        .limit(MOST_SHOWN)
    )
    with reading() as connection:
        rows = connection.execute(query).all()
    return [
        HandedOver(
            ref=row.ref,
            visitor_name=row.visitor_name,
            phone=row.phone,
            starts_at=row.starts_at,
            doctor_name=row.doctor_name,
            since=row.since,
        )
        for row in rows
    ]
