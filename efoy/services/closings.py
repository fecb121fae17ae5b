"""How is a time closed? At once for everyone who books, and with a choice for each visit in it.

The doctor's time off and a day closed by the desk are the same thing. The doctor's row is locked
before the visits are read: a hold made in the same moment has either claimed its time before, and
is seen here, or claims it after, and sees that the doctor is away.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, and_, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from efoy.domain.booking import BookingStatus
from efoy.domain.closing import (
    OPEN,
    Choice,
    ClosingEvent,
    ClosingSource,
    ClosingStatus,
    ItemStatus,
)
from efoy.domain.errors import Conflict, NotFound
from efoy.domain.role import Actor
from efoy.models.audit import record
from efoy.models.base import lock, lock_all, new_id, reading, transaction
from efoy.models.booking import Booking
from efoy.models.clinic import Doctor, TimeOff
from efoy.models.closing import DayClosing, DayClosingItem
from efoy.models.transition import begin, move
from efoy.services.closing_items import add_item
from efoy.services.closing_queue import let_stand_outside

TRIES = 5


class VisitsUndecided(Conflict):
    """Visits stand in the time and nobody said what becomes of them; ``refs`` names them."""

    def __init__(self, refs: Sequence[str]) -> None:
        super().__init__(" ".join(refs))
        self.refs = tuple(refs)


class AlreadyAway(Conflict):
    """The doctor is away for all of this time already."""


class _Overtaken(Exception):
    """A visit came in between looking and locking: look again."""


@dataclass(frozen=True, kw_only=True)
class ClosingWish:
    """A time to close: ``choices`` by the reference of each visit, ``reason`` as patients read it.

    ``time_off_id`` changes that time off instead of making a new one.
    """

    doctor_id: int
    starts_at: datetime
    ends_at: datetime
    reason: str
    source: ClosingSource
    choices: Mapping[str, Choice] = field(default_factory=dict)
    time_off_id: int | None = None
    form_token: str | None = None


def close_time(wish: ClosingWish, *, actor: Actor, now: datetime) -> str:
    """Close a time: from this commit on nothing in it is offered or can be held.

    Each confirmed visit in it becomes an item for the worker, with the choice made for it. The
    same ``form_token`` answers with the first closing. Returns the closing's id. Raises
    VisitsUndecided, AlreadyAway, NotFound (no such doctor or time off).
    """
    for _ in range(TRIES):
        try:
            with transaction("close_time") as session:
                return _of_form(session, wish.form_token) or _close(session, wish, actor, now)
        except _Overtaken:
            continue
        except IntegrityError:
            with reading() as connection:
                first = _of_form(connection, wish.form_token)
            if first is not None:
                return first
            raise
    raise Conflict("visits keep coming")


def _of_form(reader: Session | Connection, token: str | None) -> str | None:
    query = select(DayClosing.id).where(DayClosing.form_token == token)
    return reader.scalar(query) if token else None


def _close(session: Session, wish: ClosingWish, actor: Actor, now: datetime) -> str:
    locked = {row.id for row in lock_all(session, Booking, _ids_then(session, wish, now))}
    change_hours(session, wish.doctor_id)
    visits = [row for row in _then(session, wish, now) if not _is_decided(session, row, wish)]
    if any(row.id not in locked for row in visits):
        raise _Overtaken
    undecided = [row.ref for row in visits if row.ref not in wish.choices]
    if undecided:
        raise VisitsUndecided(undecided)
    off = _time_off(session, wish, actor, now)
    for older in closings_of(session, off):
        let_stand_outside(session, older, actor=actor, now=now)
    closing = _begin_closing(session, wish, off, actor, now)
    for row in visits:
        add_item(session, closing, row, wish.choices[row.ref], actor=actor, now=now)
    if not visits:
        move(session, closing, ClosingEvent.FINISH, actor=actor, now=now)
        closing.finished_at = now
    return closing.id


def change_hours(session: Session, doctor_id: int) -> None:
    """Lock the doctor, and let every hold under way look at their hours again."""
    lock(session, Doctor, doctor_id).hours_version += 1


def _ids_then(session: Session, wish: ClosingWish, now: datetime) -> list[str]:
    return [row.id for row in _then(session, wish, now)]


def _then(session: Session, wish: ClosingWish, now: datetime) -> list[Booking]:
    """The confirmed visits ahead that touch the time, earliest first, read afresh."""
    query = (
        select(Booking)
        .where(
            Booking.doctor_id == wish.doctor_id,
            Booking.status == BookingStatus.CONFIRMED,
            Booking.starts_at > now,
            Booking.starts_at < wish.ends_at,
            Booking.ends_at > wish.starts_at,
        )
        .order_by(Booking.starts_at, Booking.id)
        .execution_options(populate_existing=True)
    )
    return list(session.scalars(query))


def _is_decided(session: Session, booking: Booking, wish: ClosingWish) -> bool:
    """Whether somebody is at it already, or said for this very time off that the visit is kept."""
    of_this = select(DayClosing.id).where(
        DayClosing.time_off_id.is_not(None), DayClosing.time_off_id == wish.time_off_id
    )
    kept_here = and_(
        DayClosingItem.status == ItemStatus.KEPT, DayClosingItem.closing_id.in_(of_this)
    )
    query = select(DayClosingItem.id).where(
        DayClosingItem.booking_id == booking.id,
        DayClosingItem.visit_at == booking.starts_at,
        or_(DayClosingItem.status.in_(list(OPEN)), kept_here),
    )
    return session.scalar(query.limit(1)) is not None


def _time_off(session: Session, wish: ClosingWish, actor: Actor, now: datetime) -> TimeOff:
    """The row that takes the time out of what is offered, made or changed."""
    if wish.time_off_id is None:
        if _covered(session, wish):
            raise AlreadyAway(str(wish.doctor_id))
        off = TimeOff(doctor_id=wish.doctor_id)
        session.add(off)
    else:
        off = lock(session, TimeOff, wish.time_off_id)
        if off.doctor_id != wish.doctor_id:
            raise NotFound(str(wish.time_off_id))
    off.starts_at, off.ends_at, off.reason = wish.starts_at, wish.ends_at, wish.reason
    session.flush()
    event = "begin" if wish.time_off_id is None else "change"
    note_time_off(session, off, event, actor=actor, now=now)
    return off


def _covered(session: Session, wish: ClosingWish) -> bool:
    query = select(TimeOff.id).where(
        TimeOff.doctor_id == wish.doctor_id,
        TimeOff.starts_at <= wish.starts_at,
        TimeOff.ends_at >= wish.ends_at,
    )
    return session.scalar(query.limit(1)) is not None


def note_time_off(
    session: Session, off: TimeOff, event: str, *, actor: Actor, now: datetime
) -> None:
    """One audit entry about a doctor's time off."""
    times = {"from": off.starts_at.isoformat(), "to": off.ends_at.isoformat()}
    facts = {"doctor": off.doctor_id, **times}
    record(
        session,
        "time_off",
        str(off.id),
        event,
        before=None,
        after=None,
        actor=actor,
        now=now,
        facts=facts,
    )


def _begin_closing(
    session: Session, wish: ClosingWish, off: TimeOff, actor: Actor, now: datetime
) -> DayClosing:
    closing = DayClosing(
        id=new_id(),
        doctor_id=wish.doctor_id,
        time_off_id=off.id,
        source=wish.source,
        starts_at=wish.starts_at,
        ends_at=wish.ends_at,
        reason=wish.reason,
        status=ClosingStatus.RUNNING,
        actor_id=actor.user_id,
        actor_role=actor.role,
        form_token=wish.form_token,
        created_at=now,
    )
    begin(session, closing, actor=actor, now=now)
    session.flush()
    return closing


def closings_of(session: Session, off: TimeOff) -> list[DayClosing]:
    """Every closing of a time off, locked."""
    query = select(DayClosing.id).where(DayClosing.time_off_id == off.id)
    return lock_all(session, DayClosing, list(session.scalars(query)))
