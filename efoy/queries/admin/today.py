"""How does the clinic's day go, and what did the last thirty bring in?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import case, func, select

from efoy.domain.booking import PAID_FOR, BookingStatus
from efoy.domain.money import Money
from efoy.domain.payment import Standing
from efoy.models.base import reading
from efoy.models.booking import Booking
from efoy.models.clinic import Doctor, Service
from efoy.models.ledger import REFUNDS_PAID, STRIPE_FEES, VISIT_INCOME, LedgerEntry
from efoy.queries.clinic_day import day_bounds, day_of
from efoy.queries.standing import main_payment, payments_of, standing_of

NEXT_SHOWN = 12
PERIOD = timedelta(days=30)
LONGEST_VISIT = timedelta(hours=8)
"""As the services allow: what began before cannot be going on."""


@dataclass(frozen=True, kw_only=True)
class DaySummary:
    """Visits of the day: all, over, still to come."""

    visits: int
    done: int
    to_come: int


@dataclass(frozen=True, kw_only=True)
class NextVisit:
    """One of the next visits of the day; ``paid`` is None while nothing is."""

    ref: str
    starts_at: datetime
    visitor_name: str
    doctor_name: str
    service_name: str
    status: BookingStatus
    standing: Standing
    paid: Money | None
    is_next: bool


@dataclass(frozen=True, kw_only=True)
class Month:
    """The last thirty days, by the ledger: what came in, went back, was kept by Stripe and us."""

    collected: Money
    payments: int
    refunded: Money
    fees: Money
    kept: Money


def day_summary(*, zone: str, now: datetime) -> DaySummary:
    """How many visits today has, and how many of them are over."""
    begin, end = day_bounds(day_of(now, zone), zone)
    over = case((Booking.ends_at <= now, 1), else_=0)
    query = select(func.count(), func.coalesce(func.sum(over), 0)).where(
        Booking.starts_at >= begin, Booking.starts_at < end, Booking.status.in_(PAID_FOR)
    )
    with reading() as connection:
        visits, done = connection.execute(query).one()
    return DaySummary(visits=visits, done=done, to_come=visits - done)


def next_visits(*, zone: str, now: datetime) -> Sequence[NextVisit]:
    """Today's visits and holds that are not over yet, soonest first."""
    _, end = day_bounds(day_of(now, zone), zone)
    query = (
        select(
            Booking.id,
            Booking.ref,
            Booking.starts_at,
            Booking.visitor_name,
            Booking.status,
            Doctor.name.label("doctor_name"),
            Service.name.label("service_name"),
        )
        .join(Doctor, Doctor.id == Booking.doctor_id)
        .join(Service, Service.id == Booking.service_id)
        .where(
            Booking.ends_at > now,
            Booking.starts_at > now - LONGEST_VISIT,
            Booking.starts_at < end,
            Booking.status.in_([BookingStatus.HELD, BookingStatus.CONFIRMED]),
        )
        .order_by(Booking.starts_at, Booking.id)
        .limit(NEXT_SHOWN)
    )
    with reading() as connection:
        rows = connection.execute(query).all()
        money = payments_of(connection, [row.id for row in rows])
    visits: list[NextVisit] = []
    for row in rows:
        payments = money.get(row.id, [])
        paid = main_payment(payments)
        visits.append(
            NextVisit(
                ref=row.ref,
                starts_at=row.starts_at,
                visitor_name=row.visitor_name,
                doctor_name=row.doctor_name,
                service_name=row.service_name,
                status=row.status,
                standing=standing_of(payments),
                paid=paid.amount if paid else None,
                is_next=not visits,
            )
        )
    return visits


def month(*, currency: str, now: datetime) -> Month:
    """The clinic's money of the last thirty days. Fees may follow their payment by minutes."""
    query = (
        select(LedgerEntry.account, func.sum(LedgerEntry.minor), func.count())
        .where(LedgerEntry.at > now - PERIOD, LedgerEntry.currency == currency)
        .group_by(LedgerEntry.account)
    )
    with reading() as connection:
        found = {account: (int(minor), n) for account, minor, n in connection.execute(query)}
    income, payments = found.get(VISIT_INCOME, (0, 0))
    refunded, fees = (found.get(account, (0, 0))[0] for account in (REFUNDS_PAID, STRIPE_FEES))
    return Month(
        collected=Money(-income, currency),
        payments=payments,
        refunded=Money(refunded, currency),
        fees=Money(fees, currency),
        kept=Money(-income - refunded - fees, currency),
    )
