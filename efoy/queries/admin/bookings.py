"""Which bookings match what the desk is looking for?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, Select, func, or_, select

from efoy.domain.booking import BookingStatus
from efoy.domain.money import Money
from efoy.domain.payment import Standing
from efoy.models.base import reading
from efoy.models.booking import Booking
from efoy.models.clinic import Doctor, Service
from efoy.models.ledger import Receipt
from efoy.models.payment import Payment
from efoy.queries.clinic_day import day_bounds
from efoy.queries.paging import Leaf, Mark, leaf
from efoy.queries.standing import PaymentMoney, payments_of, standing_of

FEWEST_DIGITS = 5
"""Fewer digits than this are not taken for a telephone number."""


@dataclass(frozen=True, kw_only=True)
class BookingFilter:
    """What to look for: words (reference, name, e-mail, phone, receipt), status, doctor, day."""

    words: str = ""
    status: BookingStatus | None = None
    doctor: str = ""
    day: date | None = None


@dataclass(frozen=True, kw_only=True)
class BookingRow:
    """One line of the list."""

    ref: str
    starts_at: datetime
    visitor_name: str
    doctor_name: str
    service_name: str
    status: BookingStatus
    cancelled_by: str | None
    standing: Standing
    price: Money
    beside: bool = False


@dataclass(frozen=True, kw_only=True)
class DoctorChoice:
    """A doctor to filter by."""

    slug: str
    name: str


@dataclass(frozen=True, kw_only=True)
class BookingList:
    """One page of bookings."""

    bookings: Sequence[BookingRow]
    leaf: Leaf


def find_bookings(wanted: BookingFilter, mark: Mark | None, *, zone: str) -> BookingList:
    """A page of the bookings that match: of one day in its order, otherwise latest visit first."""
    conditions = _conditions(wanted, zone)
    query = _ROWS.where(*conditions)
    with reading() as connection:
        total = connection.scalar(_count(conditions)) or 0
        page = leaf(
            connection,
            query,
            at=Booking.__table__.c.starts_at,
            key=Booking.__table__.c.id,
            mark=mark,
            total=total,
            newest_first=wanted.day is None,
        )
        money = payments_of(connection, [row["id"] for row in page.rows])
    return BookingList(
        bookings=[_row(row, money.get(row["id"], [])) for row in page.rows], leaf=page
    )


def doctor_choices() -> Sequence[DoctorChoice]:
    """Every doctor, also those who left: their bookings remain."""
    query = select(Doctor.slug, Doctor.name).order_by(Doctor.name)
    with reading() as connection:
        return [DoctorChoice(**row) for row in connection.execute(query).mappings()]


_ROWS: Select[*tuple[Any, ...]] = (
    select(
        Booking.id.label("id"),
        Booking.starts_at.label("at"),
        Booking.ref,
        Booking.visitor_name,
        Booking.status,
        Booking.cancelled_by,
        Booking.overbooked_reason,
        Booking.price_minor,
        Booking.currency,
        Doctor.name.label("doctor_name"),
        Service.name.label("service_name"),
    )
    .join(Doctor, Doctor.id == Booking.doctor_id)
    .join(Service, Service.id == Booking.service_id)
)


def _count(conditions: Sequence[ColumnElement[bool]]) -> Select[int]:
    query = select(func.count()).select_from(Booking)
    return query.join(Doctor, Doctor.id == Booking.doctor_id).where(*conditions)


def _conditions(wanted: BookingFilter, zone: str) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.words:
        found.append(_matches(wanted.words))
    if wanted.status is not None:
        found.append(Booking.status == wanted.status)
    if wanted.doctor:
        found.append(Doctor.slug == wanted.doctor)
    if wanted.day is not None:
        begin, end = day_bounds(wanted.day, zone)
        found += [Booking.starts_at >= begin, Booking.starts_at < end]
    return found


def _matches(words: str) -> ColumnElement[bool]:
    """Reference or receipt as written, name or address in part, phone by its digits."""
    ref = words.upper()
    numbered = select(Payment.booking_id).join(Receipt, Receipt.payment_id == Payment.id)
    ways: list[ColumnElement[bool]] = [
        Booking.ref.in_([ref, f"{ref[:3]}-{ref[3:]}"]),
        Booking.visitor_name.icontains(words, autoescape=True),
        Booking.visitor_email.icontains(words, autoescape=True),
        Booking.id.in_(numbered.where(Receipt.number == ref)),
    ]
    digits = "".join(char for char in words if char in "0123456789")
    if len(digits) >= FEWEST_DIGITS:
        ways.append(_plain_phone().contains(digits))
    return or_(*ways)


def _plain_phone() -> ColumnElement[str]:
    plain: ColumnElement[str] = Booking.__table__.c.visitor_phone
    for sign in " ()-.":
        plain = func.replace(plain, sign, "")
    return plain


def _row(row: RowMapping, payments: Sequence[PaymentMoney]) -> BookingRow:
    return BookingRow(
        ref=row["ref"],
        starts_at=row["at"],
        visitor_name=row["visitor_name"],
        doctor_name=row["doctor_name"],
        service_name=row["service_name"],
        status=row["status"],
        cancelled_by=row["cancelled_by"],
        standing=standing_of(payments),
        price=Money(row["price_minor"], row["currency"]),
        beside=bool(row["overbooked_reason"]),
    )
