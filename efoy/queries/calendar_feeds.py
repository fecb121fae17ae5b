"""What does a doctor's own calendar hold? Times, and letters for names; nothing of health."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from efoy.domain.booking import PAID_FOR
from efoy.domain.errors import NotFound
from efoy.domain.letter import FeedEntry
from efoy.models.base import reading
from efoy.models.booking import Booking
from efoy.models.clinic import Doctor
from efoy.models.doctors_own import CalendarFeed
from efoy.models.user import User
from efoy.wording import initials

BACK, AHEAD = timedelta(days=30), timedelta(days=400)


def feed_made_at(doctor_id: int) -> datetime | None:
    """Since when the doctor's calendar has an address; None while it has none."""
    query = select(CalendarFeed.made_at).where(CalendarFeed.doctor_id == doctor_id)
    with reading() as connection:
        return connection.scalar(query)


@dataclass(frozen=True, kw_only=True)
class Feed:
    """The calendar behind an address."""

    doctor_id: int
    entries: Sequence[FeedEntry]


def feed_of(token_hash: str, *, now: datetime) -> Feed:
    """The booked visits of the doctor of that address, a month back and a year ahead.

    A cancelled visit is no longer among them. Raises NotFound, also for a doctor who may no longer
    sign in.
    """
    owner = (
        select(CalendarFeed.doctor_id)
        .join(Doctor, Doctor.id == CalendarFeed.doctor_id)
        .join(User, User.id == Doctor.user_id)
        .where(CalendarFeed.token_hash == token_hash, User.disabled_at.is_(None))
    )
    with reading() as connection:
        doctor_id = connection.scalar(owner)
        if doctor_id is None:
            raise NotFound("calendar")
        rows = connection.execute(
            select(
                Booking.id,
                Booking.starts_at,
                Booking.ends_at,
                Booking.visitor_name,
                Booking.calendar_sequence,
                Booking.held_at,
            )
            .where(
                Booking.doctor_id == doctor_id,
                Booking.status.in_(PAID_FOR),
                Booking.starts_at >= now - BACK,
                Booking.starts_at < now + AHEAD,
            )
            .order_by(Booking.starts_at, Booking.id)
        ).all()
    entries = [
        FeedEntry(
            uid=row.id,
            sequence=row.calendar_sequence,
            starts_at=row.starts_at,
            ends_at=row.ends_at,
            letters=initials(row.visitor_name),
            made_at=row.held_at,
        )
        for row in rows
    ]
    return Feed(doctor_id=doctor_id, entries=entries)
