"""Which booked visits lie where the doctor is not? Found by themselves, and gone by themselves.

A hold that is paid after its time was closed, hours that were changed past a visit: each becomes
an item for a person. Items whose visit was moved, cancelled or is in open hours again end here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, exists, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from efoy.domain import slot as slots
from efoy.domain.booking import BookingStatus
from efoy.domain.closing import (
    OPEN,
    UNDECIDED,
    Choice,
    ClosingStatus,
    ItemEvent,
    ItemStatus,
)
from efoy.domain.role import Actor
from efoy.models.base import lock, reading, transaction
from efoy.models.booking import Booking
from efoy.models.clinic import TimeOff
from efoy.models.closing import DayClosing, DayClosingItem
from efoy.services.closing_items import add_item, begin_clash, step, tidy
from efoy.services.closing_queue import clash_is_over, clash_stands, let_stand, still_away
from efoy.services.closing_work import Case, ended, locked
from efoy.services.offer import extra, openings

Found = tuple[str, int | None]
_DECIDED = exists().where(
    DayClosingItem.booking_id == Booking.id,
    DayClosingItem.visit_at == Booking.starts_at,
    DayClosingItem.status.in_([*OPEN, ItemStatus.KEPT]),
)


def follow_clashes(*, actor: Actor, now: datetime) -> int:
    """End what ended, hand over what nobody answered, take up visits in time off."""
    done = sum(_follow(item_id, actor, now) for item_id in _undecided())
    return done + sum(_take_up(*found, actor, now) for found in _in_time_off(now))


def find_outside_hours(*, actor: Actor, now: datetime) -> int:
    """Take up visits ahead that lie in no opening or extra hours of their doctor."""
    return sum(_take_up(key, None, actor, now) for key in _outside_hours(now))


# -- items that wait for people --------------------------------------------------------------


def _undecided() -> list[str]:
    query = select(DayClosingItem.id).where(DayClosingItem.status.in_(list(UNDECIDED)))
    with reading() as connection:
        return list(connection.scalars(query.order_by(DayClosingItem.visit_at)))


def _follow(item_id: str, actor: Actor, now: datetime) -> bool:
    """Whether anything was new about one item."""
    with reading() as connection:
        if not _has_news(connection, item_id, now):
            return False
    with transaction("closing_item") as session:
        case = locked(session, item_id, now)
        if case.item.status in UNDECIDED:
            _take_note(session, case, actor)
            tidy(session, case.closing, actor=actor, now=now)
    return True


def _has_news(connection: Connection, item_id: str, now: datetime) -> bool:
    """A cheap look before anything is locked."""
    item, visit = DayClosingItem, Booking
    query = select(
        item.status.label("how_far"), item.answer_by, item.visit_at, visit.status, visit.starts_at
    ).add_columns(visit.id)
    row = connection.execute(
        query.join(visit, visit.id == item.booking_id).where(item.id == item_id)
    ).one()
    stands = row.status is BookingStatus.CONFIRMED and row.starts_at == row.visit_at
    if not stands or row.starts_at <= now:
        return True
    if row.how_far is ItemStatus.OFFERED and row.answer_by <= now:
        return True
    return not _clashes(connection, row.id)


def _take_note(session: Session, case: Case, actor: Actor) -> None:
    item, now = case.item, case.now
    ending = ended(case.booking, item, now)
    if ending is not None:
        step(session, item, ending, actor=actor, now=now)
        clash_is_over(session, item, now=now)
    elif not _clashes(session, case.booking.id):
        let_stand(session, item, actor=actor, now=now)
    elif item.status is ItemStatus.OFFERED and item.answer_by and item.answer_by <= now:
        step(session, item, ItemEvent.HAND, actor=actor, now=now, why="no answer")
        clash_is_over(session, item, now=now)  # so that the clinic is told: it is its turn now
        clash_stands(session, item, mail=True, now=now)


# -- visits nobody decided about -------------------------------------------------------------


def _in_time_off(now: datetime) -> list[Found]:
    """Confirmed visits ahead in somebody's time off, each with one time off that covers it."""
    query = (
        select(Booking.id, TimeOff.id.label("off"))
        .join(TimeOff, TimeOff.doctor_id == Booking.doctor_id)
        .where(
            TimeOff.ends_at > now,
            TimeOff.starts_at < Booking.ends_at,
            TimeOff.ends_at > Booking.starts_at,
            Booking.starts_at > now,
            Booking.status == BookingStatus.CONFIRMED,
            ~_DECIDED,
        )
    )
    with reading() as connection:
        return list({row.id: (row.id, row.off) for row in connection.execute(query)}.values())


