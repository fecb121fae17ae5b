"""What are patients told by the clock: a visit tomorrow, a hold that ends soon?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, bindparam, exists, func, select

from efoy.domain.booking import BookingStatus
from efoy.domain.moving import MoveStatus
from efoy.domain.payment import PaymentStatus
from efoy.domain.reminder import (
    AHEAD,
    BOOKED_BEFORE,
    FINISH_AHEAD,
    NOT_YET,
    remind_now,
    subject_of,
)
from efoy.models.base import reading, transaction
from efoy.models.booking import Booking
from efoy.models.clinic import Clinic
from efoy.models.moving import BookingMove
from efoy.models.outbox import OutboxMessage, post
from efoy.models.payment import Payment
from efoy.models.types import UtcDateTime
from efoy.models.waiting import WaitlistOffer
from efoy.services.one_time_links import flooded

AT_ONCE = 200
"""Promises written in one transaction."""
NOT_ASKED = (PaymentStatus.PAID, PaymentStatus.PROCESSING, PaymentStatus.PARKED)
"""Whoever has paid, or may have, is not asked to."""


def remind(now: datetime) -> int:
    """Promise a reminder of every visit of tomorrow that has none; returns how many.

    Once a visit and start time: one that was moved gets its own. Harmless when repeated.
    """
    with reading() as connection:
        zone = ZoneInfo(connection.scalar(select(Clinic.zone)) or "UTC")
        due = {
            subject_of(row.id, row.starts_at): row
            for row in connection.execute(_COMING, {"now": now, "last": now + AHEAD})
            if remind_now(row.starts_at, now, zone) and _settled_early(row, now)
        }
        waiting = _not_promised(connection, list(due))[:AT_ONCE]
    if waiting:
        with transaction("remind") as session:
            for subject in waiting:
                row = due[subject]
                post(session, "reminder", subject, row.visitor_email, now=now, locale=row.locale)
    return len(waiting)


_MOVED = (
    select(func.max(BookingMove.ended_at))
    .where(BookingMove.booking_id == Booking.id, BookingMove.status == MoveStatus.DONE)
    .scalar_subquery()
)
_COMING = select(
    Booking.id,
    Booking.starts_at,
    Booking.visitor_email,
    Booking.locale,
    Booking.confirmed_at,
    _MOVED.label("moved_at"),
).where(
    Booking.status == BookingStatus.CONFIRMED,
    Booking.starts_at > bindparam("now", type_=UtcDateTime),
    Booking.starts_at <= bindparam("last", type_=UtcDateTime),
)


def _settled_early(row: Any, now: datetime) -> bool:
    """Whether it was booked (or moved) a day or more before the visit, and not just now."""
    since = max(filter(None, (row.confirmed_at, row.moved_at)), default=row.starts_at)
    return bool(row.starts_at - since >= BOOKED_BEFORE and now - since >= NOT_YET)


def _not_promised(connection: Connection, subjects: Sequence[str]) -> list[str]:
    query = select(OutboxMessage.subject_ref).where(
        OutboxMessage.kind == "reminder", OutboxMessage.subject_ref.in_(subjects)
    )
    known = set(connection.scalars(query)) if subjects else set()
    return [subject for subject in subjects if subject not in known]


def finish_soon(now: datetime) -> int:
    """Promise "your time is held until": unpaid holds near their end, Pay pressed or not.

    Once a booking; nothing for an opened time, whose own mail is younger than that.
    """
    told = exists().where(
        OutboxMessage.subject_ref == Booking.id, OutboxMessage.kind == "finish_payment"
    )
    offered = exists().where(WaitlistOffer.booking_id == Booking.id)
    paid = exists().where(Payment.booking_id == Booking.id, Payment.status.in_(NOT_ASKED))
    query = select(Booking.id, Booking.visitor_email, Booking.locale).where(
        Booking.status == "held",
        Booking.hold_expires_at > now,
        Booking.hold_expires_at <= now + FINISH_AHEAD,
        Booking.price_minor > 0,
        ~told,
        ~offered,
        ~paid,
    )
    with reading() as connection:
        rows = connection.execute(query.limit(AT_ONCE)).all()
    if rows:
        with transaction("remind") as session:
            for row in rows:
                if not flooded(session, "finish_payment", row.visitor_email, now=now):
                    post(
                        session,
                        "finish_payment",
                        row.id,
                        row.visitor_email,
                        now=now,
                        locale=row.locale,
                    )
    return len(rows)
