"""What does a doctor offer, and is this very time part of it? Server-side prices live here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, bindparam, false, literal_column, select, true, union_all
from sqlalchemy.orm import Session

from efoy.domain import slot as slots
from efoy.domain.errors import NotFound, SlotNotOffered
from efoy.domain.money import Money
from efoy.domain.policy import ApprovalMode, Policy, Rung
from efoy.models.clinic import (
    Clinic,
    Doctor,
    DoctorService,
    ExtraHours,
    OpeningHours,
    RefundPolicy,
    Service,
    TimeOff,
)
from efoy.models.edition import EMPTY, Shelf
from efoy.models.hours import EXTRA, HOURS, opening, span
from efoy.models.price import FEE
from efoy.models.types import UtcDateTime

Reader = Connection | Session
"""What can be asked: a connection for plain reads, or the session of a transaction."""


@dataclass(frozen=True, kw_only=True)
class Offer:
    """One service of one doctor, with today's price, tax and refund rules.

    ``place`` is the doctor's usual one; ``hours_version`` tells whether their hours were changed.
    """

    doctor_id: int
    service_id: int
    zone: str
    place: str
    hours_version: int
    price: Money
    tax_label: str
    tax_basis_points: int
    policy: Policy
    visit: slots.Visit


_OFFER = (
    select(
        Doctor.id,
        Doctor.place,
        Doctor.hours_version,
        Service.id.label("service_id"),
        FEE.label("price_minor"),
        Service.currency,
        Service.tax_label,
        Service.tax_basis_points,
        Service.minutes,
        Service.buffer_minutes,
        Service.notice_minutes,
        Service.horizon_days,
        RefundPolicy.id.label("policy_id"),
        RefundPolicy.version,
        RefundPolicy.name,
        RefundPolicy.rungs,
        RefundPolicy.approval_mode,
        Clinic.zone,
    )
    .join_from(Doctor, DoctorService, DoctorService.doctor_id == Doctor.id)
    .join(Service, Service.id == DoctorService.service_id)
    .join(RefundPolicy, RefundPolicy.id == Service.policy_id)
    .join(Clinic, Clinic.id == 1)
    .where(Doctor.slug == bindparam("doctor"), Service.slug == bindparam("service"))
    .where(Doctor.active, Service.active)
)


def find_offer(
    reader: Reader, doctor: str, service: str, *, now: datetime, kept: Shelf = EMPTY
) -> Offer:
    """The offer behind two slugs at the fee of ``now``.

    Raises NotFound where the pair is not (or no longer) offered.
    """
    return kept.get(("offer", doctor, service), lambda: _find(reader, doctor, service, now))


def _find(reader: Reader, doctor: str, service: str, now: datetime) -> Offer:
    row = reader.execute(_OFFER, {"doctor": doctor, "service": service, "now": now}).one_or_none()
    if row is None:
        raise NotFound(f"{doctor} {service}")
    return Offer(
        doctor_id=row.id,
        service_id=row.service_id,
        zone=row.zone,
        place=row.place,
        hours_version=row.hours_version,
        price=Money(row.price_minor, row.currency),
        tax_label=row.tax_label,
        tax_basis_points=row.tax_basis_points,
        policy=_policy(row.policy_id, row.version, row.name, row.rungs, row.approval_mode),
        visit=slots.Visit(
            minutes=row.minutes,
            buffer_minutes=row.buffer_minutes,
            notice_minutes=row.notice_minutes,
            horizon_days=row.horizon_days,
            service=row.service_id,
        ),
    )


def policy_of(row: RefundPolicy) -> Policy:
    """The rules of a row, as a value."""
    return _policy(row.id, row.version, row.name, row.rungs, row.approval_mode)


def _policy(
    key: int, version: int, name: str, steps: list[Any], approval_mode: ApprovalMode
) -> Policy:
    rungs = tuple(Rung(minutes_before=minutes, percent=percent) for minutes, percent in steps)
    return Policy(id=key, version=version, name=name, rungs=rungs, approval_mode=approval_mode)


def offered_slot(
    reader: Reader, offer: Offer, starts_at: datetime, *, now: datetime, kept: Shelf = EMPTY
) -> slots.Slot:
    """The slot at that instant if hours, time off, notice and horizon allow it, taken or not.

    Raises SlotNotOffered.
    """
    zone = ZoneInfo(offer.zone)
    day = starts_at.astimezone(zone).date()
    if day > slots.horizon_end(offer.visit, zone, now):
        raise SlotNotOffered(starts_at.isoformat())
    hours, there, gone = kept.get(
        ("around", offer.doctor_id, day), lambda: _around(reader, offer.doctor_id, starts_at)
    )
    found = slots.day_slots(
        slots.windows(hours, there, day, zone, offer.service_id),
        offer.visit,
        zone=zone,
        taken=(),
        away=gone,
        now=now,
    )
    for slot in found:
        if slot.starts_at == starts_at:
            return slot
    raise SlotNotOffered(starts_at.isoformat())


def _around(
    reader: Reader, doctor_id: int, at: datetime
) -> tuple[list[slots.Opening], list[slots.Span], list[slots.Span]]:
    return openings(reader, doctor_id), *_spans(reader, doctor_id, at)


_NEAR = timedelta(days=2)
_SPANS = union_all(
    *(
        select(which, table.starts_at, table.ends_at, *where).where(
            table.doctor_id == bindparam("doctor"),
            table.starts_at < bindparam("end", type_=UtcDateTime),
            table.ends_at > bindparam("start", type_=UtcDateTime),
        )
        for which, table, where in (
            (true(), ExtraHours, EXTRA[2:]),
            (false(), TimeOff, (literal_column("''"), literal_column("''"))),
        )
    )
)


def _spans(
    reader: Reader, doctor_id: int, at: datetime
) -> tuple[list[slots.Span], list[slots.Span]]:
    """When the doctor is there besides, and away, around an instant: one read for both."""
    found: tuple[list[slots.Span], list[slots.Span]] = ([], [])
    around = {"doctor": doctor_id, "start": at - _NEAR, "end": at + _NEAR}
    for there, *times in reader.execute(_SPANS, around):
        found[0 if there else 1].append(span(*times))
    return found


_HOURS = select(*HOURS).where(OpeningHours.doctor_id == bindparam("doctor"))


def openings(reader: Reader, doctor_id: int) -> list[slots.Opening]:
    """The doctor's weekly hours."""
    return [opening(*row) for row in reader.execute(_HOURS, {"doctor": doctor_id})]


def extra(session: Reader, doctor_id: int) -> list[slots.Span]:
    """The doctor's extra hours."""
    rows = session.execute(select(*EXTRA).where(ExtraHours.doctor_id == doctor_id))
    return [span(*row) for row in rows]


def away(session: Reader, doctor_id: int) -> list[slots.Span]:
    """When the doctor is away."""
    query = select(TimeOff.starts_at, TimeOff.ends_at)
    rows = session.execute(query.where(TimeOff.doctor_id == doctor_id))
    return [slots.Span(starts_at=a, ends_at=b) for a, b in rows]
