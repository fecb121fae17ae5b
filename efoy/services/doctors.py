"""Who can be booked? An admin adds doctors, describes them, pauses them, takes them off the list.

Nothing here ends a booking: a pause stops new ones, and whoever has visits to come stays.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from efoy.domain.booking import BookingStatus
from efoy.domain.errors import Conflict, InvalidValue, NotFound
from efoy.domain.house import DoctorFacts
from efoy.domain.role import Actor, Role
from efoy.models.base import lock, transaction
from efoy.models.booking import Booking
from efoy.models.clinic import Doctor, DoctorService, Service, Specialty
from efoy.models.facts import doctor_facts
from efoy.services.changes import free_slug, note, note_change, unchanged_since, write_facts
from efoy.services.staff import invite_into

COMING = (BookingStatus.HELD, BookingStatus.CONFIRMED)


class StillBooked(Conflict):
    """The doctor has visits to come, or takes new ones: not to be taken off the list."""


def add_doctor(facts: DoctorFacts, *, actor: Actor, now: datetime) -> str:
    """Somebody new, paused until there are hours; returns the name used in addresses."""
    with transaction("save_doctor") as session:
        _check(session, facts)
        doctor = Doctor(slug=free_slug(session, Doctor.slug, facts.name), active=False)
        write_facts(doctor, facts, "services")
        session.add(doctor)
        session.flush()
        _offer(session, doctor.id, facts.services)
        note(
            session, "doctor", doctor.id, "add", {"name": [None, doctor.name]}, actor=actor, now=now
        )
        return doctor.slug


def save_doctor(slug: str, facts: DoctorFacts, *, seen: str, actor: Actor, now: datetime) -> None:
    """Describe a doctor anew. Raises NotFound, StaleEdition, InvalidValue."""
    with transaction("save_doctor") as session:
        doctor = lock(session, Doctor, _id_of(session, slug))
        before = doctor_facts(session, doctor.id)
        unchanged_since(before, seen)
        _check(session, facts)
        write_facts(doctor, facts, "services")
        _offer(session, doctor.id, facts.services)
        note_change(session, "doctor", doctor.id, before, facts, actor=actor, now=now)


def pause_doctor(slug: str, *, actor: Actor, now: datetime) -> None:
    """No new bookings from now on; those there are stay as they are."""
    _switch(slug, active=False, actor=actor, now=now)


def resume_doctor(slug: str, *, actor: Actor, now: datetime) -> None:
    """New bookings are taken again; whoever was taken off the list is back on it."""
    _switch(slug, active=True, actor=actor, now=now)


def _switch(slug: str, *, active: bool, actor: Actor, now: datetime) -> None:
    with transaction("save_doctor") as session:
        doctor = lock(session, Doctor, _id_of(session, slug))
        if doctor.active == active:
            return
        changed: dict[str, list[object]] = {"takes new bookings": [doctor.active, active]}
        doctor.active = active
        doctor.removed_at = None
        event = "resume" if active else "pause"
        note(session, "doctor", doctor.id, event, changed, actor=actor, now=now)


def remove_doctor(slug: str, *, actor: Actor, now: datetime) -> None:
    """Take a paused doctor without visits to come off the list. Raises StillBooked."""
    with transaction("save_doctor") as session:
        doctor = lock(session, Doctor, _id_of(session, slug))
        if doctor.active or visits_to_come(session, doctor.id, now=now):
            raise StillBooked(slug)
        if doctor.removed_at is None:
            doctor.removed_at = now
            note(session, "doctor", doctor.id, "remove", {}, actor=actor, now=now)


def visits_to_come(session: Session, doctor_id: int, *, now: datetime) -> int:
    """How many holds and booked visits of the doctor are not over."""
    query = select(func.count()).where(
        Booking.doctor_id == doctor_id, Booking.status.in_(COMING), Booking.ends_at > now
    )
    return session.scalar(query) or 0


def invite_doctor(slug: str, email: str, *, actor: Actor, now: datetime) -> None:
    """Give a doctor a sign-in: a link to that address. Raises InvalidValue, Conflict."""
    with transaction("save_staff") as session:
        doctor = lock(session, Doctor, _id_of(session, slug))
        if doctor.user_id is not None:
            raise Conflict(f"{slug} has a sign-in")
        user = invite_into(session, doctor.name, email, Role.DOCTOR, actor=actor, now=now)
        doctor.user_id = user.id
        note(
            session,
            "doctor",
            doctor.id,
            "sign_in",
            {"person": [None, user.id]},
            actor=actor,
            now=now,
        )


def _id_of(session: Session, slug: str) -> int:
    found = session.scalar(select(Doctor.id).where(Doctor.slug == slug))
    if found is None:
        raise NotFound(slug)
    return found


def _check(session: Session, facts: DoctorFacts) -> None:
    if session.get(Specialty, facts.specialty_id) is None:
        raise InvalidValue("specialty_id", "unknown")
    known = set(session.scalars(select(Service.id)))
    if not set(facts.services) <= known:
        raise InvalidValue("services", "unknown")


def _offer(session: Session, doctor_id: int, services: tuple[int, ...]) -> None:
    """Exactly these services; a fee of one's own stays with a service that stays."""
    mine = DoctorService.doctor_id == doctor_id
    session.execute(delete(DoctorService).where(mine, DoctorService.service_id.not_in(services)))
    kept = set(session.scalars(select(DoctorService.service_id).where(mine)))
    new = [
        DoctorService(doctor_id=doctor_id, service_id=key) for key in services if key not in kept
    ]
    session.add_all(new)
