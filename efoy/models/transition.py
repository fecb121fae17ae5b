"""How does a status change? Here only: through its table, with one audit entry beside it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Any

from sqlalchemy import Row, bindparam, insert, update
from sqlalchemy.orm import Session

from efoy.domain import machine
from efoy.domain.booking import BOOKING
from efoy.domain.closing import CLOSING, ITEM
from efoy.domain.event import STRIPE_EVENT
from efoy.domain.moving import MOVE
from efoy.domain.outbox import OUTBOX
from efoy.domain.payment import PAYMENT
from efoy.domain.refund import REFUND
from efoy.domain.role import Actor
from efoy.domain.waiting import OFFER, WAITING
from efoy.models.audit import record
from efoy.models.booking import Booking
from efoy.models.closing import DayClosing, DayClosingItem
from efoy.models.moving import BookingMove
from efoy.models.outbox import OutboxMessage
from efoy.models.payment import Dispute, Payment, Refund
from efoy.models.stripe_event import StripeEvent
from efoy.models.waiting import WaitlistEntry, WaitlistOffer

Audited = Booking | Payment | Refund | DayClosing | DayClosingItem | WaitlistEntry | WaitlistOffer
Moving = Audited | BookingMove | OutboxMessage | StripeEvent
_TABLES: Mapping[type, Mapping[tuple[Any, Any], Any]] = {
    Booking: BOOKING,
    BookingMove: MOVE,
    Payment: PAYMENT,
    Refund: REFUND,
    OutboxMessage: OUTBOX,
    StripeEvent: STRIPE_EVENT,
    DayClosing: CLOSING,
    DayClosingItem: ITEM,
    WaitlistEntry: WAITING,
    WaitlistOffer: OFFER,
}
_AUDITED = (
    Booking,
    Payment,
    Refund,
    DayClosing,
    DayClosingItem,
    WaitlistEntry,
    WaitlistOffer,
)
"""Messages and events keep their own times; a row of audit for each would drown the story. Moves
are told as part of their booking."""
_KINDS = {
    DayClosing: "closing",
    DayClosingItem: "closing_item",
    WaitlistEntry: "waiting",
    WaitlistOffer: "offer",
}


def begin(
    session: Session,
    row: Audited,
    *,
    actor: Actor,
    now: datetime,
    facts: dict[str, Any] | None = None,
) -> None:
    """Add a new row with its first status, and the audit entry of its birth."""
    session.add(row)
    _born(session, row, actor=actor, now=now, facts=facts)


def begin_and_leave(
    session: Session, row: Booking | Payment, *, actor: Actor, now: datetime
) -> None:
    """The same for a row that this transaction does not touch again: written at once, as it is.

    Nobody watches over it afterwards, so later changes of ``row`` would be lost.
    """
    names = {each.key: each.columns[0].name for each in type(row).__mapper__.column_attrs}
    values = {names[key]: value for key, value in vars(row).items() if key in names}
    session.execute(_bearing(type(row)), values)
    _born(session, row, actor=actor, now=now)


@cache
def _bearing(kind: type[Booking | Payment]) -> Any:
    table: Any = kind.__table__
    return insert(table).inline()


def _born(
    session: Session,
    row: Audited,
    *,
    actor: Actor,
    now: datetime,
    facts: dict[str, Any] | None = None,
) -> None:
    record(
        session,
        _kind(row),
        row.id,
        "begin",
        before=None,
        after=str(row.status),
        actor=actor,
        now=now,
        facts=facts,
    )


def move(
    session: Session,
    row: Moving,
    event: StrEnum,
    *,
    actor: Actor,
    now: datetime,
    facts: dict[str, Any] | None = None,
) -> None:
    """Take one legal step and write its history; raises IllegalTransition where there is none."""
    before = row.status
    row.status = machine.advance(_TABLES[type(row)], before, event)
    if isinstance(row, _AUDITED):
        after = str(row.status)
        record(
            session,
            _kind(row),
            row.id,
            str(event),
            before=str(before),
            after=after,
            actor=actor,
            now=now,
            facts=facts,
        )


def step_from(
    session: Session,
    kind: type[Booking | Payment],
    key: str,
    before: StrEnum,
    event: StrEnum,
    *,
    actor: Actor,
    now: datetime,
    values: dict[str, Any],
    facts: dict[str, Any] | None = None,
) -> Row[Any] | None:
    """``move`` of a row that nobody has read yet, in one statement that sets ``values`` as well.

    Returns the row as it is now; None, with nothing changed, where it does not stand at
    ``before``: then lock it and look.
    """
    after = machine.advance(_TABLES[kind], before, event)
    known = {"key": key, "was": before, "becomes": after}
    done: Row[Any] | None = session.execute(_stepping(kind, tuple(values)), known | values).first()
    if done is not None:
        record(
            session,
            _KINDS.get(kind, kind.__name__.lower()),
            key,
            str(event),
            before=str(before),
            after=str(after),
            actor=actor,
            now=now,
            facts=facts,
        )
    return done


@cache
def _stepping(kind: type[Booking | Payment], names: tuple[str, ...]) -> Any:
    table: Any = kind.__table__
    values = {name: bindparam(name, type_=table.c[name].type) for name in names}
    values["status"] = bindparam("becomes", type_=table.c.status.type)
    mine = (table.c.id == bindparam("key"), table.c.status == bindparam("was"))
    return update(table).where(*mine).values(values).returning(table)


def may_move(row: Moving, event: StrEnum) -> bool:
    """Whether the step is legal now. For notices, no means "nothing new"."""
    return machine.may(_TABLES[type(row)], row.status, event)


def take_dispute_word(
    session: Session, row: Dispute, word: str, *, actor: Actor, now: datetime
) -> None:
    """Stripe's own word for a dispute is kept as it is: the bank decides, not a table of ours."""
    before = row.status
    if before == word:
        return
    row.status = word
    record(session, "dispute", row.id, "bank", before=before, after=word, actor=actor, now=now)


def _kind(row: Audited) -> str:
    return _KINDS.get(type(row), type(row).__name__.lower())
