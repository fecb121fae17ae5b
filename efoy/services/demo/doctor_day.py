"""What is going on at the demo's doctor right now? Seen, missed, here, waiting, still to come."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select

from efoy.domain.booking import BookingEvent
from efoy.domain.errors import InvalidValue
from efoy.domain.role import Actor, Door, Role
from efoy.models.base import reading
from efoy.models.clinic import Doctor
from efoy.services.demo import place
from efoy.services.demo.stories import MINUTE, confirmed
from efoy.services.demo.teller import Cast, Teller, Visit
from efoy.services.hours import add_extra_hours

STEP = timedelta(minutes=20)
BEFORE, AFTER = 5, 4
"""Visits of twenty minutes before this moment and after it."""
BOOKED_AHEAD = timedelta(days=12)
SERVICE = "see-the-doctor"
Told = Iterator[datetime]
PLANS: tuple[tuple[int, BookingEvent | None, int], ...] = (
    (-4, BookingEvent.ATTEND, 8),
    (-3, BookingEvent.MISS, 0),
    (-2, BookingEvent.ATTEND, 3),
    (0, None, 6),
    (1, None, 28),
    (3, None, 0),
)
"""Twenty minutes from now, how it ended (None: it did not), and minutes too early (0: never)."""


def begun(now: datetime) -> datetime:
    """When the visit of this moment begins."""
    return now.replace(minute=now.minute // 20 * 20, second=0, microsecond=0)


def be_there(cast: Cast, now: datetime) -> Told:
    """The doctor is there around this moment, whatever day it is, and on one Saturday more."""
    asked = begun(now) - BOOKED_AHEAD - MINUTE
    yield asked
    zone, doctor_id = ZoneInfo(place.ZONE), _doctor_id(cast)
    actor = Actor(user_id=cast.doctor, role=Role.DOCTOR, door=Door.WEB)
    today = now.astimezone(zone).date()
    saturday = today + timedelta(days=(5 - today.weekday()) % 7 + 7)
    extra = datetime.combine(saturday, time(14), zone)
    around = (begun(now) - BEFORE * STEP, begun(now) + AFTER * STEP)
    for span, where in ((around, ""), ((extra, extra + timedelta(hours=3)), place.LAKESIDE)):
        add_extra_hours(doctor_id, [span], place=where, actor=actor, now=asked)


def _doctor_id(cast: Cast) -> int:
    with reading() as connection:
        found = connection.scalar(select(Doctor.id).where(Doctor.user_id == cast.doctor))
    if found is None:
        raise InvalidValue("doctor", "nobody can sign in as one")
    return found


def people() -> Sequence[tuple[str, str, str]]:
    """Who has a visit around this moment: name, address, telephone."""
    return place.PATIENTS[: -len(PLANS) - 1 : -1]


def stories(now: datetime, tell: Callable[[Visit], Teller]) -> Iterator[Told]:
    """One visit after the other, from an hour and a half ago on."""
    for number, (steps, event, early) in enumerate(PLANS):
        name, email, phone = people()[number]
        visit = Visit(
            doctor="hana-tesfaye",
            service=SERVICE,
            starts_at=begun(now) + steps * STEP,
            minutes=20,
            price=4500,
            name=name,
            email=email,
            phone=phone,
        )
        yield _visit(tell(visit), begun(now) - BOOKED_AHEAD + number * MINUTE, event, early)


def _visit(teller: Teller, start: datetime, event: BookingEvent | None, early: int) -> Told:
    """Booked long ago; came some minutes early, or not at all; seen, or not yet."""
    yield from confirmed(teller, start)
    if not teller.payment_id:
        return
    if early:
        here = teller.visit.starts_at - early * MINUTE
        yield here
        teller.arrive(here)
    if event is None:
        return
    over = teller.visit.starts_at + 18 * MINUTE
    yield over
    teller.mark(event, over)
    if event is BookingEvent.ATTEND:
        teller.note("Cough is gone; sleeps well.", over)
        teller.note("Cough is gone; sleeps well. Vaccination in spring.", over + MINUTE, after=1)
