"""What did each of the last thirty days bring in and send back, by the ledger?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import case, func, select

from efoy.domain.money import Money
from efoy.models.base import reading
from efoy.models.ledger import REFUNDS_PAID, VISIT_INCOME, LedgerEntry
from efoy.queries.clinic_day import day_bounds, day_of

DAYS = 30


@dataclass(frozen=True, kw_only=True)
class MoneyDay:
    """One day of the clinic: what came in, and what went back on it."""

    day: date
    collected: Money
    refunded: Money


def money_days(*, zone: str, currency: str, now: datetime) -> Sequence[MoneyDay]:
    """The last thirty days of the clinic, today included, the oldest first."""
    today = day_of(now, zone)
    days = [today - timedelta(days=back) for back in reversed(range(DAYS))]
    bounds = [day_bounds(day, zone) for day in days]
    sums = [
        func.coalesce(
            func.sum(case(((LedgerEntry.at >= begin) & (LedgerEntry.at < end), LedgerEntry.minor))),
            0,
        )
        for begin, end in bounds
    ]
    query = (
        select(LedgerEntry.account, *sums)
        .where(
            LedgerEntry.at >= bounds[0][0],
            LedgerEntry.at < bounds[-1][1],
            LedgerEntry.currency == currency,
            LedgerEntry.account.in_([VISIT_INCOME, REFUNDS_PAID]),
        )
        .group_by(LedgerEntry.account)
    )
    with reading() as connection:
        found = {row[0]: row[1:] for row in connection.execute(query)}
    nothing = [0] * DAYS
    income, back = found.get(VISIT_INCOME, nothing), found.get(REFUNDS_PAID, nothing)
    return [
        MoneyDay(
            day=day,
            collected=Money(-int(came), currency),
            refunded=Money(int(went), currency),
        )
        for day, came, went in zip(days, income, back, strict=True)
    ]
