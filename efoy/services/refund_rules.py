"""Under which rules does money go back? Every save is a new version, for bookings from now on.

A booking has its own copy of the rules it was made under; nothing here can reach it.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.orm import Session

from efoy.domain.errors import InvalidValue, NotFound
from efoy.domain.house import RuleFacts
from efoy.domain.policy import Policy, Rung
from efoy.domain.role import Actor
from efoy.models.base import lock, transaction
from efoy.models.clinic import RefundPolicy, Service
from efoy.models.facts import rule_facts
from efoy.services.changes import note, note_change, unchanged_since


def add_rules(facts: RuleFacts, *, actor: Actor, now: datetime) -> int:
    """New rules, used by nothing yet; returns their number. Raises InvalidValue."""
    _check(facts)
    with transaction("save_rules") as session:
        row = _row(facts, version=1, now=now)
        session.add(row)
        session.flush()
        note(session, "rules", row.id, "add", {"name": [None, row.name]}, actor=actor, now=now)
        return row.id


def save_rules(first: int, facts: RuleFacts, *, seen: str, actor: Actor, now: datetime) -> bool:
    """A new version of the rules, used by new bookings from now on; False when nothing differs.

    ``first`` is the first version. Raises NotFound, StaleEdition, InvalidValue.
    """
    _check(facts)
    with transaction("save_rules") as session:
        root = lock(session, RefundPolicy, first)  # one version after the other
        if root.first_id is not None:
            raise NotFound(f"rules {first}")
        newest = newest_of(session, first)
        before = rule_facts(newest)
        unchanged_since(before, seen)
        if before == facts:
            return False
        row = _row(facts, version=newest.version + 1, now=now)
        row.first_id = first
        session.add(row)
        session.flush()
        older = select(RefundPolicy.id).where(_same_rules(first), RefundPolicy.id != row.id)
        used = update(Service).where(Service.policy_id.in_(older)).values(policy_id=row.id)
        session.execute(used)
        note_change(session, "rules", first, before, facts, actor=actor, now=now)
        return True


def newest_of(session: Session, first: int) -> RefundPolicy:
    """The version that new bookings get. Raises InvalidValue."""
    query = select(RefundPolicy).where(_same_rules(first))
    row = session.scalar(query.order_by(RefundPolicy.version.desc()).limit(1))
    if row is None:
        raise InvalidValue("rules", "unknown")
    return row


def _same_rules(first: int) -> ColumnElement[bool]:
    return or_(RefundPolicy.id == first, RefundPolicy.first_id == first)


def _row(facts: RuleFacts, *, version: int, now: datetime) -> RefundPolicy:
    return RefundPolicy(
        name=facts.name,
        version=version,
        rungs=[list(rung) for rung in facts.rungs],
        approval_mode=facts.approval_mode,
        created_at=now,
    )


def _check(facts: RuleFacts) -> None:
    """Whether these are rules at all: the domain itself says so."""
    rungs = tuple(Rung(minutes_before=minutes, percent=percent) for minutes, percent in facts.rungs)
    try:
        Policy(id=0, version=1, name=facts.name, rungs=rungs, approval_mode=facts.approval_mode)
    except ValueError as error:
        raise InvalidValue("rungs", str(error)) from error
