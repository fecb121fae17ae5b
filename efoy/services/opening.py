"""A time opens: who in line is it offered to?

Read off what is free, not off what happened: it makes no difference whether a hold ran out, a
visit was cancelled or moved, hours were added or a leave ended.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.exc import IntegrityError

from efoy.domain.errors import Conflict, NotFound
from efoy.domain.role import Actor
from efoy.domain.slot import cell_of, cell_start
from efoy.domain.waiting import (
    OfferStatus,
    WaitingStatus,
    opened,
    suits,
)
from efoy.models.base import lock, new_id, reading, transaction
from efoy.models.outbox import post
from efoy.models.transition import begin
from efoy.models.waiting import WaitlistEntry, WaitlistOffer
from efoy.services.booking import hold_in, wish_for
from efoy.services.free_times import bookable_days, free_times
from efoy.services.line import Waiting, holders_with_an_offer, line, offered_times, request_of
from efoy.services.offer import Offer, find_offer


def offer_openings(*, actor: Actor, now: datetime, freed_by: str | None = None) -> int:
    """Offer what opened to whoever waits longest for it; returns how many offers were made.

    ``freed_by``: only the line of that booking's doctor. Repeating it finds nothing new.
    """
    waiting = line(freed_by)
    if not waiting:
        return 0
    asked, busy, made = offered_times(), holders_with_an_offer(), 0
    for entry in waiting:
        if entry.holder in busy:
            continue
        times = _opened_for(entry, asked.get(entry.id, ()), now)
        if any(_offer(entry, at, actor=actor, now=now) for at in times):
            busy.add(entry.holder)
            made += 1
    return made


def _opened_for(entry: Waiting, offered: Sequence[datetime], now: datetime) -> list[datetime]:
    """What opened for them since they got in line, earliest first."""
    with reading() as connection:
        try:
            offer = find_offer(connection, entry.doctor, entry.service, now=now)
        except NotFound:  # not offered for the time being
            return []
        wanted = [day for day in entry.days or bookable_days(offer, now) if day <= entry.last_on]
        free = free_times(connection, offer, wanted, now)
    return _news(entry, offer, free, offered, now)


def _news(
    entry: Waiting, offer: Offer, free: list[datetime], offered: Sequence[datetime], now: datetime
) -> list[datetime]:
    zone = ZoneInfo(offer.zone)
    fitting = [at for at in free if suits(at, days=entry.days, part=entry.part, zone=zone)]
    cells = {cell_of(at) for at in fitting}
    still = [cell for cell in entry.known if cell in cells]
    if len(still) < len(entry.known):
        _forget(entry.id, still)
    known = [cell_start(cell) for cell in still]
    return opened(fitting, known=known, offered=offered)


def _forget(entry_id: str, still: list[int]) -> None:
    """A time that was free when they came and is taken now is news once it opens again."""
    with transaction("offer_time") as session:
        entry = lock(session, WaitlistEntry, entry_id)
        entry.known_free = [cell for cell in entry.known_free if cell in still]


def _offer(entry: Waiting, at: datetime, *, actor: Actor, now: datetime) -> bool:
    """Hold it for them and promise the mail, in one commit; the database decides who gets it."""
    try:
        request = request_of(entry, at)
        wish = wish_for(request, now)
        with transaction("offer_time") as session:
            row = lock(session, WaitlistEntry, entry.id)
            if row.status is not WaitingStatus.WAITING:
                return False
            booking = hold_in(session, request, wish, actor, now)
            offer = WaitlistOffer(
                id=new_id(),
                entry_id=row.id,
                booking_id=booking.id,
                holder=row.holder,
                starts_at=at,
                status=OfferStatus.OPEN,
                offered_at=now,
            )
            begin(session, offer, actor=actor, now=now)
            session.flush()
            post(session, "time_opened", offer.id, row.visitor_email, now=now, locale=row.locale)
    except (Conflict, NotFound, IntegrityError):  # taken meanwhile, or they are elsewhere then
        return False
    return True
