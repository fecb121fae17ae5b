"""What did the desk decide about a booking: who made it, why is it free or beside another?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
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


def desk_facts(booking_id: str) -> DeskFacts:
    """What the desk's own pages and the booking's page say about it."""
    maker, taker = aliased(User), aliased(User)
    query = (
        select(
            maker.name.label("made_by"),
            Booking.overbooked_reason,
            Booking.free_reason,
            Booking.pay_by,
            taker.name.label("taken_by"),
            Payment.method,
            Payment.taken_note,
        )
        .join_from(Booking, maker, maker.id == Booking.made_by, isouter=True)
        .join(
            Payment,
            (Payment.booking_id == Booking.id) & Payment.method.in_(list(AT_DESK)),
            isouter=True,
        )
        .join(taker, taker.id == Payment.taken_by, isouter=True)
        .where(Booking.id == booking_id)
        .order_by(Payment.created_at)
        .limit(1)
    )
    with reading() as connection:
        row = connection.execute(query).one()
    return DeskFacts(
        made_by=row.made_by or "",
        overbooked_reason=row.overbooked_reason,
        free_reason=row.free_reason,
        pay_by=row.pay_by,
        taken_by=row.taken_by or "",
        taken_how=row.method,
        taken_note=row.taken_note or "",
    )
