"""Which visit stands in the queue because its doctor is not there, and when is that over?"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, exists, select, update
from sqlalchemy.orm import Session

from efoy.domain.closing import OPEN, ClosingEvent, ItemEvent, ItemStatus
from efoy.domain.role import Actor
from efoy.models.booking import Booking
from efoy.models.clinic import TimeOff
from efoy.models.closing import DayClosing, DayClosingItem
from efoy.models.outbox import post
from efoy.models.transition import may_move, move
from efoy.models.upkeep import Alert, close_alert, raise_alert
from efoy.services.closing_items import items_of, step, tidy

CLASH = "clash_of_hours"
"""The kind of alert that stands while a confirmed visit lies in a closed time; about a booking."""


def clash_stands(session: Session, item: DayClosingItem, *, mail: bool, now: datetime) -> None:
    """Keep the visit in a person's queue, as what it now waits for; ``mail``: tell the clinic."""
    raise_alert(session, CLASH, item.booking_id, str(item.status), now=now, mail=mail)
    session.execute(
        update(Alert)
        .where(Alert.kind == CLASH, Alert.subject_ref == item.booking_id)
        .where(Alert.closed_at.is_(None))
        .values(detail=str(item.status))
    )


def clash_is_over(session: Session, item: DayClosingItem, *, now: datetime) -> None:
    """Take it out of the queue."""
    close_alert(session, CLASH, item.booking_id, now=now)


def let_stand(
    session: Session,
    item: DayClosingItem,
    event: ItemEvent = ItemEvent.STAND,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """The visit takes place as booked after all; who was asked to move is told."""
    asked = item.status is ItemStatus.OFFERED
    step(session, item, event, actor=actor, now=now)
    clash_is_over(session, item, now=now)
    if asked:
        booking = session.get_one(Booking, item.booking_id)
        about = f"{item.id}:{item.offers}"
        to, locale = booking.visitor_email, booking.locale
        post(session, "visit_stands", about, to, now=now, locale=locale)


def let_stand_outside(
    session: Session, closing: DayClosing, *, actor: Actor, now: datetime
) -> None:
    """Let every undecided visit of a locked closing stand that lies in no time off any more."""
    for item in items_of(session, closing):
        if item.status in OPEN and not still_away(session, item.booking_id):
            let_stand(session, item, actor=actor, now=now)
    tidy(session, closing, actor=actor, now=now)


def still_away(reader: Session | Connection, booking_id: str) -> bool:
    """Whether any time off covers a part of the visit."""
    query = exists().where(
        Booking.id == booking_id,
        TimeOff.doctor_id == Booking.doctor_id,
        TimeOff.starts_at < Booking.ends_at,
        TimeOff.ends_at > Booking.starts_at,
    )
    return bool(reader.scalar(select(query)))


def reopen_closing(session: Session, closing: DayClosing, *, actor: Actor, now: datetime) -> None:
    """The time is open again; visits that another time off covers wait on."""
    let_stand_outside(session, closing, actor=actor, now=now)
    left = any(item.status in OPEN for item in items_of(session, closing))
    if not left and may_move(closing, ClosingEvent.REOPEN):
        move(session, closing, ClosingEvent.REOPEN, actor=actor, now=now)
