"""Which clinic is this, and which rules of refund does it have?"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from efoy.models.base import reading
from efoy.models.clinic import Clinic


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
