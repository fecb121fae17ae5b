"""What was decided for each visit of a closed time, and may it still be decided otherwise?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from efoy.domain.closing import (
    OPEN,
    Choice,
    ClosingEvent,
    ClosingSource,
    ClosingStatus,
    ItemEvent,
    ItemStatus,
    progress,
)
from efoy.domain.role import Actor
from efoy.models.base import lock, lock_all, new_id, posted, transaction
from efoy.models.booking import Booking
from efoy.models.closing import DayClosing, DayClosingItem
from efoy.models.transition import begin, may_move, move


def add_item(
    session: Session,
    closing: DayClosing,
    booking: Booking,
    choice: Choice,
    *,
    actor: Actor,
    now: datetime,
) -> DayClosingItem:
    """One visit of a closing, for the worker; what another closing knew of it is ended first."""
    _end_stale(session, booking, actor, now)
    item = DayClosingItem(
        id=new_id(),
        closing_id=closing.id,
        booking_id=booking.id,
        visit_at=booking.starts_at,
        choice=choice,
        status=ItemStatus.WAITING,
        offers=0,
        problem="",
        actor_id=actor.user_id,
        actor_role=actor.role,
        created_at=now,
        changed_at=now,
    )
    begin(session, item, actor=actor, now=now, facts={"booking": booking.id, "choice": choice})
    session.flush()
    posted(session, "closing", item.id)
    return item


def _end_stale(session: Session, booking: Booking, actor: Actor, now: datetime) -> None:
    query = select(DayClosingItem).where(
        DayClosingItem.booking_id == booking.id,
        DayClosingItem.status.in_(list(OPEN)),
        DayClosingItem.visit_at != booking.starts_at,
    )
    for item in session.scalars(query.with_for_update()):
        move(session, item, ItemEvent.MOVE, actor=actor, now=now)
        item.changed_at = now
    session.flush()


def decide(item_id: str, choice: Choice, *, actor: Actor, now: datetime) -> None:
    """Somebody says what becomes of a visit that waits for a decision; the worker carries it out.

    The same word again changes nothing. Raises NotFound, IllegalTransition where it is over.
    """
    with transaction("decide_item") as session:
        closing, item = lock_item(session, item_id)
        if item.status is ItemStatus.WAITING and item.choice is choice:
            return
        _decide(session, item, choice, actor, now)
        tidy(session, closing, actor=actor, now=now)


def retry_failed(closing_id: str, *, actor: Actor, now: datetime) -> int:
    """Try again what failed, with the same choice; returns how many. Raises NotFound."""
    with transaction("decide_item") as session:
        closing = lock(session, DayClosing, closing_id)
        failed = [row for row in items_of(session, closing) if row.status is ItemStatus.FAILED]
        for item in failed:
            _decide(session, item, item.choice, actor, now)
        tidy(session, closing, actor=actor, now=now)
        return len(failed)


def lock_item(session: Session, item_id: str) -> tuple[DayClosing, DayClosingItem]:
    """An item with its closing, both locked: the closing first. Raises NotFound."""
    key = session.scalar(select(DayClosingItem.closing_id).where(DayClosingItem.id == item_id))
    closing = lock(session, DayClosing, key)
    return closing, lock(session, DayClosingItem, item_id)


def _decide(
    session: Session, item: DayClosingItem, choice: Choice, actor: Actor, now: datetime
) -> None:
    step(session, item, ItemEvent.DECIDE, actor=actor, now=now, choice=str(choice))
    item.choice, item.problem = choice, ""
    item.actor_id, item.actor_role = actor.user_id, actor.role
    posted(session, "closing", item.id)


def step(
    session: Session,
    item: DayClosingItem,
    event: ItemEvent,
    *,
    actor: Actor,
    now: datetime,
    **facts: str,
) -> None:
    """One step of an item; raises IllegalTransition where there is none."""
    told = {"booking": item.booking_id, **facts}
    move(session, item, event, actor=actor, now=now, facts=told)
    item.changed_at = now


def items_of(session: Session, closing: DayClosing) -> list[DayClosingItem]:
    """Every item of a locked closing, locked."""
    query = select(DayClosingItem.id).where(DayClosingItem.closing_id == closing.id)
    return lock_all(session, DayClosingItem, list(session.scalars(query)))


def tidy(session: Session, closing: DayClosing, *, actor: Actor, now: datetime) -> None:
    """Let the status of a locked closing follow its items."""
    session.flush()
    query = select(DayClosingItem.status).where(DayClosingItem.closing_id == closing.id)
    event = progress(session.scalars(query)) or ClosingEvent.RESUME
    if closing.status is ClosingStatus.FINISHED and event is ClosingEvent.ASK:
        move(session, closing, ClosingEvent.RESUME, actor=actor, now=now)
    if may_move(closing, event):
        move(session, closing, event, actor=actor, now=now)
        closing.finished_at = now if event is ClosingEvent.FINISH else None


def keep_visits(booking_ids: Sequence[str], *, actor: Actor, now: datetime) -> None:
    """Write down that booked visits stay although their doctor has no hours then.

    In a transaction of its own, after the hours were changed: should it not come to that, the
    regular check finds the visits and asks a person.
    """
    if not booking_ids:
        return
    with transaction("decide_item") as session:
        for booking in lock_all(session, Booking, booking_ids):
            if session.scalar(decided_about(booking)) is not None:
                continue
            closing = begin_clash(session, booking, None, actor=actor, now=now)
            item = add_item(session, closing, booking, Choice.KEEP, actor=actor, now=now)
            step(session, item, ItemEvent.KEEP, actor=actor, now=now)
            tidy(session, closing, actor=actor, now=now)


def decided_about(booking: Booking) -> Select[str]:
    """The item that says, or waits for, what becomes of the visit at the time it stands at."""
    return select(DayClosingItem.id).where(
        DayClosingItem.booking_id == booking.id,
        DayClosingItem.visit_at == booking.starts_at,
        DayClosingItem.status.in_([*OPEN, ItemStatus.KEPT]),
    )


def begin_clash(
    session: Session, booking: Booking, off_id: int | None, *, actor: Actor, now: datetime
) -> DayClosing:
    """A closing for one visit alone, where its doctor turned out not to be there."""
    closing = DayClosing(
        id=new_id(),
        doctor_id=booking.doctor_id,
        time_off_id=off_id,
        source=ClosingSource.CLASH,
        starts_at=booking.starts_at,
        ends_at=booking.ends_at,
        reason="",
        status=ClosingStatus.RUNNING,
        actor_id=actor.user_id,
        actor_role=actor.role,
        created_at=now,
    )
    begin(session, closing, actor=actor, now=now)
    session.flush()
    return closing
