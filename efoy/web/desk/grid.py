"""Which visit stands in which hour of which column? Rows are hours of the wall clock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from efoy.queries.desk.day import DeskVisit, DoctorToday
from efoy.web.desk.glance import hour_words


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One line in an hour: a visit, or a free time that leads to a new booking."""

    at: datetime
    visit: DeskVisit | None
    doctor: str = ""
    service: str = ""


def grid(columns: Sequence[DoctorToday], *, zone: str) -> list[tuple[str, list[list[Cell]]]]:
    """(hour in words, the lines of each column) for every hour from the first to the last."""
    place = ZoneInfo(zone)
    lines = [_lines(column) for column in columns]
    hours = sorted({cell.at.astimezone(place).hour for column in lines for cell in column})
    if not hours:
        return []
    return [
        (
            hour_words(hour),
            [[c for c in column if c.at.astimezone(place).hour == hour] for column in lines],
        )
        for hour in range(hours[0], hours[-1] + 1)
    ]


def _lines(column: DoctorToday) -> list[Cell]:
    """Visits and free times, earliest first; what stands beside another comes after it."""
    visits = [Cell(at=visit.starts_at, visit=visit) for visit in column.visits]
    free = [
        Cell(at=at, visit=None, doctor=column.slug, service=column.service_slug)
        for at in column.free
    ]
    return sorted(visits + free, key=lambda cell: (cell.at, bool(cell.visit and cell.visit.beside)))
