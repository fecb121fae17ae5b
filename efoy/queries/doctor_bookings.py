"""Which paid visits does a doctor have in a stretch of days, and what do they come to?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, Connection, func, select

from efoy.domain.booking import PAID_FOR, BookingStatus
from efoy.domain.money import Money
from efoy.domain.payment import PaymentStatus
from efoy.domain.refund import ON_THEIR_WAY, RefundStatus
from efoy.models.base import reading
from efoy.models.booking import Booking
from efoy.models.clinic import Clinic, Service
from efoy.models.payment import Payment, Refund
from efoy.queries.clinic_day import day_bounds
from efoy.queries.paging import Leaf, Mark, leaf


@dataclass(frozen=True, kw_only=True)
class OwnBooking:
    """One line of the list."""

    ref: str
    starts_at: datetime
    visitor_name: str
    service_name: str
    status: BookingStatus


@dataclass(frozen=True, kw_only=True)
class OwnTotals:
    """What was paid for these days, less what went or goes back; what a late cancellation left with
    the clinic counts, too."""

    paid: Money
    back: Money

    @property
    def left(self) -> Money:
        """What remains."""
        return self.paid - self.back


@dataclass(frozen=True, kw_only=True)
class OwnBookings:
    """A page of a doctor's visits. ``done`` and ``missed`` count all that match; ``totals`` is None
    where the clinic keeps money from its doctors."""

    bookings: Sequence[OwnBooking]
    leaf: Leaf
    done: int
    missed: int
    totals: OwnTotals | None


def own_bookings(
    doctor_id: int,
    first: date | None,
    last: date | None,
    mark: Mark | None,
    *,
    zone: str,
) -> OwnBookings:
    """The doctor's paid visits from one clinic day to another (None: no bound), latest first."""
    then = _conditions(doctor_id, first, last, zone)
    mine = [*then, Booking.status.in_(PAID_FOR)]
    with reading() as connection:
        counts = _counts(connection, mine)
        page = leaf(
            connection,
            _ROWS.where(*mine),
            at=Booking.__table__.c.starts_at,
            key=Booking.__table__.c.id,
            mark=mark,
            total=sum(counts.values()),
        )
        totals = _totals(connection, then) if _allowed(connection) else None
    names = ("ref", "visitor_name", "service_name", "status")
    return OwnBookings(
        bookings=[
            OwnBooking(starts_at=row["at"], **{name: row[name] for name in names})
            for row in page.rows
        ],
        leaf=page,
        done=counts.get(BookingStatus.ATTENDED, 0),
        missed=counts.get(BookingStatus.NO_SHOW, 0),
        totals=totals,
    )


_ROWS = select(
    Booking.id.label("id"),
    Booking.starts_at.label("at"),
    Booking.ref,
    Booking.visitor_name,
    Booking.status,
    Service.name.label("service_name"),
).join(Service, Service.id == Booking.service_id)


def _conditions(
    doctor_id: int, first: date | None, last: date | None, zone: str
) -> list[ColumnElement[bool]]:
    found = [Booking.doctor_id == doctor_id]
    if first is not None:
        found.append(Booking.starts_at >= day_bounds(first, zone)[0])
    if last is not None:
        found.append(Booking.starts_at < day_bounds(last, zone)[1])
    return found


def _counts(
    connection: Connection, mine: Sequence[ColumnElement[bool]]
) -> dict[BookingStatus, int]:
    query = select(Booking.status, func.count()).where(*mine).group_by(Booking.status)
    return {row.status: row[1] for row in connection.execute(query)}


def _allowed(connection: Connection) -> bool:
    return bool(connection.scalar(select(Clinic.doctors_see_totals)))


def _totals(connection: Connection, then: Sequence[ColumnElement[bool]]) -> OwnTotals:
    """In the clinic's currency; a payment in another one is not ours to add."""
    currency = connection.scalar(select(Clinic.currency)) or "USD"
    counted = (Payment.status == PaymentStatus.PAID, Payment.currency == currency, *then)
    paid = (
        select(func.coalesce(func.sum(Payment.captured_minor), 0))
        .join(Booking, Booking.id == Payment.booking_id)
        .where(*counted)
    )
    gone = [RefundStatus.SUCCEEDED, *ON_THEIR_WAY]
    back = (
        select(func.coalesce(func.sum(Refund.amount_minor), 0))
        .join(Payment, Payment.id == Refund.payment_id)
        .join(Booking, Booking.id == Payment.booking_id)
        .where(Refund.status.in_(gone), *counted)
    )
    return OwnTotals(
        paid=Money(int(connection.scalar(paid) or 0), currency),
        back=Money(int(connection.scalar(back) or 0), currency),
    )
