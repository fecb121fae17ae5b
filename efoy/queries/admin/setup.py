"""What is still to do before a new clinic can take its first booking?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import exists, or_, select

from efoy.models.base import reading
from efoy.models.clinic import Clinic, Doctor, DoctorService, OpeningHours, RefundPolicy, Service
from efoy.models.payment import Payment
from efoy.models.stripe_event import StripeEvent


@dataclass(frozen=True, kw_only=True)
class SetupStep:
    """One step: ``clinic``, ``rules``, ``services``, ``doctors``, ``hours`` or ``stripe``."""

    key: str
    done: bool


def setup_steps() -> list[SetupStep]:
    """Every step in its order, in one read; nothing once all are done."""
    bookable: Any = exists().where(
        Doctor.active, DoctorService.doctor_id == Doctor.id, Service.active
    )
    steps = {
        "clinic": exists().where(Clinic.id == 1, Clinic.phone != "", Clinic.statement_name != ""),
        "rules": exists().where(RefundPolicy.id.is_not(None)),
        "services": exists().where(Service.active),
        "doctors": bookable.where(DoctorService.service_id == Service.id),
        "hours": exists().where(Doctor.active, OpeningHours.doctor_id == Doctor.id),
        "stripe": or_(exists().where(StripeEvent.id != ""), exists().where(Payment.id != "")),
    }
    query = select(*(found.label(key) for key, found in steps.items()))
    with reading() as connection:
        row = connection.execute(query).one()
    told = [SetupStep(key=key, done=bool(getattr(row, key))) for key in steps]
    return [] if all(step.done for step in told) else told
