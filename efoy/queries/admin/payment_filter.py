"""Which payments does somebody ask for?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select

from efoy.domain.payment import PaymentMethod, PaymentStatus
from efoy.models.booking import Booking
from efoy.models.clinic import Doctor
from efoy.models.ledger import Receipt
from efoy.models.payment import Payment, Refund
from efoy.queries.clinic_day import day_bounds

AT_STRIPE = (PaymentStatus.CREATING, PaymentStatus.OPEN, PaymentStatus.CLOSING)


@dataclass(frozen=True, kw_only=True)
class PaymentFilter:
    """Which payments; days are the clinic's, both ends included, None and '' leave it open.

    ``from_day`` and ``to_day``: paid, or begun where nothing is paid. ``visit_from`` and
    ``visit_to``: the visit. ``words``: a reference of ours, Stripe's or a receipt's.
    """

    from_day: date | None = None
    to_day: date | None = None
    visit_from: date | None = None
    visit_to: date | None = None
    status: PaymentStatus | None = None
    method: PaymentMethod | None = None
    doctor: str = ""
    words: str = ""


def conditions(wanted: PaymentFilter, zone: str) -> list[ColumnElement[bool]]:
    """The filter as conditions on ``Payment``."""
    found = [*_paid(wanted, zone), *_of_visits(wanted, zone)]
    if wanted.status is PaymentStatus.OPEN:
        found.append(Payment.status.in_(AT_STRIPE))
    elif wanted.status is not None:
        found.append(Payment.status == wanted.status)
    if wanted.method is not None:
        found.append(Payment.method == wanted.method)
    if wanted.words:
        found.append(_named(wanted.words))
    return found


def _paid(wanted: PaymentFilter, zone: str) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.from_day is not None:
        since = day_bounds(wanted.from_day, zone)[0]
        found.append(_when(Payment.paid_at >= since, Payment.created_at >= since))
    if wanted.to_day is not None:
        end = day_bounds(wanted.to_day, zone)[1]
        found.append(_when(Payment.paid_at < end, Payment.created_at < end))
    return found


def _when(paid: ColumnElement[bool], begun: ColumnElement[bool]) -> ColumnElement[bool]:
    return or_(paid, and_(Payment.paid_at.is_(None), begun))


def _of_visits(wanted: PaymentFilter, zone: str) -> list[ColumnElement[bool]]:
    mine: list[Any] = []
    if wanted.visit_from is not None:
        mine.append(Booking.starts_at >= day_bounds(wanted.visit_from, zone)[0])
    if wanted.visit_to is not None:
        mine.append(Booking.starts_at < day_bounds(wanted.visit_to, zone)[1])
    if wanted.doctor:
        named = select(Doctor.id).where(Doctor.slug == wanted.doctor)
        mine.append(Booking.doctor_id.in_(named))
    return [_there_is(Booking, Booking.id == Payment.booking_id, *mine)] if mine else []


def _there_is(table: Any, *conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether the table has such a row, whatever other tables the query around it reads."""
    return select(table.__mapper__.primary_key[0]).where(*conditions).correlate(Payment).exists()


def _named(words: str) -> ColumnElement[bool]:
    """One whole reference: of the booking, the payment, a refund or a receipt."""
    of_ours = func.upper(words)
    return or_(
        Payment.id == words,
        Payment.checkout_ref == words,
        Payment.intent_ref == words,
        Payment.charge_ref == words,
        _there_is(Booking, Booking.id == Payment.booking_id, Booking.ref == of_ours),
        _there_is(Receipt, Receipt.payment_id == Payment.id, Receipt.number == of_ours),
        _there_is(Refund, Refund.payment_id == Payment.id, Refund.refund_ref == words),
    )


def since_and_until(
    first: date | None, last: date | None, zone: str
) -> tuple[datetime | None, datetime | None]:
    """Two clinic days as the instants around them."""
    since = None if first is None else day_bounds(first, zone)[0]
    return since, None if last is None else day_bounds(last, zone)[1]
