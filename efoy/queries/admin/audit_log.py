"""Who did what, on what, when? The audit trail in pages, newest first; nobody can edit it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, select

from efoy.domain.role import Role
from efoy.models.audit import AuditEntry
from efoy.models.base import reading
from efoy.models.user import User
from efoy.queries.clinic_day import day_bounds

PAGE, AT_A_TIME = 40, 500
COLUMNS = "entry at who role door object object_id event before after changes".split()


@dataclass(frozen=True, kw_only=True)
class AuditFilter:
    """Which entries: of a person (their id), on a kind of thing, on a clinic day."""

    person: str = ""
    kind: str = ""
    day: date | None = None


@dataclass(frozen=True, kw_only=True)
class AuditLine:
    """One entry. ``who`` is empty for the clock and Stripe; ``changes`` are [before, after]."""

    seq: int
    at: datetime
    who: str
    role: str
    door: str
    kind: str
    key: str
    event: str
    before: str | None
    after: str | None
    changes: Mapping[str, Sequence[Any]]


@dataclass(frozen=True, kw_only=True)
class AuditPage:
    """Some entries; ``newer`` and ``older`` are the numbers to go on from, None at the ends."""

    lines: Sequence[AuditLine]
    newer: int | None
    older: int | None


@dataclass(frozen=True, kw_only=True)
class AuditChoices:
    """What there is to filter by."""

    people: Sequence[tuple[str, str]]
    kinds: Sequence[str]


def audit_page(
    wanted: AuditFilter, *, before: int | None, after: int | None, zone: str
) -> AuditPage:
    """Entries older than ``before`` (or newer than ``after``), else the newest."""
    query = _matching(wanted, zone)
    upwards = after is not None
    if after is not None:
        query = query.where(AuditEntry.seq > after).order_by(AuditEntry.seq)
    else:
        below = query if before is None else query.where(AuditEntry.seq < before)
        query = below.order_by(AuditEntry.seq.desc())
    with reading() as connection:
        rows = [_line(row) for row in connection.execute(query.limit(PAGE + 1))]
    more, lines = len(rows) > PAGE, rows[:PAGE]
    if upwards:
        lines.reverse()
    has_newer, has_older = (more, True) if upwards else (before is not None, more)
    return AuditPage(
        lines=lines,
        newer=lines[0].seq if lines and has_newer else None,
        older=lines[-1].seq if lines and has_older else None,
    )


def audit_lines(wanted: AuditFilter, zone: str) -> Iterator[AuditLine]:
    """Every entry of the filter, oldest first, read in pages."""
    last = 0
    while True:
        query = _matching(wanted, zone).where(AuditEntry.seq > last).order_by(AuditEntry.seq)
        with reading() as connection:
            rows = connection.execute(query.limit(AT_A_TIME)).all()
        for row in rows:
            yield replace(_line(row), who=row.actor_id or "")
        if len(rows) < AT_A_TIME:
            return
        last = rows[-1].seq


def audit_choices() -> AuditChoices:
    """Everyone of the staff, and the kinds of things that were ever changed."""
    staff = select(User.id, User.name, User.email).where(User.role != Role.PATIENT)
    kinds = select(AuditEntry.object).distinct().order_by(AuditEntry.object)
    with reading() as connection:
        people = [(row.id, row.name or row.email) for row in connection.execute(staff)]
        return AuditChoices(
            people=sorted(people, key=lambda pair: pair[1]),
            kinds=list(connection.scalars(kinds)),
        )


def _matching(wanted: AuditFilter, zone: str) -> Select[*tuple[Any, ...]]:
    names = (User.name.label("who"), User.role.label("role_now"))
    query: Any = select(*AuditEntry.__table__.c, *names)
    named: Select[*tuple[Any, ...]] = query.outerjoin(User, User.id == AuditEntry.actor_id)
    return named.where(*_conditions(wanted, zone))


def _conditions(wanted: AuditFilter, zone: str) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.person:
        found.append(AuditEntry.actor_id == wanted.person)
    if wanted.kind:
        found.append(AuditEntry.object == wanted.kind)
    if wanted.day is not None:
        begin, end = day_bounds(wanted.day, zone)
        found += [AuditEntry.at >= begin, AuditEntry.at < end]
    return found


def _line(row: Any) -> AuditLine:
    """A patient's name stays out of the log: they are who their role says, and their id."""
    patient = row.role_now is Role.PATIENT
    return AuditLine(
        seq=row.seq,
        at=row.at,
        who="" if patient else row.who or "",
        role=row.role,
        door=row.door,
        kind=row.object,
        key=row.object_id,
        event=row.event,
        before=row.before,
        after=row.after,
        changes=_changes(row.facts),
    )


def _changes(facts: Any) -> dict[str, Sequence[Any]]:
    """Pairs of before and after; anything else of the facts stays in the table."""
    found = facts.get("changes", {}) if isinstance(facts, dict) else {}
    return {name: pair for name, pair in found.items() if isinstance(pair, list) and len(pair) == 2}
