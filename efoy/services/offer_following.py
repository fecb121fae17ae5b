"""What became of an offer, and which places in line are over?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import and_, or_, select

from efoy.domain.booking import BookingStatus
from efoy.domain.role import Actor
from efoy.domain.waiting import OfferEvent, OfferStatus, WaitingEvent, WaitingStatus, suits
from efoy.models.base import lock, reading, transaction
from efoy.models.booking import Booking
from efoy.models.clinic import Clinic
from efoy.models.transition import may_move, move
from efoy.models.waiting import WaitlistEntry, WaitlistOffer

_OVER = {
    BookingStatus.EXPIRED: OfferEvent.LAPSE,
    BookingStatus.CANCELLED: OfferEvent.DECLINE,
}


def follow_offer(offer_id: str, *, actor: Actor, now: datetime) -> None:
    """An offer ends as its hold ends: taken, declined or lapsed; a place in line ends with it.

    Repeating it finds nothing new.
    """
    with reading() as connection:
        booking_id = connection.scalar(
            select(WaitlistOffer.booking_id).where(WaitlistOffer.id == offer_id)
        )
    if booking_id is None:
        return
    with transaction("follow_offer") as session:
        booking = lock(session, Booking, booking_id)
        offer = lock(session, WaitlistOffer, offer_id)
        event = OfferEvent.TAKE if booking.confirmed_at is not None else _over(booking)
        if event is None or not may_move(offer, event):
            return
        move(session, offer, event, actor=actor, now=now)
        offer.ended_at = now
        if event is OfferEvent.TAKE:
            entry = lock(session, WaitlistEntry, offer.entry_id)
            if may_move(entry, WaitingEvent.BOOK):
                move(session, entry, WaitingEvent.BOOK, actor=actor, now=now)
                entry.ended_at = now


def _over(booking: Booking) -> OfferEvent | None:
    if booking.status is BookingStatus.CANCELLED and booking.cancelled_by != "patient":
        return OfferEvent.LAPSE
    return _OVER.get(booking.status)


def offers_to_follow() -> list[str]:
    """Open offers whose hold is over, and lapsed ones that were paid late after all."""
    query = (
        select(WaitlistOffer.id)
        .join(Booking, Booking.id == WaitlistOffer.booking_id)
        .where(
            or_(
                and_(WaitlistOffer.status == OfferStatus.OPEN, Booking.status != "held"),
                and_(WaitlistOffer.status == OfferStatus.LAPSED, Booking.confirmed_at.is_not(None)),
            )
        )
        .order_by(WaitlistOffer.offered_at)
    )
    with reading() as connection:
        return list(connection.scalars(query))


def end_places(*, actor: Actor, now: datetime) -> int:
    """End every place whose days are past, or whose holder booked such a time; returns how many."""
    done = 0
    for entry_id, event in list(_ended(now)):
        with transaction("end_place") as session:
            entry = lock(session, WaitlistEntry, entry_id)
            if may_move(entry, event):
                move(session, entry, event, actor=actor, now=now)
                entry.ended_at = now
                done += 1
    return done


def _ended(now: datetime) -> Iterator[tuple[str, WaitingEvent]]:
    mine = and_(
        Booking.holder == WaitlistEntry.holder,
        Booking.doctor_id == WaitlistEntry.doctor_id,
        Booking.service_id == WaitlistEntry.service_id,
        Booking.visitor_key == WaitlistEntry.visitor_key,
        Booking.confirmed_at >= WaitlistEntry.created_at,
        Booking.status == BookingStatus.CONFIRMED,
    )
    query = (
        select(
            WaitlistEntry.id,
            WaitlistEntry.days,
            WaitlistEntry.part,
            WaitlistEntry.last_on,
            Booking.starts_at,
            Clinic.zone,
        )
        .select_from(WaitlistEntry)
        .join(Clinic, Clinic.id == 1)
        .outerjoin(Booking, mine)
        .where(WaitlistEntry.status == WaitingStatus.WAITING)
    )
    with reading() as connection:
        rows = connection.execute(query).all()
    for row in rows:
        zone = ZoneInfo(row.zone)
        if row.last_on < now.astimezone(zone).date():
            yield row.id, WaitingEvent.PASS
        elif row.starts_at is not None:
            days = [date.fromisoformat(day) for day in row.days]
            if suits(row.starts_at, days=days, part=row.part, zone=zone):
                yield row.id, WaitingEvent.BOOK
