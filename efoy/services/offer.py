"""What does a doctor offer, and is this very time part of it? Server-side prices live here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from efoy.domain import slot as slots
from efoy.domain.errors import NotFound, SlotNotOffered
from efoy.domain.money import Money
from efoy.domain.policy import Policy, Rung
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


@dataclass(frozen=True, kw_only=True)
class Offer:
    """One service of one doctor, with today's price, tax and refund rules."""

    doctor_id: int
    service_id: int
    zone: str
    price: Money
    tax_label: str
    tax_basis_points: int
    policy: Policy
    visit: slots.Visit


def find_offer(session: Session, doctor: str, service: str) -> Offer:
    """The offer behind two slugs; raises NotFound where the pair is not (or no longer) offered."""
    query = (
        select(Doctor.id, Service, DoctorService.price_minor, RefundPolicy, Clinic.zone)
        .join(DoctorService, DoctorService.doctor_id == Doctor.id)
        .join(Service, Service.id == DoctorService.service_id)
        .join(RefundPolicy, RefundPolicy.id == Service.policy_id)
        .join(Clinic, Clinic.id == 1)
        .where(Doctor.slug == doctor, Service.slug == service, Doctor.active, Service.active)
    )
    row = session.execute(query).one_or_none()
    if row is None:
        raise NotFound(f"{doctor} {service}")
    return _offer(*row)


def _offer(
    doctor_id: int, service: Service, own: int | None, rules: RefundPolicy, zone: str
) -> Offer:
    return Offer(
        doctor_id=doctor_id,
        service_id=service.id,
        zone=zone,
        price=Money(service.price_minor if own is None else own, service.currency),
        tax_label=service.tax_label,
        tax_basis_points=service.tax_basis_points,
        policy=policy_of(rules),
        visit=slots.Visit(
            minutes=service.minutes,
            buffer_minutes=service.buffer_minutes,
            notice_minutes=service.notice_minutes,
            horizon_days=service.horizon_days,
        ),
    )


def policy_of(row: RefundPolicy) -> Policy:
    """The rules of a row, as a value."""
    rungs = tuple(Rung(minutes_before=minutes, percent=percent) for minutes, percent in row.rungs)
    return Policy(id=row.id, version=row.version, name=row.name, rungs=rungs)


def offered_slot(
    session: Session, offer: Offer, starts_at: datetime, *, now: datetime
) -> slots.Slot:
    """The slot at that instant if hours, time off, notice and horizon allow it, taken or not.

    Raises SlotNotOffered.
    """
    zone = ZoneInfo(offer.zone)
    day = starts_at.astimezone(zone).date()
    if day > slots.horizon_end(offer.visit, zone, now):
        raise SlotNotOffered(starts_at.isoformat())
    found = slots.day_slots(
        slots.windows(
            openings(session, offer.doctor_id), extra(session, offer.doctor_id), day, zone
        ),
        offer.visit,
        zone=zone,
        taken=(),
        away=away(session, offer.doctor_id),
        now=now,
    )
    for slot in found:
        if slot.starts_at == starts_at:
            return slot
    raise SlotNotOffered(starts_at.isoformat())


def openings(session: Session, doctor_id: int) -> list[slots.Opening]:
    """The doctor's weekly hours."""
    columns = (
        OpeningHours.weekday,
        OpeningHours.from_minute,
        OpeningHours.to_minute,
        OpeningHours.valid_from,
        OpeningHours.valid_to,
    )
    rows = session.execute(select(*columns).where(OpeningHours.doctor_id == doctor_id))
    return [_opening(*row) for row in rows]


def _opening(
    weekday: int, start: int, end: int, valid_from: date | None, valid_to: date | None
) -> slots.Opening:
    return slots.Opening(
        weekday=weekday,
        from_minute=start,
        to_minute=end,
        valid_from=valid_from,
        valid_to=valid_to,
    )


def extra(session: Session, doctor_id: int) -> list[slots.Span]:
    """The doctor's extra hours."""
    query = select(ExtraHours.starts_at, ExtraHours.ends_at)
    rows = session.execute(query.where(ExtraHours.doctor_id == doctor_id))
    return [slots.Span(starts_at=a, ends_at=b) for a, b in rows]


def away(session: Session, doctor_id: int) -> list[slots.Span]:
    """When the doctor is away."""
    query = select(TimeOff.starts_at, TimeOff.ends_at)
    rows = session.execute(query.where(TimeOff.doctor_id == doctor_id))
    return [slots.Span(starts_at=a, ends_at=b) for a, b in rows]
