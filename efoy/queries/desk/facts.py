"""What did the desk decide about a booking: who made it, why is it free or beside another?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select
from sqlalchemy.orm import aliased

from efoy.domain.payment import AT_DESK, PaymentMethod
from efoy.models.base import reading
from efoy.models.booking import Booking
from efoy.models.payment import Payment
from efoy.models.user import User


@dataclass(frozen=True, kw_only=True)
class DeskFacts:
    """Empty where nobody of the clinic had a hand in it; ``taken_*`` is money taken by hand."""

    made_by: str
    overbooked_reason: str
    free_reason: str
    pay_by: datetime | None
    taken_by: str
    taken_how: PaymentMethod | None
    taken_note: str


_MAKER, _TAKER = aliased(User), aliased(User)
_FACTS = (
    select(
        _MAKER.name.label("made_by"),
        Booking.overbooked_reason,
        Booking.free_reason,
        Booking.pay_by,
        _TAKER.name.label("taken_by"),
        Payment.method,
        Payment.taken_note,
    )
    .join_from(Booking, _MAKER, _MAKER.id == Booking.made_by, isouter=True)
    .join(
        Payment,
        (Payment.booking_id == Booking.id) & Payment.method.in_(list(AT_DESK)),
        isouter=True,
    )
    .join(_TAKER, _TAKER.id == Payment.taken_by, isouter=True)
    .where(Booking.id == bindparam("booking"))
    .order_by(Payment.created_at)
    .limit(1)
)


def desk_facts(booking_id: str) -> DeskFacts:
    """What the desk's own pages and the booking's page say about it."""
    with reading() as connection:
        row = connection.execute(_FACTS, {"booking": booking_id}).one()
    return DeskFacts(
        made_by=row.made_by or "",
        overbooked_reason=row.overbooked_reason,
        free_reason=row.free_reason,
        pay_by=row.pay_by,
        taken_by=row.taken_by or "",
        taken_how=row.method,
        taken_note=row.taken_note or "",
    )
