"""How is a change of the house written down? Under a lock, against what the form showed."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute, Session

from efoy.domain.errors import StaleEdition
from efoy.domain.house import differences, edition
from efoy.domain.role import Actor
from efoy.models.audit import record

LONGEST = 300
"""Letters of a text that the audit trail keeps of either side."""


def unchanged_since(before: Any, seen: str) -> None:
    """Raise StaleEdition when ``before`` is no longer what the form showed (its ``seen``)."""
    if edition(before) != seen:
        raise StaleEdition(seen)


def write_facts(row: Any, facts: Any, *but: str) -> None:
    """Put the values into the row's columns of the same names, ``but`` those of other tables."""
    for field in fields(facts):
        if field.name not in but:
            setattr(row, field.name, getattr(facts, field.name))


def note_change(
    session: Session,
    kind: str,
    key: object,
    before: Any,
    after: Any,
    *,
    actor: Actor,
    now: datetime,
) -> bool:
    """One audit entry with every value that differs; False, and none, when nothing does."""
    changed = differences(before, after)
    if changed:
        note(session, kind, key, "change", changed, actor=actor, now=now)
    return bool(changed)


def note(
    session: Session,
    kind: str,
    key: object,
    event: str,
    changed: Mapping[str, list[Any]],
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """One audit entry; ``changed`` has [before, after] by name."""
    kept = {name: [_kept(value) for value in pair] for name, pair in changed.items()}
    before, after = _in_short(kept)
    record(
        session,
        kind,
        str(key),
        event,
        before=before,
        after=after,
        actor=actor,
        now=now,
        facts={"changes": kept},
    )


def _in_short(changed: Mapping[str, list[Any]]) -> tuple[str | None, str | None]:
    """The only value that changed, or how many did: for lists that have room for a word."""
    if len(changed) != 1:
        return f"{len(changed)} values", f"{len(changed)} values"
    [(old, new)] = changed.values()
    return tuple(None if value is None else str(value)[:32] for value in (old, new))  # type: ignore[return-value]  # two values in, two out


def _kept(value: Any) -> Any:
    if isinstance(value, str) and len(value) > LONGEST:
        return value[:LONGEST] + "…"
    if isinstance(value, tuple):
        return [_kept(each) for each in value]
    return value if value is None or isinstance(value, int | str | list) else str(value)


def free_slug(session: Session, column: InstrumentedAttribute[str], name: str) -> str:
    """A name for addresses that nothing of the kind has yet: ``Dr Hana`` is dr-hana, dr-hana-2…"""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    stem = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:50].strip("-") or "new"
    taken = set(session.scalars(select(column).where(column.like(f"{stem}%"))))
    number, slug = 1, stem
    while slug in taken or slug == "new":
        number += 1
        slug = f"{stem}-{number}"
    return slug
