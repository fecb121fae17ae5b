"""What does a person do about something in the queue: take it on, note it, see to it?"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from efoy.domain.errors import IllegalTransition, InvalidValue, NotFound
from efoy.domain.outbox import OutboxEvent, OutboxStatus
from efoy.domain.role import Action, Actor, may
from efoy.models.audit import record
from efoy.models.base import lock, posted, transaction
from efoy.models.outbox import OutboxMessage
from efoy.models.transition import move
from efoy.models.upkeep import Alert
from efoy.models.user import User

CLOSED_BY_THEIR_CAUSE = frozenset(
    {
        "parked_payment",
        "dispute",
        "refund_failed",
        "refund_waits",
        "refund_to_approve",
        "clash_of_hours",
    }
)
"""Money or a booked visit stands behind these: only its own ending closes them."""
LONGEST_NOTE = 300


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
        _close(session, alert, actor, now)


def _close(session: Session, alert: Alert, actor: Actor, now: datetime) -> None:
    alert.closed_at = now
    _record(session, alert, "close", actor, now, before="open", after="closed")


def give_to(alert_id: str, owner_id: str | None, *, actor: Actor, now: datetime) -> None:
    """Somebody of the staff takes it on, or nobody does any more (None).

    Raises NotFound, InvalidValue for somebody who does not work at the queue.
    """
    with transaction("alert") as session:
        alert = lock(session, Alert, alert_id)
        if owner_id is not None:
            owner = session.get(User, owner_id)
            if owner is None or owner.disabled_at is not None or not works_here(owner):
                raise InvalidValue("owner", "nobody of the staff")
        if alert.closed_at is None and alert.owner_id != owner_id:
            alert.owner_id = owner_id
            _record(session, alert, "give_to", actor, now, facts={"owner": owner_id})


def works_here(person: User) -> bool:
    """Whether this person works at the queue: the desk and the admins."""
    return may(person.role, Action.SEE_ANY)


def note_on(alert_id: str, note: str, *, actor: Actor, now: datetime) -> None:
    """Keep what was said or found out; it stands beside the alert until that is closed.

    Raises NotFound, InvalidValue without words or with too many.
    """
    if not 0 < len(note) <= LONGEST_NOTE:
        raise InvalidValue("note", "write down what was said")
    with transaction("alert") as session:
        alert = lock(session, Alert, alert_id)
        if alert.closed_at is None:
            alert.note, alert.owner_id = note, alert.owner_id or actor.user_id
            _record(session, alert, "note", actor, now)


def mail_again(alert_id: str, *, actor: Actor, now: datetime) -> None:
    """Try a dead mail again from the beginning, with the same Message-ID; the alert is closed."""
    with transaction("alert") as session:
        alert, message = _dead(session, alert_id)
        if message is not None:
            move(session, message, OutboxEvent.TRY_AGAIN, actor=actor, now=now)
            message.attempts, message.error = 0, None
            message.created_at = message.due_at = now
            posted(session, "mail", message.id)
            _close(session, alert, actor, now)


def drop_mail(alert_id: str, *, actor: Actor, now: datetime) -> None:
    """Give a dead mail up for good; the alert is closed."""
    with transaction("alert") as session:
        alert, message = _dead(session, alert_id)
        if message is not None:
            move(session, message, OutboxEvent.DROP, actor=actor, now=now)
            _close(session, alert, actor, now)


def _dead(session: Session, alert_id: str) -> tuple[Alert, OutboxMessage | None]:
    """The alert and its mail, both locked; no mail where it is dead no more, or seen to."""
    alert = lock(session, Alert, alert_id)
    if alert.kind != "dead_mail":
        raise NotFound(alert_id)
    message = lock(session, OutboxMessage, alert.subject_ref)
    open_still = alert.closed_at is None and message.status is OutboxStatus.DEAD
    return alert, message if open_still else None


def _record(
    session: Session,
    alert: Alert,
    event: str,
    actor: Actor,
    now: datetime,
    *,
    before: str | None = None,
    after: str | None = None,
    facts: dict[str, str | None] | None = None,
) -> None:
    about = {"kind": alert.kind, "subject": alert.subject_ref}
    record(
        session,
        "alert",
        alert.id,
        event,
        before=before,
        after=after,
        actor=actor,
        now=now,
        facts=about | (facts or {}),
    )
