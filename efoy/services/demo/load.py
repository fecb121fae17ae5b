"""How is the demo clinic loaded? Place and people first, then every booking by its own story."""

from __future__ import annotations

import heapq
import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import count
from typing import TYPE_CHECKING

from argon2 import PasswordHasher
from sqlalchemy import select
from sqlalchemy.orm import Session

from efoy.domain.outbox import OutboxEvent, OutboxStatus
from efoy.domain.role import Door, Role, system
from efoy.models.base import reading, transaction
from efoy.models.clinic import Clinic
from efoy.models.outbox import OutboxMessage
from efoy.models.transition import move
from efoy.models.upkeep import Watermark, raise_alert
from efoy.services.audit import seal_audit
from efoy.services.demo import (
    desk_stories,
    doctor_day,
    move_stories,
    place,
    refund_stories,
    stories,
)
from efoy.services.demo.away_stories import close_times
from efoy.services.demo.house import set_up_house
from efoy.services.demo.pretend import PretendStripe
from efoy.services.demo.rows import add_doctors, add_place, add_user
from efoy.services.demo.teller import Cast, Teller, Visit
from efoy.services.demo.times import CARDS, Opportunity, dice, opportunities
from efoy.services.demo.waiting_stories import wait_in_line

if TYPE_CHECKING:
    from efoy.gateways.stripe_gateway import StripeGateway

MARK = "demo"
DEMO_PASSWORD = "efoy-demo-2026"  # noqa: S105  # shown to everyone who starts the demo
PAST_BOOKINGS, BOOKINGS_AHEAD = 64, 30
REFUND_LIMIT = 10_000
"""Cents; what is above it needs a second admin."""
ALMAZ_BOOKINGS = 9
Diary = dict[str, list[datetime]]
"""When each person (by address) has a visit."""


@dataclass(frozen=True, kw_only=True)
class Login:
    """One person to sign in as."""

    role: Role
    email: str
    name: str


DEMO_LOGINS = (
    Login(role=Role.PATIENT, email="almaz@example.org", name="Almaz Bekele"),
    Login(role=Role.DOCTOR, email="hana@example.org", name="Hana Tesfaye"),
    Login(role=Role.DESK, email="desk@example.org", name="Selam Abebe"),
    Login(role=Role.ADMIN, email="admin@example.org", name="Ruth Okello"),
    Login(role=Role.ADMIN, email="second@example.org", name="Kidist Alemu"),
)
"""Two admins: what is above the refund limit needs both."""
ALMAZ_PHONE = "(240) 555-0117"


class AnotherClinic(Exception):
    """The database holds a clinic that is not a finished demo; it is left alone."""


def seed_demo(*, stripe: StripeGateway, now: datetime) -> bool:
    """Load the demo clinic as of ``now``; False when it is there already.

    Raises AnotherClinic when the tables hold anything else. No mail is sent for the past.
    """
    if _there():
        return False
    cast = _people_and_place(now)
    pretend = PretendStripe(stripe)
    _tell(_told(cast, pretend, now), now)
    close_times(cast, pretend, now=now)
    wait_in_line(cast, pretend, now=now)
    set_up_house(cast.admin, PasswordHasher().hash(DEMO_PASSWORD), now=now)
    _close(now)
    while seal_audit(now=now):
        pass
    return True


def _there() -> bool:
    with reading() as connection:
        clinic = connection.scalar(select(Clinic.id))
        done = connection.scalar(select(Watermark.reached_at).where(Watermark.name == MARK))
    if clinic is not None and done is None:
        raise AnotherClinic
    return done is not None


def _people_and_place(now: datetime) -> Cast:
    hashes = [PasswordHasher().hash(DEMO_PASSWORD) for _ in DEMO_LOGINS]
    with transaction("seed") as session:
        add_place(session, now=now)
        ids: dict[Role, str] = {}
        for login, hashed in zip(DEMO_LOGINS, hashes, strict=True):
            key = add_user(session, login.name, login.email, login.role, hashed, now=now)
            ids.setdefault(login.role, key)
        add_doctors(session, {"hana-tesfaye": ids[Role.DOCTOR]}, now=now)
    return Cast(
        patient=ids[Role.PATIENT],
        doctor=ids[Role.DOCTOR],
        desk=ids[Role.DESK],
        admin=ids[Role.ADMIN],
    )


# -- who books what, and how it goes ---------------------------------------------------------


def _told(cast: Cast, pretend: PretendStripe, now: datetime) -> Iterator[Iterator[datetime]]:
    chance, diary = dice(), _today(now)
    chosen = list(opportunities(now, chance))
    past = [each for each in chosen if each.starts_at < now][:PAST_BOOKINGS]
    ahead = [each for each in chosen if each.starts_at > now + timedelta(days=1)]
    today = [each for each in chosen if now < each.starts_at <= now + timedelta(days=1)]
    chance.shuffle(past)
    yield doctor_day.be_there(cast, now)
    yield from doctor_day.stories(now, lambda visit: Teller(visit, cast, pretend))
    once = [*stories.EACH_ONCE, *refund_stories.EACH_ONCE]
    for number, opportunity in enumerate(past):
        visit = _visit(opportunity, number, cast, chance, diary)
        story = _past_story(number, opportunity, now, chance, once)
        yield story(Teller(visit, cast, pretend), _before(opportunity, now, chance))
    for number, opportunity in enumerate((ahead + today)[: BOOKINGS_AHEAD + len(today)]):
        visit = _visit(opportunity, number, cast, chance, diary)
        story = _story_ahead(number)
        yield story(Teller(visit, cast, pretend), _before(opportunity, now, chance))
    yield from _being_chosen(ahead[BOOKINGS_AHEAD:], cast, pretend, now, chance, diary)
    yield from move_stories.stories(
        [
            _visit(each, number, cast, chance, diary)
            for number, each in enumerate(ahead[BOOKINGS_AHEAD + 8 :])
        ],
        lambda visit: Teller(visit, cast, pretend),
        now,
    )
    later = ahead[BOOKINGS_AHEAD + 3 :]
    visits = [_visit(each, number, cast, chance, diary) for number, each in enumerate(later, 1)]
    yield from desk_stories.stories(
        [replace(visit, user_id=None) for visit in visits],
        lambda visit: Teller(visit, cast, pretend),
        cast.desk,
        now,
    )


