"""What has the demo's admin set up lately? A fee that rises, rules with versions, people."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select

from efoy.domain.house import DoctorFacts, RuleFacts, edition
from efoy.domain.policy import ApprovalMode
from efoy.domain.role import Actor, Door, Role
from efoy.models.base import reading, transaction
from efoy.models.clinic import Doctor, Service, Specialty
from efoy.models.facts import clinic_facts, service_facts
from efoy.services import clinic, doctors, fees, refund_rules, staff, visit_kinds
from efoy.services.demo import place
from efoy.services.demo.rows import add_user

RISES_IN = timedelta(days=10)
STRICT = ((2880, 100), (1440, 50))
STRICTER = ((2880, 100), (1440, 25))


def set_up_house(admin: str, password_hash: str, *, now: datetime) -> None:
    """Everything here was done by the admin, through the same doors as on the pages."""
    who = Actor(user_id=admin, role=str(Role.ADMIN), door=Door.WEB)
    _raise_a_fee(who, now)
    _write_strict_rules(who, now)
    _invite_and_shut_out(who, password_hash, now)
    _prepare_a_doctor(who, now)
    with reading() as connection:
        says = clinic_facts(connection)
    told = {**vars(says), "phone_hours": "Monday to Saturday, 8 am to 6 pm"}
    clinic.save_clinic(type(says)(**told), seen=edition(says), actor=who, now=now)


def _raise_a_fee(who: Actor, now: datetime) -> None:
    day = (now + RISES_IN).astimezone(ZoneInfo(place.ZONE)).date()
    for slug, doctor, minor in (("see-the-doctor", None, 5000), ("skin-check", "tomas", 8500)):
        with reading() as connection:
            service = connection.scalar(select(Service.id).where(Service.slug == slug)) or 0
            named = select(Doctor.id).where(Doctor.slug.startswith(doctor or "-"))
            own = connection.scalar(named)
        change = fees.FeeChange(doctor_id=own, minor=minor, valid_from=day)
        fees.change_fee(service, change, actor=who, now=now)


def _write_strict_rules(who: Actor, now: datetime) -> None:
    first = RuleFacts(name="Long visits", rungs=STRICT, approval_mode=ApprovalMode.APPROVAL)
    key = refund_rules.add_rules(first, actor=who, now=now)
    with reading() as connection:
        service = connection.scalar(select(Service.id).where(Service.slug == "heart-check")) or 0
        facts = service_facts(connection, service)
    used = type(facts)(**{**vars(facts), "rules": key})
    visit_kinds.save_service("heart-check", used, seen=edition(facts), actor=who, now=now)
    second = RuleFacts(name="Long visits", rungs=STRICTER, approval_mode=ApprovalMode.AUTOMATIC)
    refund_rules.save_rules(key, second, seen=edition(first), actor=who, now=now)


def _invite_and_shut_out(who: Actor, password_hash: str, now: datetime) -> None:
    staff.invite_person("Lemlem Abebe", "lemlem@acacia.example", Role.DESK, actor=who, now=now)
    with transaction("seed") as session:
        left = add_user(
            session, "Tewodros Kassa", "tewodros@acacia.example", Role.DESK, password_hash, now=now
        )
    staff.disable_person(left, actor=who, now=now)


def _prepare_a_doctor(who: Actor, now: datetime) -> None:
    """Somebody new who is described already and takes no bookings yet."""
    with reading() as connection:
        specialty = connection.scalar(select(Specialty.id).where(Specialty.slug == "general")) or 0
        visit = connection.scalar(select(Service.id).where(Service.slug == "see-the-doctor")) or 0
    facts = DoctorFacts(
        name="Dr Selam Girma",
        specialty_id=specialty,
        languages="Amharic, Tigrinya, English",
        place=place.PLACE,
        about="",
        licence="",
        services=(visit,),
    )
    doctors.add_doctor(facts, actor=who, now=now)
