"""What does everything look like to a program that knows nothing of ours? JSON, in a stable order.

No secrets and no people: addresses as hashes, users as ids. Amounts are whole minor units,
instants ISO 8601 in UTC. Rows are read as they are written out, so a large clinic fits in memory.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from hashlib import sha256
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, Select, select

from efoy.domain.slot import cell_start
from efoy.models import (
    AuditEntry,
    Booking,
    BookingMove,
    Dispute,
    LedgerEntry,
    OutboxMessage,
    Payment,
    Receipt,
    Refund,
    SlotClaim,
    StripeEvent,
    User,
)
from efoy.models.base import snapshot

HASHED = "efoy-address:"
"""Stands before an address when it is hashed, so that the hash is no one else's."""
AT_A_TIME = 1000


def export_state(*, now: datetime, mail_host: str) -> Iterator[str]:
    """The whole state as pieces of one JSON text, from one moment of the database.

    ``mail_host`` is the right side of every Message-ID.
    """
    with snapshot() as connection:
        yield f'{{"clock": {json.dumps(_instant(now))}'
        for name, rows in _sections(connection, mail_host):
            yield f',\n"{name}": ['
            yield from _joined(rows)
            yield "]"
        yield "}\n"


def address_hash(address: str) -> str:
    """How an address stands in the export: the same for the same person, and not readable."""
    return sha256((HASHED + address.strip().lower()).encode()).hexdigest()


def _joined(rows: Iterable[dict[str, Any]]) -> Iterator[str]:
    before = "\n"
    for row in rows:
        yield before + json.dumps(row, ensure_ascii=False)
        before = ",\n"


def _sections(
    connection: Connection, mail_host: str
) -> Iterator[tuple[str, Iterable[dict[str, Any]]]]:
    yield "bookings", _bookings(connection)
    yield "moves", map(_move, _rows(connection, select(*BookingMove.__table__.c), BookingMove.id))
    yield "payments", map(_payment, _rows(connection, select(*Payment.__table__.c), Payment.id))
    yield "refunds", map(_refund, _rows(connection, select(*Refund.__table__.c), Refund.id))
    yield "disputes", map(_dispute, _rows(connection, select(*Dispute.__table__.c), Dispute.id))
    yield "payouts", ()
    ledger = _rows(connection, select(*LedgerEntry.__table__.c), LedgerEntry.id)
    yield "ledger", map(_ledger, ledger)
    events = select(StripeEvent.id, StripeEvent.type, StripeEvent.status)
    yield "stripe_events", map(_event, _rows(connection, events, StripeEvent.id))
    outbox = _rows(connection, select(*OutboxMessage.__table__.c), OutboxMessage.id)
    yield "outbox", (_message(row, mail_host) for row in outbox)
    papers = select(Receipt.number, Receipt.kind, Receipt.payment_id, Receipt.refund_id)
    yield "receipts", map(_paper, _rows(connection, papers, Receipt.number))
    audit = _rows(connection, select(*AuditEntry.__table__.c), AuditEntry.seq)
    yield "audit", map(_audit, audit)
    users = select(User.id, User.role, User.disabled_at)
    yield "users", map(_user, _rows(connection, users, User.id))


def _rows(connection: Connection, query: Select[*tuple[Any, ...]], order: Any) -> Iterator[Any]:
    ordered = query.order_by(order).execution_options(yield_per=AT_A_TIME)
    yield from connection.execute(ordered)


def _instant(at: datetime | None) -> str | None:
    return None if at is None else at.astimezone(UTC).isoformat()


def _bookings(connection: Connection) -> Iterator[dict[str, Any]]:
    """Bookings and their cells, both in the order of the booking's id, read side by side."""
    claims = select(SlotClaim.booking_id, SlotClaim.cell_at)
    cells = groupby(
        _rows(connection, claims.order_by(SlotClaim.booking_id), SlotClaim.cell_at),
        key=lambda row: row.booking_id,
    )
    owner, taken = _next_claims(cells)
    for row in _rows(connection, select(*Booking.__table__.c), Booking.id):
        while owner is not None and owner < row.id:
            owner, taken = _next_claims(cells)
        mine = taken if owner == row.id else []
        yield _booking(row, mine)


