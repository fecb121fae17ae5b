"""Which kinds of visit are there? Length, notice, horizon, tax, rules, and who offers them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from efoy.domain.errors import InvalidValue, NotFound
from efoy.domain.house import ServiceFacts
from efoy.domain.money import Money
from efoy.domain.role import Actor
from efoy.models.base import lock, transaction
from efoy.models.clinic import Clinic, Doctor, DoctorService, Service
from efoy.models.facts import service_facts
from efoy.services.changes import free_slug, note, note_change, unchanged_since, write_facts
from efoy.services.refund_rules import newest_of

MODES = ("clinic", "video")
_ELSEWHERE = ("rules", "doctors")


def add_service(facts: ServiceFacts, fee: int, *, actor: Actor, now: datetime) -> str:
    """A new kind of visit at that fee (minor units); returns its name in addresses.

    Raises InvalidValue, also for a fee that cannot be charged.
    """
    with transaction("save_service") as session:
        currency = session.get_one(Clinic, 1).currency
        if not Money(fee, currency).chargeable():
            raise InvalidValue("amount", "not chargeable")
        _check(session, facts)
        service = Service(price_minor=fee, currency=currency)
        service.slug = free_slug(session, Service.slug, facts.name)
        service.position = (session.scalar(select(func.max(Service.position))) or 0) + 1
        _write(session, service, facts)
        session.add(service)
        session.flush()
        _offered_by(session, service.id, facts.doctors)
        changed: dict[str, list[object]] = {
            "name": [None, service.name],
            "fee": [None, f"{fee} {currency}"],
        }
        note(session, "service", service.id, "add", changed, actor=actor, now=now)
        return service.slug


def save_service(slug: str, facts: ServiceFacts, *, seen: str, actor: Actor, now: datetime) -> None:
    """Change a kind of visit, for new bookings. Raises NotFound, StaleEdition, InvalidValue."""
    with transaction("save_service") as session:
        service = lock(session, Service, _id_of(session, slug))
        before = service_facts(session, service.id)
        unchanged_since(before, seen)
        _check(session, facts)
        _write(session, service, facts)
        _offered_by(session, service.id, facts.doctors)
        note_change(session, "service", service.id, before, facts, actor=actor, now=now)


def _id_of(session: Session, slug: str) -> int:
    found = session.scalar(select(Service.id).where(Service.slug == slug))
    if found is None:
        raise NotFound(slug)
    return found


def _check(session: Session, facts: ServiceFacts) -> None:
    if facts.mode not in MODES:
        raise InvalidValue("mode", "unknown")
    if not set(facts.doctors) <= set(session.scalars(select(Doctor.id))):
        raise InvalidValue("doctors", "unknown")


def _write(session: Session, service: Service, facts: ServiceFacts) -> None:
    service.policy_id = newest_of(session, facts.rules).id
    write_facts(service, facts, *_ELSEWHERE)


def _offered_by(session: Session, service_id: int, doctors: tuple[int, ...]) -> None:
    mine = DoctorService.service_id == service_id
    session.execute(delete(DoctorService).where(mine, DoctorService.doctor_id.not_in(doctors)))
    kept = set(session.scalars(select(DoctorService.doctor_id).where(mine)))
    new = [
        DoctorService(doctor_id=key, service_id=service_id) for key in doctors if key not in kept
    ]
    session.add_all(new)