@dataclass(frozen=True)
class _Visit:
    """A visit as far as its hours matter."""

    id: str
    doctor_id: int
    zone: str
    starts_at: datetime
    ends_at: datetime


_VISIT = (Booking.id, Booking.doctor_id, Booking.zone, Booking.starts_at, Booking.ends_at)


def _outside_hours(now: datetime) -> Iterable[str]:
    query = select(*_VISIT).where(
        Booking.status == BookingStatus.CONFIRMED,
        Booking.starts_at > now,
        Booking.overbooked_reason == "",
        ~_DECIDED,
    )
    hours = _Hours()
    with reading() as connection:
        visits = [_Visit(*row) for row in connection.execute(query)]
        return [visit.id for visit in visits if not hours.open_for(connection, visit)]


class _Hours:
    """The hours of every doctor asked for, read once each."""

    def __init__(self) -> None:
        self._hours: dict[int, tuple[list[slots.Opening], list[slots.Span]]] = {}

    def open_for(self, reader: Session | Connection, visit: _Visit) -> bool:
        """Whether a visit lies in one window of its doctor, whichever services it is kept for."""
        doctor = visit.doctor_id
        if doctor not in self._hours:
            self._hours[doctor] = (openings(reader, doctor), extra(reader, doctor))
        weekly, besides = self._hours[doctor]
        zone = ZoneInfo(visit.zone)
        day = visit.starts_at.astimezone(zone).date()
        return any(
            window.starts_at <= visit.starts_at and visit.ends_at <= window.ends_at
            for window in slots.windows(weekly, besides, day, zone)
        )


def _clashes(reader: Session | Connection, booking_id: str) -> bool:
    """Whether the doctor is away for a part of the visit, or has no hours then."""
    if still_away(reader, booking_id):
        return True
    query = select(*_VISIT).where(Booking.id == booking_id, Booking.overbooked_reason == "")
    row = reader.execute(query).first()
    return row is not None and not _Hours().open_for(reader, _Visit(*row))


def _take_up(booking_id: str, off_id: int | None, actor: Actor, now: datetime) -> bool:
    """Make a visit somebody's to decide, unless somebody is at it by now."""
    try:
        with transaction("closing_item") as session:
            booking = lock(session, Booking, booking_id)
            left = session.scalar(select(Booking.id).where(Booking.id == booking_id, ~_DECIDED))
            if left is None or booking.status is not BookingStatus.CONFIRMED:
                return False
            closing = _closing_for(session, booking, off_id, actor, now)
            item = add_item(session, closing, booking, Choice.DESK, actor=actor, now=now)
            step(session, item, ItemEvent.HAND, actor=actor, now=now, why="found")
            clash_stands(session, item, mail=True, now=now)
            tidy(session, closing, actor=actor, now=now)
    except IntegrityError:
        return False
    return True


def _closing_for(
    session: Session, booking: Booking, off_id: int | None, actor: Actor, now: datetime
) -> DayClosing:
    """The closing that the time off came with, unless it has the visit already; else its own."""
    mine = exists().where(
        DayClosingItem.closing_id == DayClosing.id, DayClosingItem.booking_id == booking.id
    )
    query = select(DayClosing.id).where(
        DayClosing.time_off_id == off_id, DayClosing.status != ClosingStatus.REOPENED, ~mine
    )
    known = session.scalar(query.order_by(DayClosing.created_at.desc()).limit(1))
    if off_id is not None and known is not None:
        return lock(session, DayClosing, known)
    return begin_clash(session, booking, off_id, actor=actor, now=now)
