"""Which bookings may a program list in somebody's name, page by page?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import true

from efoy.domain.booking import BookingStatus
from efoy.domain.payment import Standing
from efoy.models.base import reading
from efoy.models.booking import Booking
from efoy.queries.cursor import Cursor, after
from efoy.queries.patient import BOOKINGS, BookingView, Reader, view_of
from efoy.queries.standing import payments_of, standing_of


@dataclass(frozen=True, kw_only=True)
class ListedBooking:
    """One booking and its money in one word."""

    booking: BookingView
    standing: Standing


def list_bookings(
    reader: Reader, *, status: BookingStatus | None, cursor: Cursor | None, limit: int
) -> tuple[Sequence[ListedBooking], Cursor | None]:
    """The reader's bookings, latest visit first, and where the next page begins (or None)."""
    table = Booking.__table__.c
    wanted = Booking.status == status if status is not None else true()
    query = BOOKINGS.where(reader.scope(), wanted, after(cursor, table.starts_at, table.id))
    query = query.order_by(table.starts_at.desc(), table.id.desc()).limit(limit + 1)
    with reading() as connection:
        found = [view_of(row) for row in connection.execute(query).mappings()]
        payments = payments_of(connection, [each.id for each in found[:limit]])
    rows = [
        ListedBooking(booking=each, standing=standing_of(payments.get(each.id, [])))
        for each in found[:limit]
    ]
    last = found[limit - 1] if len(found) > limit else None
    return rows, Cursor(at=last.starts_at, id=last.id) if last else None
