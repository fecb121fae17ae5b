"""Which appointments does a patient have: to come, past, with money on its way back?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, case, func, or_, select

from efoy.domain.booking import BookingStatus
from efoy.domain.money import Money
from efoy.domain.payment import Standing
from efoy.domain.refund import RefundStatus
from efoy.models.base import reading
from efoy.models.booking import Booking
from efoy.models.payment import Payment, Refund
from efoy.queries.booking_page import RefundView, read_refunds
from efoy.queries.patient import BOOKINGS, BookingView, view_of
from efoy.queries.standing import main_payment, payments_of, standing_of

PAGE = 20
RECENTLY = timedelta(days=30)
TABS = ("upcoming", "past", "refunds")


@dataclass(frozen=True, kw_only=True)
class BookingRow:
    """One appointment in the list: the booking, its money in one word, the newest refund."""

    booking: BookingView
    standing: Standing
    paid: Money | None
    refund: RefundView | None
    has_receipt: bool

    def __getattr__(self, name: str) -> Any:
        """The rest is the booking's own."""
        return getattr(self.booking, name)

    @property
    def can_cancel(self) -> bool:
        """A held time is let go, a booked visit cancelled; one that has begun says why not."""
        held = self.booking.status is BookingStatus.HELD and self.standing is Standing.UNPAID
        return held or self.booking.status is BookingStatus.CONFIRMED


@dataclass(frozen=True, kw_only=True)
class Counts:
    """How many stand under each tab."""

    upcoming: int
    past: int
    refunds: int


@dataclass(frozen=True, kw_only=True)
class MyBookings:
    """One page of one tab."""

    counts: Counts
    rows: Sequence[BookingRow]
    recently_cancelled: Sequence[BookingRow]
    page: int
    total: int

    @property
    def first(self) -> int:
        """The place of the first row, counted from 1; 0 on an empty page."""
        return (self.page - 1) * PAGE + 1 if self.rows else 0

    @property
    def last(self) -> int:
        """The place of the last row."""
        return self.first + len(self.rows) - 1 if self.rows else 0


def my_bookings(patient_id: str, tab: str, *, page: int, now: datetime) -> MyBookings:
    """The patient's own appointments under one of ``TABS``; ``page`` counts from 1."""
    upcoming, past = _upcoming(now), _past(now)
    which = {"upcoming": upcoming, "past": past, "refunds": _refunded()}[tab]
    order = Booking.starts_at.asc() if tab == "upcoming" else Booking.starts_at.desc()
    mine = BOOKINGS.where(Booking.patient_id == patient_id)
    with reading() as connection:
        counts = _counts(connection, patient_id, upcoming, past)
        listed = mine.where(which).order_by(order, Booking.id)
        rows = _rows(connection, listed.limit(PAGE).offset((page - 1) * PAGE))
        recent = _rows(connection, _recent(mine, now)) if tab == "upcoming" else []
    total = {"upcoming": counts.upcoming, "past": counts.past, "refunds": counts.refunds}[tab]
    return MyBookings(counts=counts, rows=rows, recently_cancelled=recent, page=page, total=total)


def _upcoming(now: datetime) -> ColumnElement[bool]:
    held = and_(Booking.status == BookingStatus.HELD, Booking.hold_expires_at > now)
    return and_(or_(held, Booking.status == BookingStatus.CONFIRMED), Booking.ends_at > now)


def _past(now: datetime) -> ColumnElement[bool]:
    over = [
        BookingStatus.ATTENDED,
        BookingStatus.NO_SHOW,
        BookingStatus.CANCELLED,
        BookingStatus.EXPIRED,
    ]
    gone = and_(Booking.status == BookingStatus.CONFIRMED, Booking.ends_at <= now)
    return or_(Booking.status.in_(over), gone)


def _refunded() -> ColumnElement[bool]:
    query = (
        select(Payment.booking_id)
        .join(Refund, Refund.payment_id == Payment.id)
        .where(Refund.status != RefundStatus.WITHDRAWN)
    )
    return Booking.id.in_(query)


def _recent(mine: Select[*tuple[Any, ...]], now: datetime) -> Select[*tuple[Any, ...]]:
    lately = and_(
        Booking.status == BookingStatus.CANCELLED,
        Booking.confirmed_at.is_not(None),
        Booking.cancelled_at > now - RECENTLY,
    )
    return mine.where(lately).order_by(Booking.cancelled_at.desc()).limit(5)


def _counts(
    connection: Connection,
    patient_id: str,
    upcoming: ColumnElement[bool],
    past: ColumnElement[bool],
) -> Counts:
    columns = [
        func.coalesce(func.sum(case((which, 1), else_=0)), 0)
        for which in (upcoming, past, _refunded())
    ]
    row = connection.execute(select(*columns).where(Booking.patient_id == patient_id)).one()
    return Counts(upcoming=int(row[0]), past=int(row[1]), refunds=int(row[2]))


def _rows(connection: Connection, query: Select[*tuple[Any, ...]]) -> list[BookingRow]:
    bookings = [view_of(row) for row in connection.execute(query).mappings()]
    payments = payments_of(connection, [each.id for each in bookings])
    return [_row(connection, each, payments.get(each.id, [])) for each in bookings]


def _row(connection: Connection, booking: BookingView, payments: Sequence[Any]) -> BookingRow:
    main = main_payment(payments)
    went_back = main is not None and any(
        (main.refunded, main.on_the_way, main.proposed, main.failed)
    )
    refunds = read_refunds(connection, [main]) if main and went_back else []
    return BookingRow(
        booking=booking,
        standing=standing_of(payments),
        paid=Money(main.captured, main.amount.currency) if main else None,
        refund=refunds[-1] if refunds else None,
        has_receipt=main is not None and booking.confirmed_at is not None,
    )
