"""What can an admin set about the house? Values of a form, and whether they are still the same.

A form carries the edition of what it showed. When somebody else changed any of it meanwhile, the
editions differ and nothing is overwritten.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Any

from efoy.domain.policy import ApprovalMode
from efoy.domain.role import Role


@dataclass(frozen=True, kw_only=True)
class DoctorFacts:
    """A doctor as patients see them; ``services`` are ids, in order."""

    name: str
    specialty_id: int
    languages: str
    place: str
    about: str
    licence: str
    services: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class ServiceFacts:
    """A kind of visit without its fee; ``rules`` is the first version of its refund rules."""

    name: str
    detail: str
    mode: str
    minutes: int
    buffer_minutes: int
    notice_minutes: int
    horizon_days: int
    tax_label: str
    tax_basis_points: int
    rules: int
    doctors: tuple[int, ...]
    active: bool


@dataclass(frozen=True, kw_only=True)
class RuleFacts:
    """Refund rules: rungs as (minutes before the visit, percent), earliest deadline first."""

    name: str
    rungs: tuple[tuple[int, int], ...]
    approval_mode: ApprovalMode


@dataclass(frozen=True, kw_only=True)
class ClinicFacts:
    """What the clinic says about itself, and two switches of the house."""

    name: str
    address: str
    directions: str
    phone: str
    phone_hours: str
    email: str
    emergency_number: str
    country: str
    currency: str
    statement_name: str
    tax_text: str
    colour: str
    doctors_see_totals: bool
    refund_limit_minor: int | None


@dataclass(frozen=True, kw_only=True)
class PersonFacts:
    """What an admin sets about somebody of the staff."""

    role: Role
    refund_limit_minor: int | None


def edition(facts: Any) -> str:
    """A mark of these values: equal values, equal marks."""
    text = json.dumps(asdict(facts), sort_keys=True, default=str)
    return sha256(text.encode()).hexdigest()[:20]


def differences(before: Any, after: Any) -> Mapping[str, list[Any]]:
    """Each value that differs, by name, as [before, after]; facts of one kind are compared."""
    old, new = asdict(before), asdict(after)
    return {name: [old[name], new[name]] for name in old if old[name] != new[name]}
