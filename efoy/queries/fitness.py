"""Is what the clinic set up complete enough to charge for?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import func, select

from efoy.domain.role import Role
from efoy.models.base import reading
from efoy.models.clinic import Clinic, DoctorService, Service
from efoy.models.upkeep import Heartbeat
from efoy.models.user import User


@dataclass(frozen=True, kw_only=True)
class ClinicBasics:
    """Where the clinic is in time and money."""

    zone: str
    currency: str


@dataclass(frozen=True, kw_only=True)
class Fitness:
    """What ``preflight`` judges. ``prices``: (service, minor units, currency) on offer."""

    clinic: ClinicBasics | None
    zone_exists: bool
    prices: tuple[tuple[str, int, str], ...]
    admins: int
    worker_seen_at: datetime | None


def fitness() -> Fitness:
    """The clinic as it stands."""
    price = func.coalesce(DoctorService.price_minor, Service.price_minor)
    offered = (
        select(Service.name, price, Service.currency)
        .outerjoin(DoctorService, DoctorService.service_id == Service.id)
        .where(Service.active)
        .distinct()
    )
    admins = select(func.count()).where(
        User.role == Role.ADMIN, User.disabled_at.is_(None), User.password_hash.is_not(None)
    )
    with reading() as connection:
        row: Any = connection.execute(select(Clinic.zone, Clinic.currency)).first()
        seen = select(Heartbeat.seen_at).where(Heartbeat.name == "worker")
        return Fitness(
            clinic=None if row is None else ClinicBasics(zone=row.zone, currency=row.currency),
            zone_exists=row is not None and _exists(row.zone),
            prices=tuple(
                (name, minor, money) for name, minor, money in connection.execute(offered)
            ),
            admins=connection.scalar(admins) or 0,
            worker_seen_at=connection.scalar(seen),
        )


def _exists(zone: str) -> bool:
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError):
        return False
    return True
