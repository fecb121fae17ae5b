"""How does a person say that they have seen to something in the queue?"""

from __future__ import annotations

from datetime import datetime

from efoy.domain.errors import IllegalTransition
from efoy.domain.role import Actor
from efoy.models.audit import record
from efoy.models.base import lock, transaction
from efoy.models.upkeep import Alert

CLOSED_BY_THEIR_CAUSE = frozenset({"parked_payment", "dispute", "refund_failed", "refund_waits"})
"""Money stands behind these: only its own ending closes them."""


def may_close(kind: str) -> bool:
    """Whether a person may take an alert of this kind out of the queue."""
    return kind not in CLOSED_BY_THEIR_CAUSE


def close_by_hand(alert_id: str, *, actor: Actor, now: datetime) -> None:
    """A person has seen to it. Repeating it changes nothing.

    Raises NotFound, and IllegalTransition where money still stands behind the alert.
    """
    with transaction("alert") as session:
        alert = lock(session, Alert, alert_id)
        if alert.closed_at is not None:
            return
        if not may_close(alert.kind):
            raise IllegalTransition(alert.kind)
        alert.closed_at = now
        record(
            session,
            "alert",
            alert.id,
            "close",
            before="open",
            after="closed",
            actor=actor,
            now=now,
            facts={"kind": alert.kind, "subject": alert.subject_ref},
        )
