"""Who waits for a time in the demo, to whom was one offered, and which child has a visit?"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, cast

from efoy.domain.errors import Conflict
from efoy.domain.role import Actor, Door, Role, system
from efoy.domain.visitor import BookedFor, VisitorWish
from efoy.domain.waiting import DayPart
from efoy.models.base import reading
from efoy.services.booking import HoldRequest, hold_slot
from efoy.services.demo.pretend import PretendStripe
from efoy.services.demo.teller import Cast, Teller, Visit
from efoy.services.free_times import bookable_days, free_times
from efoy.services.giving_up import expire_hold
from efoy.services.offer import find_offer
from efoy.services.opening import offer_openings
from efoy.services.waiting import JoinRequest, join_line, leave_line

if TYPE_CHECKING:
    from efoy.gateways.stripe_gateway import StripeGateway

DOCTOR, SERVICE = "hana-tesfaye", "see-the-doctor"
NAME, EMAIL, PHONE = "Almaz Bekele", "almaz@example.org", "(240) 555-0117"
LIYA = VisitorWish(kind=BookedFor.CHILD, name="Liya Bekele", born_on=date(2019, 5, 3))
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


def wait_in_line(people: Cast, pretend: PretendStripe, *, now: datetime) -> None:
    """A child's visit, some people in line, one who left, and a time that opened a moment ago."""
    almaz = Actor(user_id=people.patient, role=Role.PATIENT, door=Door.WEB)
    _childs_visit(people, pretend, almaz, now - DAY)
    held = _taken_time(now - 60 * MINUTE)
    for number, name in enumerate(("Kidist Alemu", "Jonas Weber", "Miriam Cohen")):
        entry = _join(name, now - (50 - number) * MINUTE)
        if name == "Miriam Cohen":
            stripe = cast("StripeGateway", pretend)
            leave_line(entry, stripe=stripe, actor=system(Door.WEB), now=now - 30 * MINUTE)
    wish = JoinRequest(
        doctor=DOCTOR,
        service=SERVICE,
        viewer_id=people.patient,
        name=NAME,
        email=EMAIL,
        phone=PHONE,
    )
    join_line(wish, actor=almaz, now=now - 55 * MINUTE)
    if held is not None:
        then = now - 3 * MINUTE
        stripe = cast("StripeGateway", pretend)
        expire_hold(held, stripe=stripe, actor=system(Door.SWEEP), now=then)
        offer_openings(actor=system(Door.SWEEP), now=then)


def _join(name: str, now: datetime) -> str:
    """A guest who can come in the afternoon, known by a browser of their own."""
    address = name.lower().replace(" ", ".") + "@example.org"
    wish = JoinRequest(
        doctor=DOCTOR,
        service=SERVICE,
        part=DayPart.AFTERNOON,
        name=name,
        email=address,
        phone="(240) 555-0190",
        browser_hash=f"demo:{address}",
    )
    return join_line(wish, actor=system(Door.WEB), now=now)


def _free(now: datetime) -> list[datetime]:
    """Free times from the day after tomorrow on."""
    with reading() as connection:
        offer = find_offer(connection, DOCTOR, SERVICE, now=now)
        return free_times(connection, offer, bookable_days(offer, now)[2:], now)


def _taken_time(now: datetime) -> str | None:
    """Somebody holds a time, and will not pay for it."""
    for at in _free(now)[:5]:
        wish = HoldRequest(
            doctor=DOCTOR,
            service=SERVICE,
            starts_at=at,
            name="Daniel Kebede",
            email="daniel.kebede@example.org",
            phone="(240) 555-0191",
            browser_hash="demo:daniel",
        )
        try:
            return hold_slot(wish, actor=system(Door.WEB), now=now).id
        except Conflict:
            continue
    return None


def _childs_visit(people: Cast, pretend: PretendStripe, almaz: Actor, now: datetime) -> None:
    """Almaz books for her daughter and pays."""
    for at in _free(now)[5:10]:
        wish = HoldRequest(
            doctor=DOCTOR,
            service=SERVICE,
            starts_at=at,
            viewer_id=people.patient,
            visitor=LIYA,
            name=NAME,
            email=EMAIL,
            phone=PHONE,
        )
        try:
            held = hold_slot(wish, actor=almaz, now=now)
        except Conflict:
            continue
        visit = Visit(
            doctor=DOCTOR,
            service=SERVICE,
            starts_at=at,
            minutes=20,
            price=4500,
            user_id=people.patient,
            name=NAME,
            email=EMAIL,
            phone=PHONE,
        )
        teller = Teller(visit, people, pretend)
        teller.booking_id = held.id
        teller.open(now + MINUTE)
        teller.pay(now + 2 * MINUTE)
        return
