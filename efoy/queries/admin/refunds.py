"""Which refunds are to send, on their way, failed, done?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import RowMapping, Select, func, select

from efoy.domain.money import Money
from efoy.domain.refund import RefundOrigin, RefundStatus
from efoy.models.base import reading
from efoy.models.booking import Booking
from efoy.models.payment import Payment, Refund
from efoy.models.user import User
from efoy.queries.paging import Leaf, Mark, leaf
from efoy.queries.standing import card_words


class Tab(StrEnum):
    """The four lists."""

    WAITING = "waiting"
    MOVING = "moving"
    FAILED = "failed"
    DONE = "done"


_S = RefundStatus
ON_TAB: Mapping[Tab, tuple[RefundStatus, ...]] = {
    Tab.WAITING: (_S.REQUESTED,),
    Tab.MOVING: (_S.SUBMITTED, _S.PENDING, _S.REQUIRES_ACTION),
    Tab.FAILED: (_S.FAILED, _S.CANCELED),
    Tab.DONE: (_S.SUCCEEDED, _S.WITHDRAWN),
}


@dataclass(frozen=True, kw_only=True)
class RefundLine:
    """One line of a list."""

    booking_ref: str
    visitor_name: str
    at: datetime
    amount: Money
    status: RefundStatus
    origin: RefundOrigin
    reason: str
    who: str
    card: str
    failure_reason: str | None
    pending_reason: str | None


@dataclass(frozen=True, kw_only=True)
class RefundList:
    """One page of one tab, and how many are on each."""

    refunds: Sequence[RefundLine]
    counts: Mapping[Tab, int]
    leaf: Leaf


def find_refunds(tab: Tab, mark: Mark | None) -> RefundList:
    """A page of one tab, newest first."""
    with reading() as connection:
        by_status: dict[RefundStatus, int] = dict(
            connection.execute(select(Refund.status, func.count()).group_by(Refund.status)).all()
        )
        counts = {each: sum(by_status.get(s, 0) for s in ON_TAB[each]) for each in Tab}
        page = leaf(
            connection,
            _LINES.where(Refund.status.in_(ON_TAB[tab])),
            at=Refund.__table__.c.created_at,
            key=Refund.__table__.c.id,
            mark=mark,
            total=counts[tab],
        )
    return RefundList(refunds=[_line(row) for row in page.rows], counts=counts, leaf=page)


_LINES: Select[*tuple[Any, ...]] = (
    select(
        Refund.id.label("id"),
        Refund.created_at.label("at"),
        Refund.amount_minor,
        Refund.currency,
        Refund.status,
        Refund.origin,
        Refund.reason,
        Refund.failure_reason,
        Refund.pending_reason,
        Booking.ref,
        Booking.visitor_name,
        Payment.card_brand,
        Payment.card_last4,
        User.name.label("who"),
    )
    .join(Payment, Payment.id == Refund.payment_id)
    .join(Booking, Booking.id == Payment.booking_id)
    .outerjoin(User, User.id == Refund.actor_id)
)


def _line(row: RowMapping) -> RefundLine:
    return RefundLine(
        booking_ref=row["ref"],
        visitor_name=row["visitor_name"],
        at=row["at"],
        amount=Money(row["amount_minor"], row["currency"]),
        status=row["status"],
        origin=row["origin"],
        reason=row["reason"],
        who=row["who"] if row["origin"] is RefundOrigin.ADMIN and row["who"] else "",
        card=card_words(row["card_brand"], row["card_last4"]),
        failure_reason=row["failure_reason"],
        pending_reason=row["pending_reason"],
    )
