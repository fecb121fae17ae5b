"""What stands in the tables, as the values an admin sets?"""

from __future__ import annotations

from dataclasses import fields
from typing import Any, TypeVar

from sqlalchemy import Connection, func, select
from sqlalchemy.orm import Session

from efoy.domain.house import ClinicFacts, DoctorFacts, PersonFacts, RuleFacts, ServiceFacts
from efoy.models.clinic import Clinic, Doctor, DoctorService, RefundPolicy, Service

Reader = Connection | Session
Facts = TypeVar("Facts")


def facts_of(row: Any, kind: type[Facts], **more: Any) -> Facts:
    """The values of ``kind`` that a row has; ``more`` are those it lacks."""
    names = [field.name for field in fields(kind)]  # type: ignore[arg-type]  # a dataclass
    return kind(**{name: getattr(row, name) for name in names if name not in more}, **more)


def doctor_facts(reader: Reader, doctor_id: int) -> DoctorFacts:
    """A doctor who exists."""
    row = reader.execute(_of(Doctor).where(Doctor.id == doctor_id)).one()
    mine = select(DoctorService.service_id).where(DoctorService.doctor_id == doctor_id)
    services = tuple(reader.scalars(mine.order_by(DoctorService.service_id)))
    return facts_of(row, DoctorFacts, services=services)


def service_facts(reader: Reader, service_id: int) -> ServiceFacts:
    """A kind of visit that exists."""
    first = func.coalesce(RefundPolicy.first_id, RefundPolicy.id).label("rules")
    query = _of(Service).add_columns(first).join(RefundPolicy, RefundPolicy.id == Service.policy_id)
    row = reader.execute(query.where(Service.id == service_id)).one()
    mine = select(DoctorService.doctor_id).where(DoctorService.service_id == service_id)
    doctors = tuple(reader.scalars(mine.order_by(DoctorService.doctor_id)))
    return facts_of(row, ServiceFacts, doctors=doctors)


def rule_facts(row: Any) -> RuleFacts:
    """One version of refund rules."""
    return facts_of(row, RuleFacts, rungs=tuple((minutes, share) for minutes, share in row.rungs))


def clinic_facts(reader: Reader) -> ClinicFacts:
    """The clinic."""
    return facts_of(reader.execute(_of(Clinic)).one(), ClinicFacts)


def person_facts(row: Any) -> PersonFacts:
    """Somebody of the staff."""
    return facts_of(row, PersonFacts)


def _of(table: Any) -> Any:
    return select(*table.__table__.c)
