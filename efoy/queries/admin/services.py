"""Which kinds of visit are there, what does each cost now, and what will it cost?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, func, select

from efoy.domain.errors import NotFound
from efoy.domain.house import ServiceFacts, edition
from efoy.domain.money import Money
from efoy.models.base import reading
from efoy.models.booking import Booking
from efoy.models.clinic import Doctor, DoctorService, RefundPolicy, Service
from efoy.models.facts import service_facts
from efoy.models.price import OWN_FEE, SERVICE_FEE, ServicePrice
from efoy.queries.admin.doctors import COMING


@dataclass(frozen=True, kw_only=True)
class ServiceLine:
    """One line of the list; ``next_fee`` holds from ``next_on`` on."""

    slug: str
    name: str
    detail: str
    minutes: int
    mode: str
    active: bool
    fee: Money
    next_fee: Money | None
    next_on: date | None
    rules: str
    doctors: int


@dataclass(frozen=True, kw_only=True)
class FeeLine:
    """One fee from a day on; without an ``amount`` a doctor's own ends. ``coming``: not yet."""

    id: int
    doctor: str
    amount: Money | None
    valid_from: date
    coming: bool


@dataclass(frozen=True, kw_only=True)
class OwnFee:
    """What one doctor takes now, where it is not the service's fee."""

    doctor: str
    amount: Money


@dataclass(frozen=True, kw_only=True)
class ServiceFile:
    """One kind of visit; ``booked`` visits to come keep the fee they were booked at."""

    id: int
    slug: str
    facts: ServiceFacts
    seen: str
    fee: Money
    own_fees: Sequence[OwnFee]
    fees: Sequence[FeeLine]
    booked: int


_COUNT = (
    select(func.count())
    .where(DoctorService.service_id == Service.id)
    .correlate(Service)
    .scalar_subquery()
)


def service_list(now: datetime) -> list[ServiceLine]:
    """Every kind of visit in the clinic's order, at the fee of now."""
    query = (
        select(
            Service,
            SERVICE_FEE.label("fee"),
            _COUNT.label("doctors"),
            RefundPolicy.name.label("rules"),
        )
        .join(RefundPolicy, RefundPolicy.id == Service.policy_id)
        .order_by(Service.position, Service.id)
    )
    coming = (
        select(ServicePrice.service_id, ServicePrice.minor, ServicePrice.valid_from)
        .where(ServicePrice.doctor_id.is_(None), ServicePrice.starts_at > now)
        .order_by(ServicePrice.starts_at.desc())
    )
    with reading() as connection:
        rows = connection.execute(query, {"now": now}).all()
        nearest = {key: (minor, day) for key, minor, day in connection.execute(coming)}
    return [_line(row, *nearest.get(row.id, (None, None))) for row in rows]


def _line(row: Any, next_fee: int | None, next_on: date | None) -> ServiceLine:
    return ServiceLine(
        slug=row.slug,
        name=row.name,
        detail=row.detail,
        minutes=row.minutes,
        mode=row.mode,
        active=row.active,
        fee=Money(row.fee, row.currency),
        next_fee=None if next_fee is None else Money(next_fee, row.currency),
        next_on=next_on,
        rules=row.rules,
        doctors=row.doctors,
    )


def service_file(slug: str, now: datetime) -> ServiceFile:
    """One kind of visit with every fee it had, has and will have. Raises NotFound."""
    query = select(Service.id, Service.slug, Service.currency, SERVICE_FEE.label("fee"))
    with reading() as connection:
        row = connection.execute(query.where(Service.slug == slug), {"now": now}).one_or_none()
        if row is None:
            raise NotFound(slug)
        facts = service_facts(connection, row.id)
        return ServiceFile(
            id=row.id,
            slug=row.slug,
            facts=facts,
            seen=edition(facts),
            fee=Money(row.fee, row.currency),
            own_fees=_own_fees(connection, row, now),
            fees=_fees(connection, row, now),
            booked=_booked(connection, row.id, now),
        )


def _own_fees(connection: Connection, service: Any, now: datetime) -> list[OwnFee]:
    query = (
        select(Doctor.name, OWN_FEE.label("own"))
        .join_from(Service, DoctorService, DoctorService.service_id == Service.id)
        .join(Doctor, Doctor.id == DoctorService.doctor_id)
        .where(Service.id == service.id)
        .order_by(Doctor.name)
    )
    rows = connection.execute(query, {"now": now}).all()
    return [
        OwnFee(doctor=row.name, amount=Money(row.own, service.currency))
        for row in rows
        if row.own is not None
    ]


def _fees(connection: Connection, service: Any, now: datetime) -> list[FeeLine]:
    query = (
        select(ServicePrice, Doctor.name.label("doctor"))
        .outerjoin(Doctor, Doctor.id == ServicePrice.doctor_id)
        .where(ServicePrice.service_id == service.id)
        .order_by(ServicePrice.starts_at.desc(), ServicePrice.id.desc())
    )
    return [
        FeeLine(
            id=row.id,
            doctor=row.doctor or "",
            amount=None if row.minor is None else Money(row.minor, service.currency),
            valid_from=row.valid_from,
            coming=row.starts_at > now,
        )
        for row in connection.execute(query)
    ]


def _booked(connection: Connection, service_id: int, now: datetime) -> int:
    query = select(func.count()).where(
        Booking.service_id == service_id, Booking.status.in_(COMING), Booking.starts_at > now
    )
    return connection.scalar(query) or 0
