"""How is a day drawn in one row a doctor? Places in hundredths of the width, by the wall clock."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from efoy.domain.booking import BookingStatus
from efoy.queries.desk.day import DeskVisit, DoctorToday
from efoy.web.context import locale
from efoy.wording import clock as written

EARLIEST, LATEST = 8, 18


@dataclass(frozen=True, kw_only=True)
class Bar:
    """One bar: ``kind`` is done, here, come, held or free; ``x`` and ``width`` are percents."""

    kind: str
    x: str
    width: str


@dataclass(frozen=True, kw_only=True)
class Row:
    """One doctor's bars."""

    name: str
    bars: Sequence[Bar]


@dataclass(frozen=True, kw_only=True)
class Glance:
    """The drawing: hours along the top (instants), a row a doctor, the present (None outside)."""

    hours: Sequence[str]
    rows: Sequence[Row]
    now: str | None


def glance(doctors: Sequence[DoctorToday], *, zone: str, now: datetime) -> Glance:
    """The day from eight to six, wider where somebody works earlier or later."""
    place = ZoneInfo(zone)
    here = [doctor for doctor in doctors if doctor.here]
    moments = [_hour(at, place) for at in _moments(here)]
    first = min([EARLIEST, *(int(hour) for hour in moments)])
    last = max([LATEST, *(int(hour) + 1 for hour in moments)])
    scale = _Scale(first, last, place)
    present = _hour(now, place)
    return Glance(
        hours=[hour_words(hour) for hour in range(first, last + 1, 2)],
        rows=[Row(name=_short(doctor.name), bars=list(_bars(doctor, scale))) for doctor in here],
        now=scale.at(now) if first <= present <= last else None,
    )


def hour_words(hour: int) -> str:
    """A full hour of the wall clock, as times are written."""
    full = written(datetime(2000, 1, 3, hour % 24, tzinfo=UTC), "UTC", locale())
    return full.replace(":00", "") if full.endswith("m") else full  # 8 am, but 8:00 elsewhere


def _short(name: str) -> str:
    """``Dr Tesfaye``: the first word and the last, for the narrow column of names."""
    words = name.split()
    return f"{words[0]} {words[-1]}" if len(words) > 2 else name


def _moments(doctors: Sequence[DoctorToday]) -> Iterator[datetime]:
    for doctor in doctors:
        yield from (visit.starts_at for visit in doctor.visits)
        yield from doctor.free


def _hour(at: datetime, place: ZoneInfo) -> float:
    local = at.astimezone(place)
    return local.hour + local.minute / 60


class _Scale:
    """Where an instant of the day stands between the first hour and the last."""

    def __init__(self, first: int, last: int, place: ZoneInfo) -> None:
        self.first, self.span, self.place = first, last - first, place

    def at(self, moment: datetime) -> str:
        """From the left, in percent."""
        return _percent((_hour(moment, self.place) - self.first) / self.span * 100)

    def width(self, begin: datetime, end: datetime) -> str:
        """A little less than the time it takes, so that neighbours stay apart."""
        hours = (end - begin).total_seconds() / 3600
        return _percent(max(hours / self.span * 100 - 0.4, 0.6))


def _percent(number: float) -> str:
    return f"{number:.2f}%"


def _bars(doctor: DoctorToday, scale: _Scale) -> Iterator[Bar]:
    for at in doctor.free:
        end = at + timedelta(minutes=doctor.minutes)
        yield Bar(kind="free", x=scale.at(at), width=scale.width(at, end))
    for visit in doctor.visits:
        width = scale.width(visit.starts_at, visit.ends_at)
        yield Bar(kind=_kind(visit), x=scale.at(visit.starts_at), width=width)


def _kind(visit: DeskVisit) -> str:
    if visit.status in {BookingStatus.ATTENDED, BookingStatus.NO_SHOW}:
        return "done"
    if visit.status is BookingStatus.HELD:
        return "held"
    return "here" if visit.arrived else "come"
