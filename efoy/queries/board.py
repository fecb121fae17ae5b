"""When can which doctor be seen? Everyone who matches, soonest time first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from itertools import islice
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from efoy.domain.money import Money
from efoy.domain.policy import Policy
from efoy.models.base import reading
from efoy.models.edition import Shelf, shelf
from efoy.queries.offers import (
    DoctorOffer,
    ServiceOffer,
    SpecialtyChoice,
    all_doctors,
    folded,
    specialties,
)
from efoy.queries.slots import FreeDay, free_days, read_calendars

BOARD_DAYS, TIMES_A_DAY, QUICK = 4, 2, 3
FORTNIGHT = 14
TITLES = frozenset({"dr", "doctor", "prof"})


@dataclass(frozen=True, kw_only=True)
class DoctorCard:
    """One doctor on the board: the next times of one service."""

    slug: str
    name: str
    specialty: str
    languages: str
    price: Money
    minutes: int
    service_slug: str
    times: tuple[tuple[datetime, ...], ...]
    quick: tuple[datetime, ...]


@dataclass(frozen=True, kw_only=True)
class Board:
    """The doctors that match, soonest time first. ``policy`` is None where rules differ."""

    today: date
    days: tuple[date, ...]
    doctors: tuple[DoctorCard, ...]
    specialties: tuple[SpecialtyChoice, ...]
    policy: Policy | None


def board(query: str, specialty: str, *, now: datetime) -> Board:
    """Every doctor who matches the words and the specialty (both may be empty)."""
    words = [word for word in folded(query).replace(".", " ").split() if word not in TITLES]
    with reading() as connection:
        kept = shelf(connection, now)
        everyone = all_doctors(connection, now=now, kept=kept)
        found = [
            each
            for each in everyone
            if (not specialty or each.specialty_slug == specialty) and each.matches(words)
        ]
        chosen = [(each, _service_for(each, words)) for each in found]
        today, first_days = _today(everyone, now), _first_days(connection, chosen, now, kept)
        choices = kept.get("specialties", lambda: tuple(specialties(connection)))
    days = _board_days(first_days, today)
    cards = [_card(each, service, first_days[each.id], days) for each, service in chosen]
    offered = [service.policy for each in everyone for service in each.services]
    policies = {policy.rungs: policy for policy in offered}
    return Board(
        today=today,
        days=days,
        doctors=tuple(sorted(cards, key=_soonest)),
        specialties=choices,
        policy=next(iter(policies.values())) if len(policies) == 1 else None,
    )


def _today(everyone: Sequence[DoctorOffer], now: datetime) -> date:
    zone: tzinfo = ZoneInfo(everyone[0].zone) if everyone else UTC
    return now.astimezone(zone).date()


def _service_for(doctor: DoctorOffer, words: list[str]) -> ServiceOffer:
    """The service that was searched for, else the doctor's first."""
    for each in doctor.services:
        text = folded(f"{each.name} {each.detail}")
        if words and all(word in text for word in words):
            return each
    return doctor.services[0]


def _first_days(
    connection: Connection,
    chosen: Sequence[tuple[DoctorOffer, ServiceOffer]],
    now: datetime,
    kept: Shelf,
) -> dict[int, list[FreeDay]]:
    """A fortnight of each doctor; who has nothing in it is looked up to the end of the horizon."""
    if not chosen:
        return {}
    zone = chosen[0][0].zone
    today = now.astimezone(ZoneInfo(zone)).date()
    ids = [each.id for each, _ in chosen]
    near = read_calendars(connection, ids, zone, today, FORTNIGHT, kept=kept)
    days = {each.id: free_days(near[each.id], service.visit, now=now) for each, service in chosen}
    full = [pair for pair in chosen if not any(day.times for day in days[pair[0].id])]
    if full:
        count = max(service.visit.horizon_days for _, service in full) + 1
        rest = [each.id for each, _ in full]
        far = read_calendars(connection, rest, zone, today, count, kept=kept)
        days |= {each.id: free_days(far[each.id], service.visit, now=now) for each, service in full}
    return days


def _board_days(days: dict[int, list[FreeDay]], today: date) -> tuple[date, ...]:
    """Today, and the next days on which somebody is there."""
    there = {day.on for each in days.values() for day in each if day.open}
    return (today, *sorted(there - {today})[: BOARD_DAYS - 1])


def _card(
    doctor: DoctorOffer, service: ServiceOffer, found: Sequence[FreeDay], days: Sequence[date]
) -> DoctorCard:
    by_day = {day.on: day.times[:TIMES_A_DAY] for day in found}
    coming = (when for day in found for when in day.times)
    return DoctorCard(
        slug=doctor.slug,
        name=doctor.name,
        specialty=doctor.specialty,
        languages=doctor.languages,
        price=service.price,
        minutes=service.minutes,
        service_slug=service.slug,
        times=tuple(by_day.get(day, ()) for day in days),
        quick=tuple(islice(coming, QUICK)),
    )


def _soonest(card: DoctorCard) -> tuple[bool, float, str]:
    return (not card.quick, card.quick[0].timestamp() if card.quick else 0.0, card.name)
