"""How does the demo clinic get into the tables: place, people, hours, time off?"""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from efoy.domain.policy import ApprovalMode
from efoy.domain.role import Role
from efoy.domain.slot import Opening
from efoy.models.base import new_id
from efoy.models.clinic import (
    Clinic,
    Doctor,
    DoctorService,
    OpeningHours,
    RefundPolicy,
    Service,
    Specialty,
    TimeOff,
)
from efoy.models.hours import services_text
from efoy.models.user import User
from efoy.services.demo import place

SINCE = timedelta(days=400)
NOTICE_MINUTES = 60
HORIZON_DAYS = 60


def add_user(
    session: Session, name: str, email: str, role: Role, password_hash: str, *, now: datetime
) -> str:
    """A person who can sign in at once; returns the id."""
    user = User(id=new_id(), email=email, name=name, role=role, password_hash=password_hash)
    user.created_at = user.verified_at = user.password_changed_at = now - SINCE
    session.add(user)
    session.flush()
    return user.id


def add_place(session: Session, *, now: datetime) -> None:
    """The clinic itself, its specialties, refund rules and services."""
    session.add(Clinic(id=1, **place.CLINIC))
    rules = {mode: _rules(name, mode, now) for mode, name in place.POLICIES.items()}
    session.add_all(rules.values())
    session.flush()
    for position, (slug, name, short, words) in enumerate(place.SPECIALTIES):
        session.add(
            Specialty(slug=slug, name=name, short_name=short, search_words=words, position=position)
        )
    for position, service in enumerate(place.SERVICES):
        mode = ApprovalMode.AUTOMATIC if service.automatic else ApprovalMode.APPROVAL
        session.add(_service(service, position, rules[mode].id))
    session.flush()


def _rules(name: str, mode: ApprovalMode, now: datetime) -> RefundPolicy:
    return RefundPolicy(
        name=name, version=1, rungs=place.RUNGS, approval_mode=mode, created_at=now - SINCE
    )


def _service(service: place.DemoService, position: int, policy_id: int) -> Service:
    return Service(
        slug=service.slug,
        name=service.name,
        detail=service.detail,
        mode=service.mode,
        minutes=service.minutes,
        buffer_minutes=service.buffer,
        notice_minutes=NOTICE_MINUTES,
        horizon_days=HORIZON_DAYS,
        price_minor=service.price,
        currency=place.CURRENCY,
        tax_label=place.TAX_LABEL,
        tax_basis_points=0,
        policy_id=policy_id,
        position=position,
    )


def add_doctors(session: Session, users: dict[str, str], *, now: datetime) -> None:
    """The doctors with hours and services; ``users`` maps a doctor's slug to a user's id."""
    specialties = {row.slug: row.id for row in session.query(Specialty)}
    services = {row.slug: row.id for row in session.query(Service)}
    for doctor in place.DOCTORS:
        row = Doctor(
            slug=doctor.slug,
            name=doctor.name,
            specialty_id=specialties[doctor.specialty],
            user_id=users.get(doctor.slug),
            languages=doctor.languages,
            place=doctor.place,
            about=doctor.about,
            licence=doctor.licence,
        )
        session.add(row)
        session.flush()
        for slug in doctor.services:
            session.add(DoctorService(doctor_id=row.id, service_id=services[slug]))
        for slug, fee in doctor.also:
            own = DoctorService(doctor_id=row.id, service_id=services[slug], price_minor=fee)
            session.add(own)
        today = now.astimezone(ZoneInfo(place.ZONE)).date()
        for hours in doctor.hours:
            session.add_all(_hours(row.id, one) for one in hours.openings(today, services))
        session.add_all(
            TimeOff(doctor_id=row.id, starts_at=start, ends_at=end, reason=reason)
            for start, end, reason in away(doctor, now)
        )


def _hours(doctor_id: int, one: Opening) -> OpeningHours:
    return OpeningHours(
        doctor_id=doctor_id,
        weekday=one.weekday,
        from_minute=one.from_minute,
        to_minute=one.to_minute,
        break_from=one.break_from,
        break_to=one.break_to,
        valid_from=one.valid_from,
        valid_to=one.valid_to,
        place=one.place,
        service_ids=services_text(one.services),
    )


def away(doctor: place.DemoDoctor, now: datetime) -> list[tuple[datetime, datetime, str]]:
    """When the doctor is away, seen from ``now``: a holiday of the house, a course, four weeks."""
    zone = ZoneInfo(place.ZONE)
    today = now.astimezone(zone).date()

    def at(days: int) -> datetime:
        return datetime.combine(today + timedelta(days=days), time(0), zone)

    if doctor.slug == place.AWAY_FOR_WEEKS:
        return [(at(0), at(29), "Away")]
    closed = (3 - today.weekday()) % 7 + 7
    found = [(at(closed), at(closed + 1), "The clinic is closed")]
    if doctor.slug == "samuel-mwangi":
        found.append((at(closed + 5), at(closed + 6), "Course"))
    return found
