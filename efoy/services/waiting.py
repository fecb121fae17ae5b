"""How does somebody get in line for a time that is not free, and out of it again?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from efoy.domain.booking import BookingStatus
from efoy.domain.errors import Conflict, InvalidValue, ProviderDown, ProviderRefused
from efoy.domain.role import Actor
from efoy.domain.slot import cell_of
from efoy.domain.waiting import (
    MOST_DAYS,
    DayPart,
    OfferStatus,
    WaitingEvent,
    WaitingStatus,
    suits,
)
from efoy.models.base import lock, new_id, reading, transaction
from efoy.models.booking import Booking
from efoy.models.transition import begin, may_move, move
from efoy.models.waiting import WaitlistEntry, WaitlistOffer
from efoy.services.booker import Booker
from efoy.services.booking import patient_for
from efoy.services.free_times import bookable_days, free_times
from efoy.services.giving_up import cancel_booking
from efoy.services.offer import Offer, find_offer
from efoy.services.offer_following import follow_offer

if TYPE_CHECKING:
    from efoy.gateways.stripe_gateway import StripeGateway


@dataclass(frozen=True, kw_only=True)
class JoinRequest(Booker):
    """Who waits for which times: ``days`` are dates at the clinic, none for any day."""

    doctor: str
    service: str
    days: tuple[date, ...] = ()
    part: DayPart = DayPart.ANY


@dataclass(frozen=True, kw_only=True)
class _Wanted:
    """The wish against what is offered: ``known`` are the times free already, as cells."""

    offer: Offer
    days: tuple[date, ...]
    last_on: date
    known: tuple[int, ...]


def join_line(request: JoinRequest, *, actor: Actor, now: datetime) -> str:
    """Get in line; returns the entry's id. What is free at that moment is no news later.

    Somebody in that line keeps their place and changes days and part. Raises NotFound (nobody
    offers that), InvalidValue (``days``: none of them can be booked).
    """
    wanted = _wanted(request, now)
    for last in (False, True):
        try:
            with transaction("join_line") as session:
                return _join(session, request, wanted, actor, now)
        except IntegrityError:  # twice at once: the second one finds the first
            if last:
                raise
    raise AssertionError("not reached")


def _wanted(request: JoinRequest, now: datetime) -> _Wanted:
    with reading() as connection:
        offer = find_offer(connection, request.doctor, request.service, now=now)
        possible = bookable_days(offer, now)
        days = tuple(sorted({*request.days} & {*possible}))
        if len(days) > MOST_DAYS or len(days) < len({*request.days}):
            raise InvalidValue("days", "a day that cannot be booked, or too many")
        zone = ZoneInfo(offer.zone)
        free = free_times(connection, offer, days or possible, now)
    known = [cell_of(at) for at in free if suits(at, days=days, part=request.part, zone=zone)]
    return _Wanted(
        offer=offer, days=days, last_on=(days or tuple(possible))[-1], known=tuple(known)
    )


def _join(
    session: Session, request: JoinRequest, wanted: _Wanted, actor: Actor, now: datetime
) -> str:
    first = _of_form(session, request.form_token)
    if first is not None:
        return first
    patient_id = patient_for(session, request, now)
    entry = _present(session, request, wanted.offer)
    if entry is None:
        entry = _entry(request, wanted, patient_id, now)
        begin(session, entry, actor=actor, now=now)
    entry.days = [day.isoformat() for day in wanted.days]
    entry.last_on, entry.part = wanted.last_on, request.part
    entry.known_free = list(wanted.known)
    return entry.id


def _of_form(session: Session, token: str | None) -> str | None:
    if token is None:
        return None
    return session.scalar(select(WaitlistEntry.id).where(WaitlistEntry.form_token == token))


def _present(session: Session, request: JoinRequest, offer: Offer) -> WaitlistEntry | None:
    query = select(WaitlistEntry).where(
        WaitlistEntry.holder == (request.holder or ""),
        WaitlistEntry.doctor_id == offer.doctor_id,
        WaitlistEntry.service_id == offer.service_id,
        WaitlistEntry.visitor_key == request.visitor_key,
        WaitlistEntry.status == WaitingStatus.WAITING,
    )
    return session.scalar(query.with_for_update())


def _entry(request: JoinRequest, wanted: _Wanted, patient_id: str, now: datetime) -> WaitlistEntry:
    visitor = request.visitor
    return WaitlistEntry(
        id=new_id(),
        patient_id=patient_id,
        holder=request.holder or patient_id,
        browser_hash=request.browser_hash,
        visitor_name=visitor.name if visitor else request.name,
        visitor_born_on=visitor.born_on if visitor else None,
        visitor_key=request.visitor_key,
        booker_name=request.name if visitor else "",
        visitor_email=request.email.strip(),
        visitor_phone=request.phone,
        locale=request.locale,
        doctor_id=wanted.offer.doctor_id,
        service_id=wanted.offer.service_id,
        status=WaitingStatus.WAITING,
        created_at=now,
        form_token=request.form_token,
    )


def leave_line(entry_id: str, *, stripe: StripeGateway, actor: Actor, now: datetime) -> None:
    """Get out of line; a time that is held for them is given up, too. Repeating changes nothing.

    Raises NotFound.
    """
    with transaction("leave_line") as session:
        entry = lock(session, WaitlistEntry, entry_id)
        if may_move(entry, WaitingEvent.LEAVE):
            move(session, entry, WaitingEvent.LEAVE, actor=actor, now=now)
            entry.ended_at = now
    query = select(WaitlistOffer.id).where(
        WaitlistOffer.entry_id == entry_id, WaitlistOffer.status == OfferStatus.OPEN
    )
    with reading() as connection:
        offers = list(connection.scalars(query))
    for offer_id in offers:
        decline_offer(offer_id, stripe=stripe, actor=actor, now=now)


def decline_offer(offer_id: str, *, stripe: StripeGateway, actor: Actor, now: datetime) -> None:
    """Say no to an opened time: its hold ends by the release protocol, the next in line is asked.

    An offer that is over stays as it is, a visit that was paid meanwhile stands. With Stripe away
    the hold lapses by itself.
    """
    query = select(Booking.id).join(WaitlistOffer, WaitlistOffer.booking_id == Booking.id)
    with reading() as connection:
        held = connection.scalar(
            query.where(WaitlistOffer.id == offer_id, Booking.status == BookingStatus.HELD)
        )
    if held is not None:
        try:
            cancel_booking(held, by="patient", reason="", stripe=stripe, actor=actor, now=now)
        except (Conflict, ProviderDown, ProviderRefused):
            return
    follow_offer(offer_id, actor=actor, now=now)
