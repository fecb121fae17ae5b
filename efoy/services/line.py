"""Who stands in line, first come first, and what were they asked already?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from efoy.domain.visitor import BookedFor, VisitorWish
from efoy.domain.waiting import DayPart, OfferStatus, WaitingStatus
from efoy.models.base import reading
from efoy.models.booking import Booking
from efoy.models.clinic import Doctor, Service
from efoy.models.waiting import WaitlistEntry, WaitlistOffer
from efoy.services.booking import HoldRequest


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """Somebody in line, first come first."""

    id: str
    holder: str
    doctor: str
    service: str
    days: tuple[date, ...]
    last_on: date
    part: DayPart
    known: tuple[int, ...]


def line(freed_by: str | None = None) -> list[Waiting]:
    """Everybody who waits; only for that booking's doctor where one is named."""
    query = (
        select(
            WaitlistEntry.id,
            WaitlistEntry.holder,
            WaitlistEntry.days,
            WaitlistEntry.last_on,
            WaitlistEntry.part,
            WaitlistEntry.known_free,
            Doctor.slug.label("doctor"),
            Service.slug.label("service"),
        )
        .join(Doctor, Doctor.id == WaitlistEntry.doctor_id)
        .join(Service, Service.id == WaitlistEntry.service_id)
        .where(WaitlistEntry.status == WaitingStatus.WAITING)
        .order_by(WaitlistEntry.created_at, WaitlistEntry.id)
    )
    if freed_by is not None:
        theirs = select(Booking.doctor_id).where(Booking.id == freed_by)
        query = query.where(WaitlistEntry.doctor_id.in_(theirs))
    with reading() as connection:
        return [_waiting(*row) for row in connection.execute(query)]


def _waiting(
    key: str,
    holder: str,
    days: list[str],
    last_on: date,
    part: DayPart,
    known: list[int],
    *slugs: str,
) -> Waiting:
    return Waiting(
        id=key,
        holder=holder,
        doctor=slugs[0],
        service=slugs[1],
        days=tuple(date.fromisoformat(day) for day in days),
        last_on=last_on,
        part=part,
        known=tuple(known),
    )


def holders_with_an_offer() -> set[str]:
    """Who has a live offer: one a person."""
    query = select(WaitlistOffer.holder).where(WaitlistOffer.status == OfferStatus.OPEN)
    with reading() as connection:
        return set(connection.scalars(query))


def offered_times() -> dict[str, list[datetime]]:
    """What everybody in line was asked before: nobody is asked twice about one time."""
    query = (
        select(WaitlistOffer.entry_id, WaitlistOffer.starts_at)
        .join(WaitlistEntry, WaitlistEntry.id == WaitlistOffer.entry_id)
        .where(WaitlistEntry.status == WaitingStatus.WAITING)
    )
    found: dict[str, list[datetime]] = {}
    with reading() as connection:
        for entry_id, at in connection.execute(query):
            found.setdefault(entry_id, []).append(at)
    return found


def request_of(entry: Waiting, at: datetime) -> HoldRequest:
    """The hold that an offer makes for them."""
    with reading() as connection:
        row = connection.execute(
            select(WaitlistEntry.__table__).where(WaitlistEntry.id == entry.id)
        ).one()
    other = row.visitor_born_on is not None
    wish = VisitorWish(kind=BookedFor.OTHER, name=row.visitor_name, born_on=row.visitor_born_on)
    return HoldRequest(
        doctor=entry.doctor,
        service=entry.service,
        starts_at=at,
        name=row.booker_name or row.visitor_name,
        email=row.visitor_email,
        phone=row.visitor_phone,
        locale=row.locale,
        viewer_id=row.patient_id if row.holder == row.patient_id else None,
        browser_hash=row.browser_hash,
        visitor=wish if other else None,
        offered=True,
    )
