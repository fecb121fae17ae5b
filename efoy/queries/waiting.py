"""What may this reader see of the waiting list? Their own places and offers, and nobody else's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, or_, select

from efoy.domain.booking import BookingStatus
from efoy.domain.errors import NotFound
from efoy.domain.waiting import DayPart, OfferStatus, WaitingStatus
from efoy.models.base import reading
from efoy.models.booking import Booking
from efoy.models.clinic import Doctor, Service
from efoy.models.waiting import WaitlistEntry, WaitlistOffer
from efoy.queries.offers import one_doctor
from efoy.queries.patient import Reader
from efoy.queries.slots import FreeDay, free_days, read_calendars

SHOWN_DAYS = 28
"""How far ahead single days can be chosen; any day reaches further."""


@dataclass(frozen=True, kw_only=True)
class LineView:
    """The line of one service of one doctor, for somebody who may get into it."""

    doctor_slug: str
    doctor_name: str
    specialty: str
    service_slug: str
    service_name: str
    minutes: int
    days: Sequence[FreeDay]


def line_view(doctor: str, service: str, *, now: datetime) -> LineView:
    """The doctor, the service and the days one can choose; raises NotFound."""
    with reading() as connection:
        found = one_doctor(connection, doctor, now=now)
        chosen = found.service(service) if service else found.services[0]
        today = now.astimezone(ZoneInfo(found.zone)).date()
        calendar = read_calendars(connection, [found.id], found.zone, today, SHOWN_DAYS)[found.id]
    last = today + timedelta(days=chosen.visit.horizon_days)
    days = free_days(calendar, chosen.visit, now=now)
    return LineView(
        doctor_slug=found.slug,
        doctor_name=found.name,
        specialty=found.specialty,
        service_slug=chosen.slug,
        service_name=chosen.name,
        minutes=chosen.minutes,
        days=[each for each in days if each.open and each.on <= last],
    )


@dataclass(frozen=True, kw_only=True)
class PlaceView:
    """One's own place in line; ``offer_id`` while a time is held for them."""

    id: str
    status: WaitingStatus
    doctor_slug: str
    doctor_name: str
    service_slug: str
    service_name: str
    visitor_name: str
    email: str
    days: Sequence[date]
    last_on: date
    part: DayPart
    offer_id: str | None
    offer_at: datetime | None
    offer_until: datetime | None


_PLACES = (
    select(
        WaitlistEntry.id,
        WaitlistEntry.status,
        Doctor.slug.label("doctor_slug"),
        Doctor.name.label("doctor_name"),
        Service.slug.label("service_slug"),
        Service.name.label("service_name"),
        WaitlistEntry.visitor_name,
        WaitlistEntry.visitor_email.label("email"),
        WaitlistEntry.days,
        WaitlistEntry.last_on,
        WaitlistEntry.part,
        WaitlistOffer.id.label("offer_id"),
        WaitlistOffer.starts_at.label("offer_at"),
        Booking.hold_expires_at.label("offer_until"),
    )
    .select_from(WaitlistEntry)
    .join(Doctor, Doctor.id == WaitlistEntry.doctor_id)
    .join(Service, Service.id == WaitlistEntry.service_id)
    .outerjoin(
        WaitlistOffer,
        (WaitlistOffer.entry_id == WaitlistEntry.id) & (WaitlistOffer.status == OfferStatus.OPEN),
    )
    .outerjoin(
        Booking, (Booking.id == WaitlistOffer.booking_id) & (Booking.status == BookingStatus.HELD)
    )
)


def _own(reader: Reader) -> ColumnElement[bool]:
    return or_(
        WaitlistEntry.patient_id == reader.patient_id,
        WaitlistEntry.browser_hash == reader.browser_hash,
        WaitlistEntry.id.in_(reader.granted),
    )


def place_view(reader: Reader, entry_id: str) -> PlaceView:
    """One's own place in line; raises NotFound."""
    with reading() as connection:
        query = _PLACES.where(WaitlistEntry.id == entry_id, _own(reader))
        row = connection.execute(query).mappings().first()
    if row is None:
        raise NotFound("waiting")
    return _place(dict(row))


def places_of(patient_id: str) -> Sequence[PlaceView]:
    """Where this patient waits, oldest first."""
    query = _PLACES.where(
        WaitlistEntry.patient_id == patient_id, WaitlistEntry.status == WaitingStatus.WAITING
    )
    with reading() as connection:
        rows = connection.execute(query.order_by(WaitlistEntry.created_at)).mappings().all()
    return [_place(dict(row)) for row in rows]


def _place(row: dict[str, object]) -> PlaceView:
    days = [date.fromisoformat(day) for day in row.pop("days")]  # type: ignore[attr-defined]
    return PlaceView(days=days, **row)  # type: ignore[arg-type]  # the columns are the fields


@dataclass(frozen=True, kw_only=True)
class OfferView:
    """One opened time that was offered, and what became of it."""

    id: str
    status: OfferStatus
    entry_id: str
    still_waiting: bool
    booking_ref: str
    booking_status: BookingStatus
    until: datetime | None
    starts_at: datetime
    doctor_slug: str
    doctor_name: str
    service_slug: str
    service_name: str


def offer_view(reader: Reader, offer_id: str) -> OfferView:
    """An offer to this reader (or to whom the mail's link was given); raises NotFound."""
    query = (
        select(
            WaitlistOffer.id,
            WaitlistOffer.status,
            WaitlistOffer.entry_id,
            (WaitlistEntry.status == WaitingStatus.WAITING).label("still_waiting"),
            Booking.ref.label("booking_ref"),
            Booking.status.label("booking_status"),
            Booking.hold_expires_at.label("until"),
            WaitlistOffer.starts_at,
            Doctor.slug.label("doctor_slug"),
            Doctor.name.label("doctor_name"),
            Service.slug.label("service_slug"),
            Service.name.label("service_name"),
        )
        .select_from(WaitlistOffer)
        .join(WaitlistEntry, WaitlistEntry.id == WaitlistOffer.entry_id)
        .join(Booking, Booking.id == WaitlistOffer.booking_id)
        .join(Doctor, Doctor.id == Booking.doctor_id)
        .join(Service, Service.id == Booking.service_id)
        .where(
            WaitlistOffer.id == offer_id,
            or_(_own(reader), WaitlistOffer.id.in_(reader.granted)),
        )
    )
    with reading() as connection:
        row = connection.execute(query).mappings().first()
    if row is None:
        raise NotFound("offer")
    return OfferView(**row)
