"""In which hours does a doctor work?"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, select

from efoy.domain import slot as slots
from efoy.models.clinic import ExtraHours, OpeningHours, TimeOff
from efoy.models.hours import EXTRA, HOURS, opening, span


def working_hours(
    connection: Connection, doctor_id: int, first: date, zone: ZoneInfo
) -> Mapping[date, frozenset[int]]:
    """For each day of a week, the hours (0 to 23) in which the doctor is there for some minutes."""
    openings = [
        opening(*row)
        for row in connection.execute(select(*HOURS).where(OpeningHours.doctor_id == doctor_id))
    ]
    beside = select(*EXTRA).where(ExtraHours.doctor_id == doctor_id)
    extra = [span(*row) for row in connection.execute(beside)]
    off = select(TimeOff.starts_at, TimeOff.ends_at).where(TimeOff.doctor_id == doctor_id)
    away = [span(*row) for row in connection.execute(off)]
    return {
        day: _hours(slots.windows(openings, extra, day, zone), away, zone)
        for day in slots.days(first, 7)
    }


def _hours(there: list[slots.Span], away: list[slots.Span], zone: ZoneInfo) -> frozenset[int]:
    cells = {cell for one in there for cell in slots.cells(one.starts_at, one.ends_at)}
    for off in away:
        if any(off.overlaps(one) for one in there):
            cells.difference_update(slots.cells(off.starts_at, off.ends_at))
    return frozenset(slots.cell_start(cell).astimezone(zone).hour for cell in cells)
