"""Which doctors are there, how is each described, and who is booked with them?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, exists, func, select

from efoy.domain.booking import BookingStatus
from efoy.domain.errors import NotFound
from efoy.domain.house import DoctorFacts, edition
from efoy.models.base import reading
from efoy.models.booking import Booking
from efoy.models.clinic import Doctor, DoctorService, OpeningHours, Service, Specialty
from efoy.models.facts import doctor_facts
from efoy.models.user import User

COMING = (BookingStatus.HELD, BookingStatus.CONFIRMED)
SHOWN = 50
"""Visits to come that a page lists; their number is said in full."""


@dataclass(frozen=True, kw_only=True)
class DoctorLine:
    """One line of the list. ``sign_in`` is none, invited, joined or disabled."""

    slug: str
    name: str
    specialty: str
    place: str
    active: bool
    removed: bool
    services: int
    has_hours: bool
    coming: int
    sign_in: str


@dataclass(frozen=True, kw_only=True)
class ComingVisit:
    """A visit that stays booked, whatever is changed here."""

    ref: str
    starts_at: datetime
    visitor_name: str
    service_name: str
    status: BookingStatus


@dataclass(frozen=True, kw_only=True)
class DoctorFile:
    """One doctor; ``seen`` is the edition of the facts."""

    id: int
    slug: str
    facts: DoctorFacts
    seen: str
    active: bool
    removed: bool
    has_hours: bool
    user_id: str | None
    email: str
    sign_in: str
    coming: int
    visits: Sequence[ComingVisit]


@dataclass(frozen=True, kw_only=True)
class Choice:
    """Something to choose by its number."""

    id: int
    name: str


_TO_COME = (
    select(func.count())
    .where(Booking.doctor_id == Doctor.id, Booking.status.in_(COMING))
    .correlate(Doctor)
)
_OFFERED = select(func.count()).where(DoctorService.doctor_id == Doctor.id).correlate(Doctor)
_HAS_HOURS = exists().where(OpeningHours.doctor_id == Doctor.id).correlate(Doctor)


def doctor_list(now: datetime) -> list[DoctorLine]:
    """Everyone who is or was on the list, by name; those taken off it last."""
    query = (
        select(
            Doctor,
            Specialty.short_name.label("specialty"),
            _OFFERED.scalar_subquery().label("services"),
            _HAS_HOURS.label("has_hours"),
            _TO_COME.where(Booking.ends_at > now).scalar_subquery().label("coming"),
            User.verified_at,
            User.disabled_at,
        )
        .join(Specialty, Specialty.id == Doctor.specialty_id)
        .outerjoin(User, User.id == Doctor.user_id)
        .order_by(Doctor.removed_at.is_not(None), Doctor.name, Doctor.id)
    )
    with reading() as connection:
        return [_line(row) for row in connection.execute(query)]


def _line(row: Any) -> DoctorLine:
    return DoctorLine(
        slug=row.slug,
        name=row.name,
        specialty=row.specialty,
        place=row.place,
        active=row.active,
        removed=row.removed_at is not None,
        services=row.services,
        has_hours=row.has_hours,
        coming=row.coming,
        sign_in=_sign_in(row),
    )


def _sign_in(row: Any) -> str:
    if row.user_id is None:
        return "none"
    if row.disabled_at is not None:
        return "disabled"
    return "invited" if row.verified_at is None else "joined"


def doctor_file(slug: str, now: datetime) -> DoctorFile:
    """One doctor with the visits to come. Raises NotFound."""
    columns = (Doctor.id, Doctor.slug, Doctor.active, Doctor.removed_at, Doctor.user_id)
    people = (User.email, User.verified_at, User.disabled_at)
    query = (
        select(*columns, *people, _HAS_HOURS.label("has_hours"))
        .outerjoin(User, User.id == Doctor.user_id)
        .where(Doctor.slug == slug)
    )
    with reading() as connection:
        row = connection.execute(query).one_or_none()
        if row is None:
            raise NotFound(slug)
        facts = doctor_facts(connection, row.id)
        count, visits = _visits(connection, row.id, now)
    return DoctorFile(
        id=row.id,
        slug=row.slug,
        facts=facts,
        seen=edition(facts),
        active=row.active,
        removed=row.removed_at is not None,
        has_hours=row.has_hours,
        user_id=row.user_id,
        email=row.email or "",
        sign_in=_sign_in(row),
        coming=count,
        visits=visits,
    )


def _visits(connection: Connection, doctor_id: int, now: datetime) -> tuple[int, list[ComingVisit]]:
    mine = (Booking.doctor_id == doctor_id, Booking.status.in_(COMING), Booking.ends_at > now)
    columns = (Booking.ref, Booking.starts_at, Booking.visitor_name, Booking.status)
    query = (
        select(*columns, Service.name.label("service_name"))
        .join(Service, Service.id == Booking.service_id)
        .where(*mine)
        .order_by(Booking.starts_at, Booking.id)
        .limit(SHOWN)
    )
    count = connection.scalar(select(func.count()).select_from(Booking).where(*mine)) or 0
    return count, [ComingVisit(**row) for row in connection.execute(query).mappings()]


def specialty_choices() -> list[Choice]:
    """Every specialty, in the clinic's order."""
    query = select(Specialty.id, Specialty.name).order_by(Specialty.position, Specialty.name)
    return _choices(query)


def service_choices() -> list[Choice]:
    """Every kind of visit, in the clinic's order."""
    return _choices(select(Service.id, Service.name).order_by(Service.position, Service.id))


def doctor_choices_by_id() -> list[Choice]:
    """Every doctor on the list, by name."""
    query = select(Doctor.id, Doctor.name).where(Doctor.removed_at.is_(None))
    return _choices(query.order_by(Doctor.name, Doctor.id))


def _choices(query: Any) -> list[Choice]:
    with reading() as connection:
        return [Choice(id=key, name=name) for key, name in connection.execute(query)]
