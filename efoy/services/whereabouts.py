"""Is a visitor somewhere else at that time? Counted for whom we know, not for a typed address."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from efoy.domain.booking import BookingStatus
from efoy.models.base import lock, lock_name
from efoy.models.booking import Booking
from efoy.models.user import User


def lock_holder(session: Session, booking: Booking) -> None:
    """Keep every other hold of the same holder waiting until this transaction ends."""
    if booking.holder == booking.patient_id:
        lock(session, User, booking.patient_id)
    elif booking.holder is not None:
        lock_name(session, booking.holder)


def others_of(booking: Booking) -> ColumnElement[bool]:
    """The other bookings of the same visitor, as far as they count towards the same holder."""
    return (
        (Booking.holder == booking.holder)
        & (Booking.visitor_key == booking.visitor_key)
        & (Booking.id != booking.id)
    )


def is_elsewhere(
    session: Session, booking: Booking, *, starts_at: datetime, ends_at: datetime
) -> bool:
    """Whether the visitor has another live visit then; cells first, then this, as a hold does it.

    Never for the desk's bookings, which count towards nobody.
    """
    if booking.holder is None:
        return False
    lock_holder(session, booking)
    query = select(Booking.id).where(
        others_of(booking),
        Booking.status.in_([BookingStatus.HELD, BookingStatus.CONFIRMED]),
        Booking.starts_at < ends_at,
        Booking.ends_at > starts_at,
    )
    return session.scalar(query.limit(1)) is not None
