"""What follows when a law is found broken? Somebody is told, once, until it is mended."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import select, update

from efoy.models.base import transaction
from efoy.models.upkeep import Alert, raise_alert, take_turn

KIND = "law_broken"
PERIOD = timedelta(minutes=9)
"""A little less than the ten minutes between two runs, so that none is left out."""
MOST = 20
"""A fault in the checker or the house may break a law a thousandfold: a person needs a few."""


def report_breaks(found: Mapping[str, str], *, now: datetime) -> None:
    """``found``: what is broken ("B1 <id>") and its sentence. What was mended is closed."""
    shown = dict(list(found.items())[:MOST])
    with transaction("alert") as session:
        session.execute(
            update(Alert)
            .where(Alert.kind == KIND, Alert.closed_at.is_(None))
            .where(Alert.subject_ref.not_in(list(shown)))
            .values(closed_at=now)
        )
        told = select(Alert.subject_ref).where(Alert.kind == KIND, Alert.closed_at.is_(None))
        for subject in shown.keys() - set(session.scalars(told)):
            raise_alert(session, KIND, subject, shown[subject][:200], now=now)


def may_watch(*, now: datetime) -> bool:
    """Whether it is time for the laws to be proved again, and this worker's turn."""
    with transaction("watermark") as session:
        turn = take_turn(session, "job:laws", now=now, lease=PERIOD)
        if turn is not None:
            turn.reached_at = now
        return turn is not None
