"""Which refunds are to approve, on their way, failed, done?"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, Select, and_, exists, func, or_, select
from sqlalchemy.orm import aliased

from efoy.domain.money import Money
from efoy.domain.payment import PaymentMethod
from efoy.domain.refund import OVER, RefundOrigin, RefundStatus
from efoy.domain.refund_way import RefundWay
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


@dataclass(frozen=True, kw_only=True)
class RefundLine:
    """One line of a list. ``first_by`` may not give it alone; ``by_desk``: the money never was at
    Stripe; ``made_good``: a later refund took the failed one's place."""

    id: str
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
    way: RefundWay
    handed_by: str
    decided_by: str | None
    first_by: str | None
    first_name: str
    by_desk: bool
    made_good: bool


@dataclass(frozen=True, kw_only=True)
class RefundList:
    """One page of one tab, and how many are on each."""

    refunds: Sequence[RefundLine]
    counts: Mapping[Tab, int]
    leaf: Leaf


def find_refunds(tab: Tab, mark: Mark | None) -> RefundList:
    """A page of one tab, newest first."""
    with reading() as connection:
        counts = {
            each: connection.scalar(select(func.count(Refund.id)).where(on_tab(each))) or 0
            for each in Tab
        }
        page = leaf(
            connection,
            _LINES.where(on_tab(tab)),
            at=Refund.__table__.c.created_at,
            key=Refund.__table__.c.id,
            mark=mark,
            total=counts[tab],
        )
    return RefundList(refunds=[_line(row) for row in page.rows], counts=counts, leaf=page)


def chosen_refunds(refund_ids: Collection[str]) -> Sequence[RefundLine]:
    """These refunds, however far they are, the oldest first."""
    query = _LINES.where(Refund.id.in_(refund_ids)).order_by(Refund.created_at, Refund.id)
    with reading() as connection:
        return [_line(row) for row in connection.execute(query).mappings()]


_S = RefundStatus
_MOVING = (_S.REQUESTED, _S.SUBMITTED, _S.PENDING, _S.REQUIRES_ACTION)


def on_tab(tab: Tab) -> ColumnElement[bool]:
    """What belongs on a tab. A failed refund that was made good needs nobody any more."""
    failed = Refund.status.in_([_S.FAILED, _S.CANCELED])
    return {
        Tab.WAITING: Refund.status == _S.PROPOSED,
        Tab.MOVING: Refund.status.in_(_MOVING),
        Tab.FAILED: and_(failed, ~_MADE_GOOD),
        Tab.DONE: or_(Refund.status.in_([_S.SUCCEEDED, _S.WITHDRAWN]), and_(failed, _MADE_GOOD)),
    }[tab]


_Later, _First = aliased(Refund), aliased(User)
_MADE_GOOD = exists().where(
    _Later.payment_id == Refund.payment_id,
    _Later.created_at > Refund.created_at,
    _Later.status.not_in(list(OVER)),
)
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
        Refund.way,
        Refund.handed_by,
        Refund.decided_by,
        Refund.first_by,
        _MADE_GOOD.label("made_good"),
        Booking.ref,
        Booking.visitor_name,
        Payment.card_brand,
        Payment.card_last4,
        Payment.method,
        User.name.label("who"),
        _First.name.label("first_name"),
    )
    .join(Payment, Payment.id == Refund.payment_id)
    .join(Booking, Booking.id == Payment.booking_id)
    .outerjoin(User, User.id == Refund.actor_id)
    .outerjoin(_First, _First.id == Refund.first_by)
)


def _line(row: RowMapping) -> RefundLine:
    return RefundLine(
        id=row["id"],
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
        way=row["way"],
        handed_by=row["handed_by"] or "",
        decided_by=row["decided_by"],
        first_by=row["first_by"],
        first_name=row["first_name"] or "",
        by_desk=row["method"] is not PaymentMethod.STRIPE,
        made_good=bool(row["made_good"]),
    )
