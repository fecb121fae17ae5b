"""What does the clinic ask the patient of a visit it cannot keep?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from efoy.domain.closing import UNDECIDED
from efoy.domain.errors import NotFound
from efoy.models.base import reading
from efoy.models.booking import Booking
from efoy.models.closing import DayClosing, DayClosingItem, clinic_owes_another_time


@dataclass(frozen=True, kw_only=True)
class Offer:
    """A question that waits for its patient; ``answer_by`` is None once the desk has it."""

    item_id: str
    reason: str
    answer_by: datetime | None


def clinic_asks(booking_id: str) -> bool:
    """Whether the clinic cannot keep this visit and waits for its patient's answer."""
    with reading() as connection:
        return clinic_owes_another_time(connection, booking_id)


def offer_of(booking_id: str) -> Offer:
    """The question about a booking. Raises NotFound where the clinic asks nothing (any more)."""
    query = (
        select(DayClosingItem.id, DayClosing.reason, DayClosingItem.answer_by)
        .join(DayClosing, DayClosing.id == DayClosingItem.closing_id)
        .join(Booking, Booking.id == DayClosingItem.booking_id)
        .where(
            DayClosingItem.booking_id == booking_id,
            DayClosingItem.status.in_(list(UNDECIDED)),
            DayClosingItem.visit_at == Booking.starts_at,
        )
    )
    with reading() as connection:
        row = connection.execute(query).first()
    if row is None:
        raise NotFound(booking_id)
    return Offer(item_id=row.id, reason=row.reason, answer_by=row.answer_by)
