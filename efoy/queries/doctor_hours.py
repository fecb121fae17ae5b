"""On which days does a doctor work?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, select

from efoy.domain import slot as slots
from efoy.models.clinic import ExtraHours, OpeningHours, TimeOff


def working_days(
    connection: Connection, doctor_id: int, first: date, zone: ZoneInfo
) -> frozenset[date]:
    """The days of a week with opening or extra hours that time off does not swallow whole."""
    openings = _openings(connection, doctor_id)
    extra = _spans(connection, ExtraHours, doctor_id)
    away = _spans(connection, TimeOff, doctor_id)
    return frozenset(
        day
        for day in slots.days(first, 7)
        if any(not _within(w, away) for w in slots.windows(openings, extra, day, zone))
    )


def _openings(connection: Connection, doctor_id: int) -> list[slots.Opening]:
    columns = (
        OpeningHours.weekday,
        OpeningHours.from_minute,
        OpeningHours.to_minute,
        OpeningHours.valid_from,
        OpeningHours.valid_to,
    )
    rows = connection.execute(select(*columns).where(OpeningHours.doctor_id == doctor_id))
    return [slots.Opening(**row) for row in rows.mappings()]


def _spans(
    connection: Connection, table: type[ExtraHours] | type[TimeOff], doctor_id: int
) -> list[slots.Span]:
    query = select(table.starts_at, table.ends_at).where(table.doctor_id == doctor_id)
    return [slots.Span(**row) for row in connection.execute(query).mappings()]


def _within(window: slots.Span, away: Sequence[slots.Span]) -> bool:
    return any(off.starts_at <= window.starts_at and window.ends_at <= off.ends_at for off in away)
