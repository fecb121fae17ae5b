"""Which small clinic do the stories play in? Two doctors, three services, five people."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from efoy.domain.role import Role
from efoy.models import (
    Clinic,
    Doctor,
    DoctorService,
    OpeningHours,
    RefundPolicy,
    Service,
    Specialty,
    User,
)
from efoy.models.base import transaction

PATIENT, OTHER = "patient-almaz", "patient-bekele"
DOCTOR, COLLEAGUE, DESK, ADMIN = "doctor-hana", "doctor-samuel", "desk-ruth", "admin-sara"
PEOPLE = (
    (PATIENT, "almaz@example.org", "Almaz Bekele", Role.PATIENT),
    (OTHER, "daniel@example.org", "Daniel Kebede", Role.PATIENT),
    (DOCTOR, "hana@example.org", "Hana Tesfaye", Role.DOCTOR),
    (COLLEAGUE, "samuel@example.org", "Samuel Mwangi", Role.DOCTOR),
    (DESK, "desk@example.org", "Ruth Okello", Role.DESK),
    (ADMIN, "admin@example.org", "Sara Haile", Role.ADMIN),
)
SERVICES = (
    ("see-the-doctor", "See the doctor", 20, 0, 4500),
    ("full-check", "Full health check", 40, 5, 8000),
    ("short-visit", "Short visit", 15, 0, 3500),
)


def found_clinic(now: datetime) -> None:
    """Fill an empty database with the small clinic: open every day, 9 to 12 and 13 to 17."""
    with transaction("seed") as session:
        session.add(_clinic())
        session.add(Specialty(id=1, slug="general", name="General practice", short_name="General"))
        session.add(_policy(now))
        session.flush()
        session.add_all([_user(*person, now) for person in PEOPLE])
        session.add_all([_service(n, *row) for n, row in enumerate(SERVICES, 1)])
        session.flush()
        session.add(_doctor(1, "hana-tesfaye", "Dr Hana Tesfaye", DOCTOR))
        session.add(_doctor(2, "samuel-mwangi", "Dr Samuel Mwangi", COLLEAGUE))
        session.flush()
        for doctor in (1, 2):
            session.add_all([DoctorService(doctor_id=doctor, service_id=n) for n in (1, 2, 3)])
            session.add_all(_hours(doctor))
        _count_on(session)


def _count_on(session: Session) -> None:
    """Rows above were numbered by hand: PostgreSQL gives the next ones numbers beyond them."""
    if session.get_bind().dialect.name == "postgresql":
        for table in ("refund_policies", "specialties", "services", "doctors"):
            session.execute(text(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), 100)"))


def _clinic() -> Clinic:
    return Clinic(
        id=1,
        name="Acacia Family Clinic",
        address="214 Juniper Street, floor 2",
        phone="+13015550142",
        phone_hours="Monday to Friday, 8 am to 6 pm",
        email="clinic@example.org",
        zone="America/New_York",
        zone_label="Eastern",
        currency="USD",
        statement_name="ACACIA CLINIC",
    )


def _policy(now: datetime) -> RefundPolicy:
    return RefundPolicy(
        id=1, name="Standard", version=1, rungs=[[1440, 100], [120, 50]], created_at=now
    )


def _user(key: str, address: str, name: str, role: Role, now: datetime) -> User:
    return User(
        id=key,
        email=address,
        name=name,
        phone="+12405550117",
        role=role,
        created_at=now,
        verified_at=now,
    )


def _service(key: int, slug: str, name: str, minutes: int, buffer: int, price: int) -> Service:
    return Service(
        id=key,
        slug=slug,
        name=name,
        minutes=minutes,
        buffer_minutes=buffer,
        price_minor=price,
        currency="USD",
        policy_id=1,
        notice_minutes=60,
        horizon_days=60,
        position=key,
    )


def _doctor(key: int, slug: str, name: str, user: str) -> Doctor:
    return Doctor(
        id=key, slug=slug, name=name, specialty_id=1, user_id=user, place="Juniper Street, floor 2"
    )


def _hours(doctor: int) -> list[OpeningHours]:
    return [
        OpeningHours(doctor_id=doctor, weekday=day, from_minute=start, to_minute=end)
        for day in range(7)
        for start, end in ((9 * 60, 12 * 60), (13 * 60, 17 * 60))
    ]
