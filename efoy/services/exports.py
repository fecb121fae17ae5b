"""Who took a file out of the house? Written down before the first byte leaves."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from efoy.domain.role import Actor
from efoy.models.audit import record
from efoy.models.base import transaction


def note_export(what: str, asked: Mapping[str, str], *, actor: Actor, now: datetime) -> None:
    """One audit entry; ``asked`` is the filter, without what somebody searched for."""
    with transaction("export") as session:
        record(
            session,
            "export",
            what,
            "export",
            before=None,
            after=None,
            actor=actor,
            now=now,
            facts={"filter": dict(asked)},
        )