def _past_story(
    number: int,
    opportunity: Opportunity,
    now: datetime,
    chance: random.Random,
    once: list[stories.Story],
) -> stories.Story:
    """Each story once where there was time for it, then by weight; some refunds by themselves."""
    long_ago = now - opportunity.starts_at > timedelta(days=3)
    if once and long_ago:
        return once.pop(0)
    if opportunity.service.automatic and long_ago and number % 4 == 0:
        return stories.gone_back
    told = list(stories.PAST.values())
    return chance.choices([story for story, _ in told], [weight for _, weight in told])[0]


def _story_ahead(number: int) -> stories.Story:
    """Every third one ends otherwise, until each other ending was told once; all else is booked."""
    if number % 3 == 1 and number // 3 < len(stories.AHEAD_ONCE):
        return stories.AHEAD_ONCE[number // 3]
    return stories.confirmed


def _visit(
    opportunity: Opportunity, number: int, cast: Cast, chance: random.Random, diary: Diary
) -> Visit:
    """Every fifth booking is Almaz's, the patient one can sign in as; the others are guests.

    Nobody is given a time near another of theirs, for they could not hold it.
    """
    login, at = DEMO_LOGINS[0], opportunity.starts_at
    almaz = number % 5 == 0 and number < 5 * ALMAZ_BOOKINGS and _has_time(diary, login.email, at)
    guests = [one for one in place.PATIENTS if _has_time(diary, one[1], at)]
    name, email, phone = (login.name, login.email, ALMAZ_PHONE) if almaz else chance.choice(guests)
    diary.setdefault(email, []).append(at)
    return Visit(
        doctor=opportunity.doctor,
        service=opportunity.service.slug,
        starts_at=opportunity.starts_at,
        minutes=opportunity.service.minutes,
        price=opportunity.service.price,
        name=name,
        email=email,
        phone=phone,
        user_id=cast.patient if almaz else None,
        card=CARDS[0] if almaz else chance.choice(CARDS),
    )


def _today(now: datetime) -> Diary:
    """Whoever sees the doctor right now is nowhere else."""
    return {email: [now] for _, email, _ in doctor_day.people()}


def _has_time(diary: Diary, email: str, at: datetime) -> bool:
    return all(abs(at - other) >= timedelta(hours=2) for other in diary.get(email, ()))


def _before(opportunity: Opportunity, now: datetime, chance: random.Random) -> datetime:
    """When it was booked: some days ahead, and long enough ago for the story to have gone on."""
    lead = timedelta(days=chance.randint(2, 9), minutes=chance.randint(0, 600))
    latest = now - timedelta(hours=9, minutes=chance.randint(0, 2000))
    return min(opportunity.starts_at - lead, latest)


def _being_chosen(
    free: list[Opportunity],
    cast: Cast,
    pretend: PretendStripe,
    now: datetime,
    chance: random.Random,
    diary: Diary,
) -> Iterator[Iterator[datetime]]:
    """A few people who are about to pay."""
    for number, opportunity in enumerate(free[:3], 1):
        visit = _visit(opportunity, number, cast, chance, diary)
        yield stories.held(Teller(visit, cast, pretend), now - timedelta(minutes=2 + number))


# -- telling them in order of time -----------------------------------------------------------


def _tell(told: Iterator[Iterator[datetime]], now: datetime) -> None:
    """Every story one step at a time, the earliest first, up to the present."""
    order = count()
    waiting = [(next(story), next(order), story) for story in told]
    heapq.heapify(waiting)
    while waiting:
        at, _, story = heapq.heappop(waiting)
        if at > now:
            break
        following = next(story, None)
        if following is not None:
            heapq.heappush(waiting, (following, next(order), story))


def _close(now: datetime) -> None:
    """Nothing of the past is mailed; from here on, the clinic is open."""
    with transaction("seed") as session:
        _one_that_died(session, now)
        new = select(OutboxMessage).where(OutboxMessage.status == OutboxStatus.NEW)
        for message in session.scalars(new):
            move(session, message, OutboxEvent.SEND, actor=system(Door.CLI), now=now)
            message.sent_at, message.attempts = message.created_at, 1
        session.get_one(Clinic, 1).refund_limit_minor = REFUND_LIMIT
        session.add(Watermark(name=MARK, reached_at=now))


def _one_that_died(session: Session, now: datetime) -> None:
    """One mail nobody took, for a person to see to."""
    query = select(OutboxMessage).where(OutboxMessage.kind == "booked")
    message = session.scalars(query.order_by(OutboxMessage.created_at.desc()).limit(1)).one()
    move(session, message, OutboxEvent.GIVE_UP, actor=system(Door.CLI), now=now)
    message.error = "550 no such mailbox"
    raise_alert(session, "dead_mail", message.id, message.kind, now=now, mail=False)
