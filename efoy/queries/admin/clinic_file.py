"""How is the clinic described, and what would another zone do to its booked visits?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, func, select

from efoy.domain.house import ClinicFacts, edition
from efoy.models.base import reading
from efoy.models.booking import Booking
from efoy.models.clinic import Clinic, Doctor
from efoy.models.facts import clinic_facts
from efoy.models.payment import Payment
from efoy.models.picture import Picture
from efoy.queries.admin.doctors import COMING, SHOWN


@dataclass(frozen=True, kw_only=True)
class ClinicFile:
    """The clinic; ``seen`` is the edition of the facts, ``has_payments`` locks the currency."""

    facts: ClinicFacts
    seen: str
    zone: str
    zone_label: str
    logo_hash: str | None
    has_payments: bool


@dataclass(frozen=True, kw_only=True)
class MovedClock:
    """A visit to come: its instant stays, the clock beside it shows something else."""

    ref: str
    starts_at: datetime
    visitor_name: str
    doctor_name: str


@dataclass(frozen=True, kw_only=True)
class Logo:
    """The picture on every page."""

    hash: str
    body: bytes


def clinic_file() -> ClinicFile:
    """The clinic as its form shows it."""
    columns = (Clinic.zone, Clinic.zone_label, Clinic.logo_hash)
    with reading() as connection:
        facts = clinic_facts(connection)
        row = connection.execute(select(*columns)).one()
        paid = bool(connection.scalar(select(exists().where(Payment.id.is_not(None)))))
    return ClinicFile(
        facts=facts,
        seen=edition(facts),
        zone=row.zone,
        zone_label=row.zone_label,
        logo_hash=row.logo_hash,
        has_payments=paid,
    )


def moved_clocks(now: datetime) -> tuple[int, Sequence[MovedClock]]:
    """How many visits are to come, and the next of them."""
    coming = (Booking.status.in_(COMING), Booking.starts_at > now)
    query = (
        select(
            Booking.ref, Booking.starts_at, Booking.visitor_name, Doctor.name.label("doctor_name")
        )
        .join(Doctor, Doctor.id == Booking.doctor_id)
        .where(*coming)
        .order_by(Booking.starts_at, Booking.id)
        .limit(SHOWN)
    )
    with reading() as connection:
        count = connection.scalar(select(func.count()).select_from(Booking).where(*coming)) or 0
        return count, [MovedClock(**row) for row in connection.execute(query).mappings()]


def logo(mark: str) -> Logo | None:
    """The picture with that hash."""
    query = select(Picture.hash, Picture.body).where(Picture.hash == mark)
    with reading() as connection:
        row = connection.execute(query).one_or_none()
    return None if row is None else Logo(hash=row.hash, body=bytes(row.body))
