"""Which clinic is this, and which rules of refund does it have?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from efoy.domain.money import Money
from efoy.domain.policy import Policy
from efoy.models.base import reading
from efoy.models.clinic import Clinic, RefundPolicy, Service
from efoy.models.price import SERVICE_FEE


@dataclass(frozen=True, kw_only=True)
class ClinicCard:
    """What every page says about the clinic."""

    name: str
    address: str
    directions: str
    phone: str
    phone_hours: str
    email: str
    emergency_number: str
    zone: str
    zone_label: str
    currency: str
    country: str
    statement_name: str
    tax_text: str
    colour: str = ""
    logo_hash: str | None = None


NAMELESS = ClinicCard(
    name="Efoy",
    address="",
    directions="",
    phone="",
    phone_hours="",
    email="",
    emergency_number="911",
    zone="UTC",
    zone_label="",
    currency="USD",
    country="US",
    statement_name="",
    tax_text="",
)
"""Stands in until somebody has described the clinic."""


def clinic_card() -> ClinicCard:
    """The one clinic of this deployment, as every page shows it."""
    columns = [Clinic.__table__.c[name] for name in ClinicCard.__dataclass_fields__]
    with reading() as connection:
        row = connection.execute(select(*columns)).mappings().first()
    return ClinicCard(**dict(row)) if row is not None else NAMELESS


@dataclass(frozen=True, kw_only=True)
class RuleInUse:
    """Refund rules that new bookings get, and a price to show them with."""

    policy: Policy
    sample: Money


def rules_in_use(*, now: datetime) -> list[RuleInUse]:
    """The refund rules of the services that can be booked; each with its dearest fee now."""
    dearest = func.max(SERVICE_FEE).label("dearest")
    columns = (
        RefundPolicy.id,
        RefundPolicy.version,
        RefundPolicy.name,
        RefundPolicy.approval_mode,
        Service.currency,
        dearest,
    )
    query = (
        select(*columns)
        .join(Service, Service.policy_id == RefundPolicy.id)
        .where(Service.active)
        .group_by(*columns[:-1])
        .order_by(RefundPolicy.name, RefundPolicy.id)
    )
    rungs = select(RefundPolicy.id, RefundPolicy.rungs)
    with reading() as connection:
        rows = connection.execute(query, {"now": now}).all()
        ladders = {row.id: row.rungs for row in connection.execute(rungs)}
    return [_rule(row, ladders[row.id]) for row in rows]


def _rule(row: Any, rungs: list[Any]) -> RuleInUse:
    policy = Policy.from_json(
        {
            "id": row.id,
            "version": row.version,
            "name": row.name,
            "rungs": rungs,
            "approval_mode": row.approval_mode,
        }
    )
    return RuleInUse(policy=policy, sample=Money(minor=row.dearest, currency=row.currency))
