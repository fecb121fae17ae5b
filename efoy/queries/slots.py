"""Which times of a doctor are free? Read afresh each time, computed once a calendar."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    Select,
    String,
    bindparam,
    cast,
    func,
    literal_column,
    select,
    union_all,
)

from efoy.domain import slot
from efoy.models.base import reading
from efoy.models.booking import SlotClaim
from efoy.models.clinic import ExtraHours, OpeningHours, TimeOff
from efoy.models.edition import EMPTY, Shelf, shelf
from efoy.models.hours import HOURS, opening, span
from efoy.models.types import UtcDateTime
from efoy.queries.offers import one_doctor

OVER_MIDNIGHT = timedelta(hours=12)
"""How far past the last day a window, a visit or its buffer may reach."""
Hours = tuple[Any, ...]
"""The columns of ``efoy.models.hours.HOURS``."""
Times = tuple[Any, ...]
"""From, to, place, service ids; the last two only for extra hours."""


@dataclass(frozen=True)
class Calendar:
    """All that decides which times of one doctor are free from ``first`` on for ``count`` days.

    The values are as read (``taken``: cells, comma separated), so that equal calendars are equal
    keys: what is free is computed once for each and can never be stale.
    """

    zone: str
    first: date
    count: int
    hours: tuple[Hours, ...]
    extra: tuple[Times, ...]
    away: tuple[Times, ...]
    taken: str

    @property
    def has_own_services(self) -> bool:
        """Whether some hours are kept for some services only."""
        own = (*(row[8:] for row in self.hours), *(row[3:] for row in self.extra))
        return any(services for (services,) in filter(None, own))


@dataclass(frozen=True, kw_only=True)
class FreeDay:
    """One day: its free times (instants, earliest first), and whether the doctor is there."""

    on: date
    open: bool
    times: tuple[datetime, ...]


_IDS: BindParameter[Any] = bindparam("doctors", expanding=True)
_START, _END = bindparam("start", type_=UtcDateTime), bindparam("end", type_=UtcDateTime)
_HOURS = (
    select(OpeningHours.doctor_id, *HOURS)
    .where(OpeningHours.doctor_id.in_(_IDS))
    .order_by(OpeningHours.id)
)


def _spans(table: type[ExtraHours] | type[TimeOff], kind: str) -> Select[*tuple[Any, ...]]:
    """When a doctor is there besides, or away, in the time looked at."""
    which: ColumnElement[str] = literal_column(f"'{kind}'")
    empty: ColumnElement[str] = literal_column("''")
    where = (table.place, table.service_ids) if table is ExtraHours else (empty, empty)
    mine = select(which, table.doctor_id, table.starts_at, table.ends_at, *where)
    return mine.where(table.doctor_id.in_(_IDS), table.starts_at < _END, table.ends_at > _START)


_SPANS = union_all(_spans(ExtraHours, "extra"), _spans(TimeOff, "away"))
_TAKEN = (
    # one text a doctor: joining hundreds of cells is the database's work, not ours
    select(SlotClaim.doctor_id, func.aggregate_strings(cast(SlotClaim.cell_at, String), ","))
    .where(
        SlotClaim.doctor_id.in_(_IDS),
        SlotClaim.cell_at >= bindparam("first_cell"),
        SlotClaim.cell_at < bindparam("end_cell"),
    )
    .group_by(SlotClaim.doctor_id)
)


def read_calendars(
    connection: Connection,
    doctor_ids: Sequence[int],
    zone: str,
    first: date,
    count: int,
    *,
    kept: Shelf = EMPTY,
) -> dict[int, Calendar]:
    """The calendars of several doctors, in three reads however many they are, or in one."""
    start = datetime.combine(first, time(0), ZoneInfo(zone)).astimezone(UTC)
    end = start + timedelta(days=count) + OVER_MIDNIGHT
    ids = list(doctor_ids)
    span = {"doctors": ids, "start": start, "end": end}
    cells = {"doctors": ids, "first_cell": slot.cell_of(start), "end_cell": slot.cell_of(end)}
    hours, spans = kept.get(
        ("hours", tuple(ids), zone, first, count), lambda: _read_hours(connection, ids, span)
    )
    taken = {row[0]: row[1] for row in connection.execute(_TAKEN, cells)}
    return {
        each: Calendar(
            zone=zone,
            first=first,
            count=count,
            hours=hours.get(each, ()),
            extra=spans.get(("extra", each), ()),
            away=spans.get(("away", each), ()),
            taken=taken.get(each, ""),
        )
        for each in ids
    }


_Rows = dict[int, tuple[Hours, ...]]
_Spans = dict[tuple[str, int], tuple[Times, ...]]


def _read_hours(
    connection: Connection, ids: list[int], span: dict[str, Any]
) -> tuple[_Rows, _Spans]:
    """Weekly hours, extra hours and time off of these doctors."""
    hours: dict[int, list[Hours]] = {}
    for row in connection.execute(_HOURS, {"doctors": ids}):
        hours.setdefault(row[0], []).append(tuple(row[1:]))
    spans: dict[tuple[str, int], list[Times]] = {}
    for kind, doctor_id, *times in connection.execute(_SPANS, span):
        spans.setdefault((kind, doctor_id), []).append(tuple(times))
    return (
        {each: tuple(rows) for each, rows in hours.items()},
        {each: tuple(sorted(some)) for each, some in spans.items()},
    )


def free_days(calendar: Calendar, visit: slot.Visit, *, now: datetime) -> list[FreeDay]:
    """Every day of the calendar with the times that may be booked now.

    Notice and horizon are applied here, to what was computed (or kept) without them.
    """
    earliest = now + timedelta(minutes=visit.notice_minutes)
    zone = ZoneInfo(calendar.zone)
    last = slot.horizon_end(visit, zone, now)
    days = []
    service = visit.service if calendar.has_own_services else None
    for day in _without_notice(calendar, visit.minutes, visit.buffer_minutes, service):
        times = day.times
        if day.on > last:
            times = ()
        elif times and (times[0] < earliest or times[0] <= now):
            times = tuple(at for at in times if at >= earliest and at > now)
        inside = now.astimezone(zone).date() <= day.on <= last
        days.append(FreeDay(on=day.on, open=day.open and inside, times=times))
    return days


@lru_cache(maxsize=1024)
def _without_notice(
    calendar: Calendar, minutes: int, buffer_minutes: int, service: int | None
) -> tuple[FreeDay, ...]:
    zone = ZoneInfo(calendar.zone)
    visit = slot.Visit(minutes=minutes, buffer_minutes=buffer_minutes)
    openings = [opening(*row) for row in calendar.hours]
    extra = [span(*row) for row in calendar.extra]
    away = [span(*row) for row in calendar.away]
    taken = {int(cell) for cell in calendar.taken.split(",") if cell}
    days = []
    for on in slot.days(calendar.first, calendar.count):
        spans = slot.windows(openings, extra, on, zone, service)
        free = slot.day_slots(
            spans, visit, zone=zone, taken=taken, away=away, now=datetime.min.replace(tzinfo=UTC)
        )
        times = tuple(each.starts_at for each in free)
        days.append(FreeDay(on=on, open=bool(spans), times=times))
    return tuple(days)


def free_times(
    doctor: str, service: str, *, first: date, count: int, now: datetime
) -> list[FreeDay]:
    """The free times of one doctor for one service, ``count`` days from ``first`` on.

    Raises NotFound where the doctor does not offer the service.
    """
    with reading() as connection:
        kept = shelf(connection, now)
        offer = one_doctor(connection, doctor, now=now, kept=kept)
        visit = offer.service(service).visit
        ids = [offer.id]
        calendar = read_calendars(connection, ids, offer.zone, first, count, kept=kept)[offer.id]
    return free_days(calendar, visit, now=now)


def place_at(calendar: Calendar, visit: slot.Visit, at: datetime) -> str:
    """Where the doctor is at a time they offer; empty for the usual place."""
    rows = (*(row[7:8] for row in calendar.hours), *(row[2:3] for row in calendar.extra))
    if not any(place for row in rows for place in row):
        return ""
    zone = ZoneInfo(calendar.zone)
    there = slot.windows(
        [opening(*row) for row in calendar.hours],
        [span(*row) for row in calendar.extra],
        at.astimezone(zone).date(),
        zone,
        visit.service,
    )
    ends_at = at + timedelta(minutes=visit.minutes)
    inside = (one for one in there if one.starts_at <= at and ends_at <= one.ends_at)
    return next((one.place for one in inside), "")
