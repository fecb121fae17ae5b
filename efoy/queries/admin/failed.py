"""What is known about one refund that did not arrive, and how may it be made good?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, func, select
from sqlalchemy.orm import aliased

from efoy.domain.errors import NotFound
from efoy.domain.money import Money
from efoy.domain.refund import OVER, RefundStatus
from efoy.domain.refund_way import Wish
from efoy.models.base import reading
from efoy.models.booking import Booking
from efoy.models.payment import Payment, Refund
from efoy.models.refund_wish import RefundWish
from efoy.models.upkeep import Alert
from efoy.models.user import User
from efoy.queries.standing import card_words


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What the patient was asked and chose; ``choice`` is None until they answer."""

    asked_at: datetime
    choice: Wish | None
    phone: str
    words: str
    answered_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class FailedRefund:
    """One failed refund. ``left`` is what may still go back of its payment; ``made_good`` once a
    later refund took its place; ``alert_id`` is its line in the queue, '' once closed."""

    id: str
    payment_id: str
    booking_ref: str
    visitor_name: str
    phone: str
    email: str
    amount: Money
    left: Money
    at: datetime
    reason: str
    card: str
    failure_reason: str | None
    made_good: bool
    alert_id: str
    note: str
    owner_name: str
    answer: Answer | None

    @property
    def due(self) -> Money:
        """What there is to make good: the failed amount, or what is left of it."""
        return min(self.amount, self.left)


def failed_refund(refund_id: str) -> FailedRefund:
    """The failed refund of that id; raises NotFound for any other."""
    with reading() as connection:
        row = connection.execute(_FAILED.where(Refund.id == refund_id)).mappings().one_or_none()
        if row is None:
            raise NotFound(refund_id)
        answer = _answer(connection, refund_id)
    currency = row["currency"]
    return FailedRefund(
        id=row["id"],
        payment_id=row["payment_id"],
        booking_ref=row["ref"],
        visitor_name=row["visitor_name"],
        phone=row["visitor_phone"],
        email=row["visitor_email"],
        amount=Money(row["amount_minor"], currency),
        left=Money((row["captured_minor"] or 0) - row["back"], currency),
        at=row["created_at"],
        reason=row["reason"],
        card=card_words(row["card_brand"], row["card_last4"]),
        failure_reason=row["failure_reason"],
        made_good=row["later"] > 0,
        alert_id=row["alert_id"] or "",
        note=row["note"] or "",
        owner_name=row["owner_name"] or "",
        answer=answer,
    )


_Back, _Later, _Owner = aliased(Refund), aliased(Refund), aliased(User)
_BACK = (
    select(func.coalesce(func.sum(_Back.amount_minor), 0))
    .where(_Back.payment_id == Refund.payment_id, _Back.status.not_in(list(OVER)))
    .correlate(Refund)
    .scalar_subquery()
)
_LATER = (
    select(func.count(_Later.id))
    .where(
        _Later.payment_id == Refund.payment_id,
        _Later.created_at > Refund.created_at,
        _Later.status.not_in(list(OVER)),
    )
    .correlate(Refund)
    .scalar_subquery()
)
_FAILED: Select[*tuple[Any, ...]] = (
    select(
        Refund.id,
        Refund.payment_id,
        Refund.amount_minor,
        Refund.currency,
        Refund.created_at,
        Refund.reason,
        Refund.failure_reason,
        Booking.ref,
        Booking.visitor_name,
        Booking.visitor_phone,
        Booking.visitor_email,
        Payment.captured_minor,
        Payment.card_brand,
        Payment.card_last4,
        Alert.id.label("alert_id"),
        Alert.note,
        _Owner.name.label("owner_name"),
        _BACK.label("back"),
        _LATER.label("later"),
    )
    .join(Payment, Payment.id == Refund.payment_id)
    .join(Booking, Booking.id == Payment.booking_id)
    .outerjoin(
        Alert,
        (Alert.subject_ref == Refund.id)
        & (Alert.kind == "refund_failed")
        & Alert.closed_at.is_(None),
    )
    .outerjoin(_Owner, _Owner.id == Alert.owner_id)
    .where(Refund.status.in_([RefundStatus.FAILED, RefundStatus.CANCELED]))
)


def _answer(connection: Connection, refund_id: str) -> Answer | None:
    query = select(
        RefundWish.asked_at,
        RefundWish.choice,
        RefundWish.phone,
        RefundWish.words,
        RefundWish.answered_at,
    ).where(RefundWish.refund_id == refund_id)
    row = connection.execute(query).mappings().one_or_none()
    return Answer(**row) if row is not None else None
