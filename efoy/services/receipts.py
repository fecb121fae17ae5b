"""How does promised mail get out? Claimed, written from what is true then, sent, recorded."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from efoy.domain.errors import InvalidValue, MailRefused, NotFound, ProviderDown
from efoy.domain.outbox import GIVE_UP_AFTER, OutboxEvent, OutboxStatus, back_off
from efoy.domain.role import Door, system
from efoy.models.base import lock, new_id, reading, transaction
from efoy.models.outbox import OutboxMessage
from efoy.models.transition import move
from efoy.models.upkeep import Alert, raise_alert
from efoy.services.letters import write_letter
from efoy.services.letters.facts import Promise

if TYPE_CHECKING:
    from efoy.gateways.mailer import Mailer

LEASE = timedelta(minutes=3)
"""Longer than the longest talk with a mail server: eight answers of at most 20 seconds."""


def due_mail(now: datetime) -> list[str]:
    """The messages to be sent now and taken by no worker, oldest first."""
    query = select(OutboxMessage.id).where(
        OutboxMessage.status == OutboxStatus.NEW,
        OutboxMessage.due_at <= now,
        or_(OutboxMessage.lease_until.is_(None), OutboxMessage.lease_until <= now),
    )
    with reading() as connection:
        return list(connection.scalars(query.order_by(OutboxMessage.due_at, OutboxMessage.id)))


def deliver_mail(message_id: str, *, mailer: Mailer, now: datetime) -> None:
    """Send one message, drop what is no longer true, give up what nobody takes.

    Nothing is open while the mail server is asked, and whatever it says touches no booking. A
    second try after a doubt has the same Message-ID. Raises NotFound.
    """
    promise = _claim(message_id, now)
    if promise is None:
        return
    try:
        letter = write_letter(promise, now=now)
        if letter is not None:
            mailer.send(letter, now=now)
    except ProviderDown as error:
        _put_off(promise, str(error), now)
    except (MailRefused, InvalidValue) as error:
        _give_up(promise, str(error), now)
    else:
        _finish(promise, OutboxEvent.DROP if letter is None else OutboxEvent.SEND, now)


def _claim(message_id: str, now: datetime) -> Promise | None:
    """Take the message for this worker; None when it is done, not due, or another's.

    One that keeps breaking the worker before it comes to an end is given up here.
    """
    with transaction("claim_mail") as session:
        row = lock(session, OutboxMessage, message_id)
        taken = row.lease_until is not None and row.lease_until > now
        if row.status is not OutboxStatus.NEW or row.due_at > now or taken:
            return None
        if row.attempts and now - row.created_at >= GIVE_UP_AFTER + LEASE:
            _end(session, row, row.error or "never came to an end", now)
            return None
        row.attempts += 1
        row.lease_until = now + LEASE
        return Promise(
            id=row.id,
            kind=row.kind,
            subject_ref=row.subject_ref,
            address=row.address,
            locale=row.locale,
            attempts=row.attempts,
            created_at=row.created_at,
        )


def _finish(promise: Promise, event: OutboxEvent, now: datetime) -> None:
    with transaction("finish_mail") as session:
        row = _still_new(session, promise)
        if row is None:
            return
        move(session, row, event, actor=system(Door.WORKER), now=now)
        row.lease_until, row.error = None, None
        if event is OutboxEvent.SEND:
            row.sent_at = now


def _put_off(promise: Promise, error: str, now: datetime) -> None:
    """Try again after 1, 5, 15, then each 60 minutes; after two days a person is told."""
    if now - promise.created_at >= GIVE_UP_AFTER:
        _give_up(promise, error, now)
        return
    with transaction("finish_mail") as session:
        row = _still_new(session, promise)
        if row is not None and row.attempts == promise.attempts:
            row.due_at = now + back_off(promise.attempts)
            row.lease_until, row.error = None, error[:200]


def _give_up(promise: Promise, error: str, now: datetime) -> None:
    with transaction("finish_mail") as session:
        row = _still_new(session, promise)
        if row is not None:
            _end(session, row, error, now)


def _still_new(session: Session, promise: Promise) -> OutboxMessage | None:
    """The row, unless another worker ended it when our lease had run out."""
    try:
        row = lock(session, OutboxMessage, promise.id)
    except NotFound:
        return None
    return row if row.status is OutboxStatus.NEW else None


def _end(session: Session, row: OutboxMessage, error: str, now: datetime) -> None:
    """Dead, with an alert. One about a dead alert's mail is not mailed again, or it never ends."""
    move(session, row, OutboxEvent.GIVE_UP, actor=system(Door.WORKER), now=now)
    row.lease_until, row.error = None, error[:200]
    if row.kind != "admin_alert":
        raise_alert(session, "dead_mail", row.id, row.kind, now=now)
        return
    quiet = Alert(id=new_id(), kind="dead_mail", subject_ref=row.id, detail=row.kind, raised_at=now)
    session.add(quiet)
