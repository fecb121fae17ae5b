"""Who looked at whom? A line in the audit trail for each page of people the desk was shown."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from efoy.domain.role import Actor
from efoy.models.audit import record
from efoy.models.base import transaction


def note_look(people: Sequence[str], *, actor: Actor, now: datetime) -> None:
    """Write down that these people (ids) were shown to the actor; what was searched for is not."""
    if not people:
        return
    with transaction("look_up") as session:
        facts = {"shown": list(people)}
        record(
            session,
            "people",
            "search",
            "look",
            before=None,
            after=None,
            actor=actor,
            now=now,
            facts=facts,
        )
