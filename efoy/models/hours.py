"""How do rows of hours become values, and values rows?"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, func, select
from sqlalchemy.orm import Session

from efoy.domain.booking import BookingStatus
from efoy.domain.hours import BookedVisit
from efoy.domain.slot import Opening, Span
from efoy.models.booking import Booking
from efoy.models.clinic import Doctor, ExtraHours, OpeningHours, Service

HOURS = (
    OpeningHours.weekday,
    OpeningHours.from_minute,
    OpeningHours.to_minute,
    OpeningHours.valid_from,
    OpeningHours.valid_to,
    OpeningHours.break_from,
    OpeningHours.break_to,
    OpeningHours.place,
    OpeningHours.service_ids,
)
"""What every query reads of weekly hours, in the order of ``opening``."""
EXTRA = (ExtraHours.starts_at, ExtraHours.ends_at, ExtraHours.place, ExtraHours.service_ids)
"""The same of extra hours, in the order of ``span``."""
PLACE = func.coalesce(Booking.place, Doctor.place).label("place")
"""Where a visit is: as it was offered, whatever the doctor's usual place is by now."""


@lru_cache(maxsize=256)
def services_of(text: str) -> frozenset[int]:
    """The services of a stretch of hours, from how they are kept; none of them means all."""
    return frozenset(int(number) for number in text.split(",") if number)


def services_text(services: Iterable[int]) -> str:
    """How the services of a stretch of hours are kept."""
    return ",".join(str(number) for number in sorted(services))


def opening(
    weekday: int,
    from_minute: int,
    to_minute: int,
    valid_from: date | None,
    valid_to: date | None,
    break_from: int | None = None,
    break_to: int | None = None,
    place: str = "",
    service_ids: str = "",
) -> Opening:
    """A row of ``HOURS`` as a value."""
    return Opening(
        weekday=weekday,
        from_minute=from_minute,
        to_minute=to_minute,
        valid_from=valid_from,
        valid_to=valid_to,
        break_from=break_from,
        break_to=break_to,
        place=place,
        services=services_of(service_ids),
    )


def span(starts_at: datetime, ends_at: datetime, place: str = "", service_ids: str = "") -> Span:
    """A row of ``EXTRA``, or of time off, as a value."""
    return Span(
        starts_at=starts_at, ends_at=ends_at, place=place, services=services_of(service_ids)
    )


def booked_visits(reader: Connection | Session, doctor_id: int, now: datetime) -> list[BookedVisit]:
    """Everybody who is still to come to this doctor, earliest first; holds without a name."""
    query = (
        select(
            Booking.id,
            Booking.ref,
            Booking.visitor_name,
            Booking.starts_at,
            Booking.ends_at,
            Booking.service_id,
            Booking.place,
            Booking.status,
            Service.name.label("service_name"),
        )
        .join(Service, Service.id == Booking.service_id)
        .where(
            Booking.doctor_id == doctor_id,
            Booking.starts_at > now,
            Booking.status.in_([BookingStatus.HELD, BookingStatus.CONFIRMED]),
        )
        .order_by(Booking.starts_at, Booking.id)
    )
    return [_booked(row) for row in reader.execute(query)]


def _booked(row: Any) -> BookedVisit:
    held = row.status is BookingStatus.HELD
    return BookedVisit(
        id=row.id,
        ref="" if held else row.ref,
        name="" if held else row.visitor_name,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        service=row.service_id,
        service_name="" if held else row.service_name,
        place=row.place,
        held=held,
    )
