"""Which refund rules are there, in which version, and which services use them?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, or_, select

from efoy.domain.errors import NotFound
from efoy.domain.house import RuleFacts, edition
from efoy.domain.money import Money
from efoy.domain.policy import Policy, Rung
from efoy.models.base import reading
from efoy.models.clinic import RefundPolicy, Service
from efoy.models.facts import rule_facts
from efoy.models.price import SERVICE_FEE
from efoy.queries.admin.doctors import Choice

_FIRST = func.coalesce(RefundPolicy.first_id, RefundPolicy.id).label("first")


@dataclass(frozen=True, kw_only=True)
class RuleVersion:
    """One version of some rules, and since when new bookings got it."""

    policy: Policy
    since: datetime


@dataclass(frozen=True, kw_only=True)
class RuleFile:
    """Rules: ``first`` names them, the newest version is what new bookings get.

    ``sample`` is the dearest fee under them (None: nothing uses them), ``seen`` an edition.
    """

    first: int
    facts: RuleFacts
    seen: str
    versions: Sequence[RuleVersion]
    services: Sequence[str]
    sample: Money | None

    @property
    def newest(self) -> RuleVersion:
        """What new bookings get."""
        return self.versions[0]


def rule_list(now: datetime) -> list[RuleFile]:
    """All rules by name, newest version first within each."""
    return _files(now, None)


def rule_file(first: int, now: datetime) -> RuleFile:
    """The rules of that number. Raises NotFound."""
    found = _files(now, first)
    if not found or found[0].first != first:
        raise NotFound(f"rules {first}")
    return found[0]


def rule_choices() -> list[Choice]:
    """Rules to choose by the number of their first version, each called as in its newest."""
    query = select(_FIRST, RefundPolicy.name).order_by(RefundPolicy.version)
    with reading() as connection:
        named = {row.first: row.name for row in connection.execute(query)}
    return [Choice(id=key, name=name) for key, name in sorted(named.items(), key=_by_name)]


def _by_name(pair: tuple[int, str]) -> tuple[str, int]:
    return pair[1], pair[0]


def _files(now: datetime, first: int | None) -> list[RuleFile]:
    query = select(RefundPolicy, _FIRST).order_by(RefundPolicy.version.desc())
    if first is not None:
        query = query.where(or_(RefundPolicy.id == first, RefundPolicy.first_id == first))
    fee = SERVICE_FEE.label("fee")
    used = select(Service.name, Service.policy_id, Service.currency, fee).order_by(Service.position)
    with reading() as connection:
        rows = connection.execute(query).all()
        services = connection.execute(used, {"now": now}).all()
    grouped: dict[int, list[Any]] = defaultdict(list)
    for row in rows:
        grouped[row.first].append(row)
    files = [_file(key, versions, services) for key, versions in grouped.items()]
    return sorted(files, key=lambda each: (each.facts.name, each.first))


def _file(first: int, versions: list[Any], services: Sequence[Any]) -> RuleFile:
    keys = {row.id for row in versions}
    mine = [each for each in services if each.policy_id in keys]
    dearest = max(mine, key=lambda each: each.fee, default=None)
    facts = rule_facts(versions[0])
    return RuleFile(
        first=first,
        facts=facts,
        seen=edition(facts),
        versions=[RuleVersion(policy=_policy(row), since=row.created_at) for row in versions],
        services=[each.name for each in mine],
        sample=None if dearest is None else Money(dearest.fee, dearest.currency),
    )


def _policy(row: Any) -> Policy:
    return Policy(
        id=row.id,
        version=row.version,
        name=row.name,
        rungs=tuple(Rung(minutes_before=minutes, percent=share) for minutes, share in row.rungs),
        approval_mode=row.approval_mode,
    )
