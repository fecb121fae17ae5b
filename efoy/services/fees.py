"""What will a visit cost from a day on? Booked visits keep the fee they were booked at."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from efoy.domain.errors import InvalidValue, NotFound
from efoy.domain.money import Money
from efoy.domain.role import Actor
from efoy.models.base import lock, transaction
from efoy.models.clinic import Clinic, DoctorService, Service
from efoy.models.price import ServicePrice
from efoy.services.changes import note

FARTHEST_YEARS = 5


@dataclass(frozen=True, kw_only=True)
class FeeChange:
    """A fee from a clinic day on, of all doctors or of one; ``minor`` None ends that one's own."""

    doctor_id: int | None
    minor: int | None
    valid_from: date


def change_fee(service_id: int, change: FeeChange, *, actor: Actor, now: datetime) -> None:
    """From that day on the fee is another; one already set for that very day is replaced.

    Raises InvalidValue: the day is past or far off, the amount cannot be charged, or the doctor
    does not offer the service.
    """
    with transaction("change_fee") as session:
        service = lock(session, Service, service_id)
        zone = session.get_one(Clinic, 1).zone
        _check_day(change.valid_from, zone, now)
        _check_amount(service, change)
        _check_doctor(session, service, change.doctor_id)
        row = _of_day(session, service.id, change.doctor_id, change.valid_from)
        before = None if row is None else row.minor
        if row is None:
            row = ServicePrice(service_id=service.id, doctor_id=change.doctor_id, created_at=now)
            row.valid_from = change.valid_from
            row.starts_at = midnight(change.valid_from, zone)
            session.add(row)
        row.minor = change.minor
        _note(session, service, change, [before, change.minor], "fee", actor=actor, now=now)


def withdraw_fee(service_id: int, fee_id: int, *, actor: Actor, now: datetime) -> None:
    """Take back a change of fee that has not come yet. Raises NotFound, InvalidValue."""
    with transaction("change_fee") as session:
        service = lock(session, Service, service_id)
        row = lock(session, ServicePrice, fee_id)
        if row.service_id != service.id:
            raise NotFound(f"fee {fee_id}")
        if row.starts_at <= now:
            raise InvalidValue("valid_from", "this fee holds already")
        change = FeeChange(doctor_id=row.doctor_id, minor=row.minor, valid_from=row.valid_from)
        _note(session, service, change, [row.minor, None], "fee_withdrawn", actor=actor, now=now)
        session.delete(row)


def midnight(day: date, zone: str) -> datetime:
    """The instant at which ``day`` begins in ``zone``."""
    return datetime.combine(day, time(0), ZoneInfo(zone)).astimezone(UTC)


def move_midnights(session: Session, zone: str) -> None:
    """The clinic's clocks changed zone: every fee begins at the midnight of the new one."""
    for row in session.scalars(select(ServicePrice).with_for_update()):
        row.starts_at = midnight(row.valid_from, zone)


def _check_day(day: date, zone: str, now: datetime) -> None:
    today = now.astimezone(ZoneInfo(zone)).date()
    if day < today:
        raise InvalidValue("valid_from", "past")
    if day.year > today.year + FARTHEST_YEARS:
        raise InvalidValue("valid_from", "far")


def _check_amount(service: Service, change: FeeChange) -> None:
    if change.minor is None:
        if change.doctor_id is None:
            raise InvalidValue("amount", "missing")
    elif not Money(change.minor, service.currency).chargeable():
        raise InvalidValue("amount", "not chargeable")


def _check_doctor(session: Session, service: Service, doctor_id: int | None) -> None:
    if doctor_id is not None and session.get(DoctorService, (doctor_id, service.id)) is None:
        raise InvalidValue("doctor", "does not offer it")


def _of_day(session: Session, service: int, doctor: int | None, day: date) -> ServicePrice | None:
    whose = ServicePrice.doctor_id.is_(None) if doctor is None else ServicePrice.doctor_id == doctor
    query = select(ServicePrice).where(ServicePrice.service_id == service, whose)
    return session.scalar(query.where(ServicePrice.valid_from == day))


def _note(
    session: Session,
    service: Service,
    change: FeeChange,
    amounts: list[int | None],
    event: str,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    changed: dict[str, list[object]] = {
        f"fee from {change.valid_from}": [_text(minor, service.currency) for minor in amounts]
    }
    if change.doctor_id is not None:
        changed["doctor"] = [change.doctor_id, change.doctor_id]
    note(session, "service", service.id, event, changed, actor=actor, now=now)


def _text(minor: int | None, currency: str) -> str | None:
    return None if minor is None else f"{minor} {currency}"
