"""When can this doctor be seen? One service, one week, one day of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from efoy.domain.slot import horizon_end
from efoy.models.base import reading
from efoy.models.edition import Shelf, shelf
from efoy.queries.offers import DoctorOffer, ServiceOffer, one_doctor
from efoy.queries.slots import Calendar, FreeDay, free_days, place_at, read_calendars

WEEK, FOUR_WEEKS = 7, 28
AFTERNOON, EVENING = 12, 17
"""Hours at which the parts of the day begin."""


@dataclass(frozen=True, kw_only=True)
class DayCount:
    """One day of a week: how many free times, and whether the doctor is there at all."""

    on: date
    free: int
    open: bool


@dataclass(frozen=True, kw_only=True)
class Week:
    """Monday to Sunday, with the Mondays one can go on to (None at the ends)."""

    starts_on: date
    ends_on: date
    previous: date | None
    next: date | None
    days: tuple[DayCount, ...]


@dataclass(frozen=True, kw_only=True)
class Part:
    """Morning, afternoon or evening, by the clinic's clock."""

    name: str
    times: tuple[datetime, ...]


@dataclass(frozen=True, kw_only=True)
class Elsewhere:
    """From the first to the last of some times, the doctor is at another place than usual."""

    place: str
    first: datetime
    last: datetime


@dataclass(frozen=True, kw_only=True)
class DoctorPage:
    """What a doctor's page shows. ``next_free`` only where the week is full; ``elsewhere`` says
    which times of the day are not at the usual place."""

    doctor: DoctorOffer
    service: ServiceOffer
    week: Week
    day: date | None
    parts: tuple[Part, ...]
    elsewhere: tuple[Elsewhere, ...]
    next_free: datetime | None


def doctor_page(
    doctor: str,
    service: str = "",
    *,
    week: date | None = None,
    day: date | None = None,
    now: datetime,
) -> DoctorPage:
    """The week that was asked for (any day of it, or ``day``), else the first with a free time.

    Weeks outside what may be booked become the nearest one inside. Raises NotFound.
    """
    with reading() as connection:
        kept = shelf(connection, now)
        found = one_doctor(connection, doctor, now=now, kept=kept)
        chosen = found.service(service) if service else found.services[0]
        zone = ZoneInfo(found.zone)
        today = now.astimezone(zone).date()
        last = horizon_end(chosen.visit, zone, now)
        asked = week or day
        monday = _monday(min(max(asked or today, today), last))
        looking = _Looking(connection, kept, found, chosen, last, now)
        days = looking.week(monday)
        if not any(each.times for each in days):
            next_free = looking.first_after(monday + timedelta(days=WEEK))
            if asked is None and next_free is not None:
                monday = _monday(next_free.astimezone(zone).date())
                days, next_free = looking.week(monday), None
        else:
            next_free = None
    shown = _day_shown(days, day)
    times = next((each.times for each in days if each.on == shown), ())
    return DoctorPage(
        doctor=found,
        service=chosen,
        week=_week(monday, days, today, last),
        day=shown,
        parts=_parts(times, zone),
        elsewhere=looking.elsewhere(times),
        next_free=next_free,
    )


@dataclass(frozen=True)
class _Looking:
    """Looks through the weeks of one doctor and service."""

    connection: Connection
    kept: Shelf
    doctor: DoctorOffer
    service: ServiceOffer
    last: date
    now: datetime
    newest: list[Calendar] = field(default_factory=list)

    def elsewhere(self, times: Sequence[datetime]) -> tuple[Elsewhere, ...]:
        """Where the times of the day shown are, if not at the usual place; from what was read."""
        found: list[tuple[str, list[datetime]]] = []
        for at in times:
            place = place_at(self.newest[-1], self.service.visit, at) or self.doctor.place
            if not found or found[-1][0] != place:
                found.append((place, []))
            found[-1][1].append(at)
        return tuple(
            Elsewhere(place=place, first=some[0], last=some[-1])
            for place, some in found
            if place != self.doctor.place
        )

    def week(self, monday: date) -> list[FreeDay]:
        """The seven days from ``monday`` on."""
        return self._days(monday, WEEK)

    def first_after(self, first: date) -> datetime | None:
        """The first free time from ``first`` on, four weeks a read."""
        while first <= self.last:
            for day in self._days(first, FOUR_WEEKS):
                if day.times:
                    return day.times[0]
            first += timedelta(days=FOUR_WEEKS)
        return None

    def _days(self, first: date, count: int) -> list[FreeDay]:
        doctor, where = self.doctor.id, self.doctor.zone
        read = read_calendars(self.connection, [doctor], where, first, count, kept=self.kept)
        self.newest[:] = [read[doctor]]
        return free_days(read[doctor], self.service.visit, now=self.now)


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _day_shown(days: Sequence[FreeDay], day: date | None) -> date | None:
    """The day that was asked for if it has times, else the first that has."""
    free = [each.on for each in days if each.times]
    return day if day in free else next(iter(free), None)


def _week(monday: date, days: Sequence[FreeDay], today: date, last: date) -> Week:
    before, after = monday - timedelta(days=WEEK), monday + timedelta(days=WEEK)
    return Week(
        starts_on=monday,
        ends_on=monday + timedelta(days=WEEK - 1),
        previous=before if before >= _monday(today) else None,
        next=after if after <= last else None,
        days=tuple(DayCount(on=each.on, free=len(each.times), open=each.open) for each in days),
    )


def _parts(times: Sequence[datetime], zone: ZoneInfo) -> tuple[Part, ...]:
    found: dict[str, list[datetime]] = {"morning": [], "afternoon": [], "evening": []}
    for when in times:
        hour = when.astimezone(zone).hour
        name = "morning" if hour < AFTERNOON else "afternoon" if hour < EVENING else "evening"
        found[name].append(when)
    return tuple(Part(name=name, times=tuple(some)) for name, some in found.items() if some)
