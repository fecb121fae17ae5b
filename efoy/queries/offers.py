"""What does the clinic offer today: which doctors, which services, at which price and rules?"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, exists, select

from efoy.domain.errors import NotFound
from efoy.domain.money import Money
from efoy.domain.policy import Policy, Rung
from efoy.domain.slot import Visit
from efoy.models.booking import SlotClaim
from efoy.models.clinic import Clinic, Doctor, DoctorService, RefundPolicy, Service, Specialty
from efoy.models.edition import EMPTY, Shelf
from efoy.models.price import FEE


@dataclass(frozen=True, kw_only=True)
class ServiceOffer:
    """One service of one doctor, at the price that doctor takes for it."""

    slug: str
    name: str
    detail: str
    price: Money
    visit: Visit
    policy: Policy

    @property
    def minutes(self) -> int:
        """How long the visit takes."""
        return self.visit.minutes

    @property
    def rungs(self) -> tuple[Rung, ...]:
        """The refund rules, from the earliest deadline on."""
        return self.policy.rungs


@dataclass(frozen=True, kw_only=True)
class DoctorOffer:
    """One doctor with every service that can be booked, in the clinic's order."""

    id: int
    slug: str
    name: str
    specialty: str
    specialty_slug: str
    languages: str
    place: str
    about: str
    licence: str
    search_words: str
    zone: str
    services: tuple[ServiceOffer, ...]

    def service(self, slug: str) -> ServiceOffer:
        """The service of that slug; raises NotFound."""
        for each in self.services:
            if each.slug == slug:
                return each
        raise NotFound(f"{self.slug} {slug}")

    def matches(self, words: list[str]) -> bool:
        """Whether every (folded) word occurs in what this doctor is, does or is called."""
        own = [self.name, self.specialty, self.search_words, self.languages]
        text = folded(" ".join(own + [f"{each.name} {each.detail}" for each in self.services]))
        return all(word in text for word in words)


_COLUMNS = (
    Doctor.id,
    Doctor.slug,
    Doctor.name,
    Doctor.languages,
    Doctor.place,
    Doctor.about,
    Doctor.licence,
    Specialty.name.label("specialty"),
    Specialty.slug.label("specialty_slug"),
    Specialty.search_words,
    Clinic.zone,
    Service.id.label("service_id"),
    Service.slug.label("service_slug"),
    Service.name.label("service_name"),
    Service.detail,
    Service.minutes,
    Service.buffer_minutes,
    Service.notice_minutes,
    Service.horizon_days,
    FEE.label("price_minor"),
    Service.currency,
    RefundPolicy.id.label("policy_id"),
    RefundPolicy.version,
    RefundPolicy.name.label("policy_name"),
    RefundPolicy.rungs,
    RefundPolicy.approval_mode,
)
_OFFERED = (
    select(*_COLUMNS)
    .join_from(Doctor, DoctorService, DoctorService.doctor_id == Doctor.id)
    .join(Service, Service.id == DoctorService.service_id)
    .join(RefundPolicy, RefundPolicy.id == Service.policy_id)
    .join(Specialty, Specialty.id == Doctor.specialty_id)
    .join(Clinic, Clinic.id == 1)
    .where(Doctor.active, Service.active)
    .order_by(Specialty.position, Doctor.name, Doctor.id, Service.position, Service.id)
)
_ONE = (
    _OFFERED.order_by(None)
    .where(Doctor.slug == bindparam("doctor"))
    .order_by(Service.position, Service.id)
)


_LOOKED_AT = 8
_UNTAKEN = (
    _OFFERED.where(
        Service.slug == bindparam("service"),
        Doctor.id != bindparam("but"),
        ~exists().where(
            SlotClaim.doctor_id == Doctor.id,
            SlotClaim.cell_at >= bindparam("first_cell"),
            SlotClaim.cell_at <= bindparam("last_cell"),
        ),
    )
    .order_by(None)
    .order_by(Doctor.name, Doctor.id)
    .limit(_LOOKED_AT)
)


def all_doctors(
    connection: Connection, *, now: datetime, kept: Shelf = EMPTY
) -> Sequence[DoctorOffer]:
    """Every doctor who can be booked, in the clinic's order, at the fees of ``now``."""
    return kept.get("doctors", lambda: _all_doctors(connection, now))


def _all_doctors(connection: Connection, now: datetime) -> Sequence[DoctorOffer]:
    found: dict[int, list[Row[Any]]] = {}
    for row in connection.execute(_OFFERED, {"now": now}):
        found.setdefault(row.id, []).append(row)
    return tuple(_doctor(rows) for rows in found.values())


def one_doctor(
    connection: Connection, slug: str, *, now: datetime, kept: Shelf = EMPTY
) -> DoctorOffer:
    """The doctor of that slug; raises NotFound."""
    return kept.get(("doctor", slug), lambda: _one_doctor(connection, slug, now))


def _one_doctor(connection: Connection, slug: str, now: datetime) -> DoctorOffer:
    rows = connection.execute(_ONE, {"doctor": slug, "now": now}).all()
    if not rows:
        raise NotFound(slug)
    return _doctor(list(rows))


def untaken_doctors(
    connection: Connection, service: str, cells: Sequence[int], *, but: int, now: datetime
) -> list[DoctorOffer]:
    """A few other doctors with that one service whose cells nobody has, by name; hours unasked."""
    looked_for = {"service": service, "but": but, "now": now}
    looked_for |= {"first_cell": cells[0], "last_cell": cells[-1]}
    return [_doctor([row]) for row in connection.execute(_UNTAKEN, looked_for)]


def _doctor(rows: list[Row[Any]]) -> DoctorOffer:
    first = rows[0]
    return DoctorOffer(
        id=first.id,
        slug=first.slug,
        name=first.name,
        specialty=first.specialty,
        specialty_slug=first.specialty_slug,
        languages=first.languages,
        place=first.place,
        about=first.about,
        licence=first.licence,
        search_words=first.search_words,
        zone=first.zone,
        services=tuple(_service(row) for row in rows),
    )


def _service(row: Row[Any]) -> ServiceOffer:
    rungs = tuple(Rung(minutes_before=minutes, percent=percent) for minutes, percent in row.rungs)
    return ServiceOffer(
        slug=row.service_slug,
        name=row.service_name,
        detail=row.detail,
        price=Money(row.price_minor, row.currency),
        visit=Visit(
            minutes=row.minutes,
            buffer_minutes=row.buffer_minutes,
            notice_minutes=row.notice_minutes,
            horizon_days=row.horizon_days,
            service=row.service_id,
        ),
        policy=Policy(
            id=row.policy_id,
            version=row.version,
            name=row.policy_name,
            rungs=rungs,
            approval_mode=row.approval_mode,
        ),
    )


@dataclass(frozen=True, kw_only=True)
class SpecialtyChoice:
    """One kind of care, for the row of filters."""

    slug: str
    name: str
    short_name: str


def specialties(connection: Connection) -> list[SpecialtyChoice]:
    """Every kind of care that somebody offers, in the clinic's order."""
    query = (
        select(Specialty.slug, Specialty.name, Specialty.short_name)
        .where(Specialty.id.in_(select(Doctor.specialty_id).where(Doctor.active)))
        .order_by(Specialty.position, Specialty.name)
    )
    rows = connection.execute(query)
    return [SpecialtyChoice(slug=a, name=b, short_name=c) for a, b, c in rows]


def folded(text: str) -> str:
    """Text as it is compared in a search: small letters, no accents."""
    plain = unicodedata.normalize("NFKD", text)
    return "".join(letter for letter in plain if not unicodedata.combining(letter)).casefold()
