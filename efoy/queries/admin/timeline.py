"""What happened to one booking: who did what, when, through which door? Newest first."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, and_, or_, select

from efoy.domain.money import Money
from efoy.domain.outbox import OutboxStatus
from efoy.models.audit import AuditEntry
from efoy.models.base import reading
from efoy.models.ledger import Receipt
from efoy.models.moving import BookingMove
from efoy.models.outbox import OutboxMessage
from efoy.models.payment import Dispute, Payment, Refund
from efoy.models.user import User


@dataclass(frozen=True, kw_only=True)
class Happening:
    """One thing that happened. ``object`` is what it happened to (``mail`` for a mail that went
    out, its ``event`` being the kind of mail), ``code`` an id to look up elsewhere,
    ``was`` and ``to`` the times of a move (ISO 8601)."""

    object: str
    event: str
    before: str | None
    after: str | None
    at: datetime
    door: str
    role: str
    who: str
    amount: Money | None
    code: str
    words: str = ""
    was: str = ""
    to: str = ""


def timeline(booking_id: str) -> Sequence[Happening]:
    """Everything the audit trail and the outbox know of the booking and its money."""
    with reading() as connection:
        subjects = _subjects(connection, booking_id)
        found = _audited(connection, subjects)
        moved = select(BookingMove.id).where(BookingMove.booking_id == booking_id)
        keys = [key for _, key in subjects]
        found += _mailed(connection, keys + list(connection.scalars(moved)))
    return [happening for _, happening in sorted(found, key=lambda each: each[0], reverse=True)]


_Order = tuple[datetime, int]
AFTER_ITS_CAUSE = 1 << 62
"""A mail of the same instant stands above what it was sent for."""
_Subjects = Mapping[tuple[str, str], Money | None]


def _subjects(connection: Connection, booking_id: str) -> _Subjects:
    """The booking, its payments, refunds and disputes, each with the amount it is about."""
    found: dict[tuple[str, str], Money | None] = {("booking", booking_id): None}
    columns = (Payment.id, Payment.amount_minor, Payment.currency)
    payments = select(*columns).where(Payment.booking_id == booking_id)
    for key, minor, currency in connection.execute(payments):
        found["payment", key] = Money(minor, currency)
    for kind, table in (("refund", Refund), ("dispute", Dispute)):
        rows = (
            select(table.id, table.amount_minor, table.currency)
            .join(Payment, Payment.id == table.payment_id)
            .where(Payment.booking_id == booking_id)
        )
        for key, minor, currency in connection.execute(rows):
            found[kind, key] = Money(minor, currency)
    return found


def _audited(connection: Connection, subjects: _Subjects) -> list[tuple[_Order, Happening]]:
    query = (
        select(
            AuditEntry.seq,
            AuditEntry.at,
            AuditEntry.object,
            AuditEntry.object_id,
            AuditEntry.event,
            AuditEntry.before,
            AuditEntry.after,
            AuditEntry.role,
            AuditEntry.door,
            AuditEntry.facts,
            User.name.label("who"),
        )
        .outerjoin(User, User.id == AuditEntry.actor_id)
        .where(
            or_(
                *(
                    and_(AuditEntry.object == kind, AuditEntry.object_id == key)
                    for kind, key in subjects
                )
            )
        )
        .order_by(AuditEntry.seq)
    )
    rows = connection.execute(query).mappings()
    return [((row["at"], row["seq"]), _happening(row, subjects)) for row in rows]


def _happening(row: RowMapping, subjects: _Subjects) -> Happening:
    facts: Mapping[str, Any] = row["facts"] or {}
    return Happening(
        object=row["object"],
        event=row["event"],
        before=row["before"],
        after=row["after"],
        at=row["at"],
        door=row["door"],
        role=row["role"],
        who=row["who"] or "",
        amount=subjects[row["object"], row["object_id"]],
        code=str(facts.get("charge") or facts.get("seen") or ""),
        words=str(facts.get("refused") or ""),
        was=str(facts.get("from") or ""),
        to=str(facts.get("to") or ""),
    )


def _mailed(connection: Connection, keys: Collection[str]) -> list[tuple[_Order, Happening]]:
    """Mails that went out or were given up, with the receipt's number where one was in it."""
    number = (
        select(Receipt.number)
        .join(Payment, Payment.id == Receipt.payment_id)
        .where(Payment.booking_id == OutboxMessage.subject_ref, Receipt.kind == "receipt")
        .limit(1)
        .scalar_subquery()
    )
    query = select(
        OutboxMessage.kind,
        OutboxMessage.status,
        OutboxMessage.address,
        OutboxMessage.created_at,
        OutboxMessage.sent_at,
        number.label("number"),
    ).where(
        OutboxMessage.subject_ref.in_(keys),
        OutboxMessage.status.in_([OutboxStatus.SENT, OutboxStatus.DEAD]),
    )
    return [_mail(row) for row in connection.execute(query).mappings()]


def _mail(row: RowMapping) -> tuple[_Order, Happening]:
    at: datetime = row["sent_at"] or row["created_at"]
    happening = Happening(
        object="mail",
        event=row["kind"],
        before=None,
        after=str(row["status"]),
        at=at,
        door="worker",
        role="system",
        who="",
        amount=None,
        code=row["number"] or "" if row["kind"] == "booked" else "",
        words=row["address"],
    )
    return (at, AFTER_ITS_CAUSE), happening
