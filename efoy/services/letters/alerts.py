"""What does the clinic read when something needs a person? What it is, never whom it concerns."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from efoy.domain.letter import Letter, Link
from efoy.models.upkeep import Alert
from efoy.services.letters.facts import Promise, letter, read_clinic


def admin_alert(session: Session, promise: Promise, now: datetime) -> Letter | None:
    """The kind of the alert and the way to its queue, while it is open."""
    alert = session.get(Alert, promise.subject_ref)
    if alert is None or alert.closed_at is not None:
        return None
    context = {"clinic": read_clinic(session), "kind": alert.kind, "raised_at": alert.raised_at}
    return letter(promise, context, links={"admin": Link(path="/admin")})
