"""Who has a time already? Named for the desk, before it books somebody beside them on purpose."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from efoy.domain.booking import LIVE, BookingStatus
from efoy.models.base import reading
from efoy.models.booking import Booking
from efoy.models.clinic import Doctor, Service


@dataclass(frozen=True, kw_only=True)
class There:
    """A visit that has the time, or a part of it."""

    ref: str
    visitor_name: str
    starts_at: datetime
    ends_at: datetime
    status: BookingStatus


def who_is_there(doctor: str, service: str, starts_at: datetime) -> Sequence[There]:
    """The live visits in the time that the service would take, its buffer included."""
    with reading() as connection:
        length = connection.execute(
            select(Service.minutes + Service.buffer_minutes).where(Service.slug == service)
        ).scalar()
        if length is None:
            return ()
        end = starts_at + timedelta(minutes=int(length))
        rows = connection.execute(
            select(
                Booking.ref,
                Booking.visitor_name,
                Booking.starts_at,
                Booking.ends_at,
                Booking.status,
            )
            .join(Doctor, Doctor.id == Booking.doctor_id)
            .where(
                Doctor.slug == doctor,
                Booking.status.in_(list(LIVE)),
                Booking.starts_at < end,
                Booking.busy_until > starts_at,
            )
            .order_by(Booking.starts_at, Booking.id)
        ).mappings()
        return [There(**dict(row)) for row in rows]