def _next_claims(cells: Iterator[tuple[str, Iterator[Any]]]) -> tuple[str | None, list[str]]:
    owner, rows = next(cells, (None, iter(())))
    return owner, [cell_start(row.cell_at).isoformat() for row in rows]


def _booking(row: Any, claims: list[str]) -> dict[str, Any]:
    return {
        "id": row.id,
        "ref": row.ref,
        "patient_id": row.patient_id,
        "doctor_id": row.doctor_id,
        "service_id": row.service_id,
        "starts_at": _instant(row.starts_at),
        "ends_at": _instant(row.ends_at),
        "status": str(row.status),
        "hold_expires_at": _instant(row.hold_expires_at),
        "price": {"minor": row.price_minor, "currency": row.currency},
        "overbooked": bool(row.overbooked_reason),
        "claims": claims,
    }


def _move(row: Any) -> dict[str, Any]:
    return {
        "id": row.id,
        "booking_id": row.booking_id,
        "status": str(row.status),
        "from": {"doctor_id": row.from_doctor_id, "starts_at": _instant(row.from_starts_at)},
        "to": {"doctor_id": row.doctor_id, "starts_at": _instant(row.starts_at)},
        "price": {"minor": row.price_minor, "currency": row.currency},
        "difference": row.price_minor - row.from_price_minor,
        "payment_id": row.payment_id,
    }


def _payment(row: Any) -> dict[str, Any]:
    return {
        "id": row.id,
        "booking_id": row.booking_id,
        "method": str(row.method),
        "status": str(row.status),
        "amount": row.amount_minor,
        "checkout_ref": row.checkout_ref,
        "intent_ref": row.intent_ref,
        "charge_ref": row.charge_ref,
        "idempotency_key": row.idempotency_key,
        "fee": row.fee_minor,
        "net": row.net_minor,
        "taken_by": row.taken_by,
        "purpose": str(row.purpose),
    }


def _refund(row: Any) -> dict[str, Any]:
    return {
        "id": row.id,
        "payment_id": row.payment_id,
        "amount": row.amount_minor,
        "status": str(row.status),
        "origin": str(row.origin),
        "refund_ref": row.refund_ref,
        "reason": row.reason,
        "actor": row.actor_id or row.actor_role,
    }


def _dispute(row: Any) -> dict[str, Any]:
    return {
        "id": row.id,
        "payment_id": row.payment_id,
        "dispute_ref": row.dispute_ref,
        "amount": row.amount_minor,
        "status": row.status,
        "reason": row.reason,
    }


def _ledger(row: Any) -> dict[str, Any]:
    return {
        "transaction": row.transaction_id,
        "account": row.account,
        "minor": row.minor,
        "currency": row.currency,
        "cause": row.cause,
    }


def _message(row: Any, mail_host: str) -> dict[str, Any]:
    return {
        "id": row.id,
        "kind": row.kind,
        "subject_ref": row.subject_ref,
        "address_hash": address_hash(row.address),
        "status": str(row.status),
        "message_id": f"<{row.id}@{mail_host}>",
    }


def _event(row: Any) -> dict[str, Any]:
    return {"id": row.id, "type": row.type, "status": str(row.status)}


def _paper(row: Any) -> dict[str, Any]:
    return {
        "number": row.number,
        "kind": row.kind,
        "payment_id": row.payment_id,
        "refund_id": row.refund_id,
    }


def _audit(row: Any) -> dict[str, Any]:
    return {
        "seq": row.seq,
        "object": row.object,
        "id": row.object_id,
        "before": row.before,
        "after": row.after,
        "actor": row.actor_id,
        "role": row.role,
        "door": row.door,
        "at": _instant(row.at),
    }


def _user(row: Any) -> dict[str, Any]:
    return {"id": row.id, "role": str(row.role), "disabled": row.disabled_at is not None}
