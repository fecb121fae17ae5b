"""What does the demo's front desk do? It books by hand, for free, by link, in a squeeze."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta

from sqlalchemy import select

from efoy.domain.errors import Conflict
from efoy.domain.role import Actor, Door, Role
from efoy.models.base import reading
from efoy.models.booking import Booking, SlotClaim
from efoy.models.clinic import Doctor
from efoy.services.booking import HoldRequest
from efoy.services.demo.teller import Teller, Visit
from efoy.services.desk_booking import Beside, DeskWish, Way, book_at_desk

Told = Iterator[datetime]
MINUTE = timedelta(minutes=1)


def stories(
    visits: Iterable[Visit], tell: Callable[[Visit], Teller], desk: str, now: datetime
) -> Iterator[Told]:
    """One of each: cash, terminal, free, a link that waits, and two people at once."""
    pool = iter(visits)
    for number, way in enumerate((Way.CASH, Way.TERMINAL, Way.FREE, Way.LINK)):
        yield _booked(pool, way, desk, now - timedelta(minutes=10 + 7 * number))
    yield _squeezed(pool, tell, desk, now - timedelta(hours=2))


def _booked(pool: Iterator[Visit], way: Way, desk: str, at: datetime) -> Told:
    """The first of the visits that can be had: by chance its patient may be elsewhere."""
    yield at
    any(_book(visit, way, desk, at) for visit in pool)


def _squeezed(
    pool: Iterator[Visit], tell: Callable[[Visit], Teller], desk: str, at: datetime
) -> Told:
    """Somebody books and pays; later the desk puts a child with fever beside them."""
    yield at
    for visit in pool:
        teller = tell(visit)
        if teller.hold(at):
            break
    teller.open(at + MINUTE)
    teller.pay(at + 2 * MINUTE)
    yield at + timedelta(hours=1)
    child = Visit(**(vars(visit) | {"name": "Bereket Tadesse", "email": "", "user_id": None}))
    _book(child, Way.CASH, desk, at + timedelta(hours=1), beside="fever since the night")


def _book(visit: Visit, way: Way, desk: str, at: datetime, *, beside: str = "") -> bool:
    wish = DeskWish(
        request=HoldRequest(
            doctor=visit.doctor,
            service=visit.service,
            starts_at=visit.starts_at,
            name=visit.name,
            email=visit.email,
            phone=visit.phone,
        ),
        way=way,
        pay_by=min(at + timedelta(hours=4), visit.starts_at) if way is Way.LINK else None,
        note="Slip 0412" if way is Way.TERMINAL else "",
        reason="Child of a colleague" if way is Way.FREE else "",
        beside=Beside(refs=_there(visit), reason=beside) if beside else None,
    )
    try:
        book_at_desk(wish, actor=Actor(user_id=desk, role=Role.DESK, door=Door.WEB), now=at)
    except Conflict:
        return False
    return True


def _there(visit: Visit) -> frozenset[str]:
    """Who has the time."""
    query = (
        select(Booking.ref)
        .join(SlotClaim, SlotClaim.booking_id == Booking.id)
        .join(Doctor, Doctor.id == Booking.doctor_id)
        .where(Doctor.slug == visit.doctor, Booking.starts_at == visit.starts_at)
    )
    with reading() as connection:
        return frozenset(connection.scalars(query))
