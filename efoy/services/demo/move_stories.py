"""How do visits of the demo move? To a dearer doctor, to a cheaper one, and once not paid yet."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta

from efoy.domain.errors import Conflict
from efoy.services.demo.stories import MINUTE, confirmed
from efoy.services.demo.teller import Teller, Visit
from efoy.services.moving import Moved

Told = Iterator[Iterator[datetime]]
DEARER, USUAL = "layla-haddad", "hana-tesfaye"
SERVICE = "see-the-doctor"
STEP, TRIES = timedelta(minutes=20), 400
BOOKED, MOVED, JUST_NOW = timedelta(days=3), timedelta(days=1), 4 * MINUTE


def stories(visits: Sequence[Visit], teller: Callable[[Visit], Teller], now: datetime) -> Told:
    """One of each, told of the first visits that can be; some hours before the present."""
    told: Sequence[Callable[[Teller, datetime], Iterator[datetime]]] = (
        moved,
        to_the_dearer,
        there_and_back,
        not_paid_yet,
    )
    fitting = [visit for visit in visits if (visit.doctor, visit.service) == (USUAL, SERVICE)]
    for story, visit in zip(told, fitting, strict=False):
        yield story(teller(visit), now)


def _booked(teller: Teller, now: datetime) -> Iterator[datetime]:
    yield from confirmed(teller, now - BOOKED)


def moved(teller: Teller, now: datetime) -> Iterator[datetime]:
    """The same doctor, another day: nothing to pay."""
    yield from _booked(teller, now)
    yield now - MOVED
    _somewhere(teller, USUAL, now - MOVED)


def to_the_dearer(teller: Teller, now: datetime) -> Iterator[datetime]:
    """Another doctor who costs more, and the rest was paid."""
    yield from _booked(teller, now)
    yield now - MOVED
    wanted = _somewhere(teller, DEARER, now - MOVED)
    yield now - MOVED + 3 * MINUTE
    if wanted is not None:
        teller.pay_top_up(wanted, now - MOVED + 3 * MINUTE)


def there_and_back(teller: Teller, now: datetime) -> Iterator[datetime]:
    """The same, and the next hour back again: the difference is on its way home."""
    yield from to_the_dearer(teller, now)
    again = now - MOVED + 60 * MINUTE
    yield again
    if _somewhere(teller, USUAL, again) is not None:
        yield again + MINUTE
        if teller.refund_top_up():
            teller.send_refund(again + MINUTE)


def not_paid_yet(teller: Teller, now: datetime) -> Iterator[datetime]:
    """Somebody is on the pay page for a dearer time; both times are theirs."""
    yield from _booked(teller, now)
    yield now - JUST_NOW
    _somewhere(teller, DEARER, now - JUST_NOW)


def _somewhere(teller: Teller, doctor: str, now: datetime) -> Moved | None:
    """The first time of that doctor that is free after the one the visit has."""
    if not teller.payment_id:
        return None
    at = teller.visit.starts_at
    for _ in range(TRIES):
        at += STEP
        try:
            return teller.move(doctor, at, now)
        except Conflict:
            continue
    return None
