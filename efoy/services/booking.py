"""How does a time become somebody's?"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, exists, func, literal_column, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from efoy.domain import slot as slots
from efoy.domain.booking import (
    EXTENSION,
    HOLD,
    MAX_UNPAID_HOLDS,
    BookingStatus,
)
from efoy.domain.errors import (
    Conflict,
    HoldExpired,
    HoldNotExtendable,
    NotFound,
    OverlappingBooking,
    SlotNotOffered,
    SlotTaken,
    TooManyHolds,
)
from efoy.domain.reference import reference
from efoy.domain.role import Actor, Role
from efoy.domain.visitor import MYSELF
from efoy.domain.waiting import OFFER_LASTS
from efoy.models.base import lock, lock_name, new_id, reading, transaction
from efoy.models.booking import Booking, claim, visibly_taken
from efoy.models.clinic import Doctor
from efoy.models.edition import shelf
from efoy.models.payment import undecided_payment
from efoy.models.transition import begin_and_leave
from efoy.models.types import UtcDateTime
from efoy.models.user import User
from efoy.services.booker import Booker
from efoy.services.offer import Offer, find_offer, offered_slot
from efoy.services.visitors import keep_visitor


@dataclass(frozen=True, kw_only=True)
class HoldRequest(Booker):
    """What a visitor asks for. Price, length and rules are the server's and not in here.

    ``offered``: an opened time, held for somebody in line.
    """

    doctor: str
    service: str
    starts_at: datetime
    offered: bool = False


@dataclass(frozen=True, kw_only=True)
class Held:
    """A held time, as the caller needs it for the next step."""

    id: str
    ref: str
    hold_expires_at: datetime


def hold_slot(request: HoldRequest, *, actor: Actor, now: datetime) -> Held:
    """Hold a time for 15 minutes: booking and claims in one transaction, the database decides.

    Raises NotFound (no such doctor or service), SlotNotOffered, SlotTaken, TooManyHolds,
    OverlappingBooking. A repeated ``form_token`` answers with the first result.
    """
    try:
        wish = wish_for(request, now)
        with transaction("hold_slot") as session:
            return _held(hold_in(session, request, wish, actor, now))
    except (IntegrityError, Conflict, NotFound) as error:
        return _loser(request, error)


@dataclass(frozen=True, kw_only=True)
class Wish:
    """The time that was asked for, as it is offered."""

    offer: Offer
    slot: slots.Slot

    @property
    def busy_until(self) -> datetime:
        """The end of the visit and of what the doctor needs after it."""
        return self.slot.ends_at + timedelta(minutes=self.offer.visit.buffer_minutes)

    @property
    def cells(self) -> range:
        """What a claim takes."""
        return slots.cells(self.slot.starts_at, self.busy_until)


def wish_for(request: HoldRequest, now: datetime, *, beside: bool = False) -> Wish:
    """What is offered then, looked up before anything is locked.

    A time that is visibly taken is refused here, so that losers do not queue behind writers; who
    gets a free one is decided by the claim alone. ``beside``: taken or not, it is asked for.
    """
    with reading() as connection:
        kept = shelf(connection, now)
        offer = find_offer(connection, request.doctor, request.service, now=now, kept=kept)
        slot = offered_slot(connection, offer, request.starts_at, now=now, kept=kept)
        wish = Wish(offer=offer, slot=slot)
        if not beside and visibly_taken(connection, offer.doctor_id, wish.cells):
            raise SlotTaken(request.doctor)
    return wish


def _loser(request: HoldRequest, error: Exception) -> Held:
    """Refused: the same form came before (or twice at once), or there is nothing to be had."""
    first = first_result(request.form_token) if request.form_token else None
    if first is not None:
        return first
    if isinstance(error, IntegrityError):
        raise SlotTaken(request.doctor) from error
    raise error


def first_result(form_token: str) -> Held | None:
    """What came of this form the first time; None the first time."""
    columns = (Booking.id, Booking.ref, Booking.hold_expires_at, Booking.starts_at)
    with reading() as connection:
        row = connection.execute(select(*columns).where(Booking.form_token == form_token)).first()
    if row is None:
        return None
    return Held(id=row.id, ref=row.ref, hold_expires_at=row.hold_expires_at or row.starts_at)


def _held(booking: Booking) -> Held:
    until = booking.hold_expires_at or booking.starts_at
    return Held(id=booking.id, ref=booking.ref, hold_expires_at=until)


def hold_in(
    session: Session, request: HoldRequest, wish: Wish, actor: Actor, now: datetime
) -> Booking:
    """The hold in the caller's transaction: cells first, then the person. Raises as above."""
    booking_id = new_id()
    if not claim(session, booking_id, wish.offer.doctor_id, wish.cells):
        raise SlotTaken(request.doctor)
    patient_id = patient_for(session, request, now)
    ref = within_limits(session, request.holder, wish, now, visitor=request.visitor_key)
    booking = booking_row(booking_id, ref, request, wish, patient_id, now)
    begin_and_leave(session, booking, actor=actor, now=now)
    if request.visitor is not None and request.viewer_id is not None:
        keep_visitor(session, request.viewer_id, request.visitor, now)
    return booking


def patient_for(session: Session, request: Booker, now: datetime) -> str:
    """The signed-in patient, or the person of that address (made now, without a password).

    What that address has counts nothing here: a stranger who types it must not learn of it.
    """
    if request.viewer_id is not None:
        return _locked(session, request.viewer_id)
    if request.browser_hash is not None:
        lock_name(session, request.browser_hash)
    address = request.email.strip().lower()
    known = session.scalar(select(User).where(User.email == address).with_for_update())
    if known is not None:
        if known.role is not Role.PATIENT:
            raise SlotNotOffered("staff do not book for themselves here")
        return known.id
    user = User(id=new_id(), email=address, name=request.name, phone=request.phone)
    user.role, user.locale, user.created_at = Role.PATIENT, request.locale, now
    session.add(user)
    session.flush()
    return user.id


def _locked(session: Session, patient_id: str) -> str:
    """The patient's row, locked: holds of one person are counted one after the other."""
    if session.scalar(_LOCKED, {"patient": patient_id}) is None:
        raise NotFound(patient_id)
    return patient_id


_LOCKED = select(User.id).where(User.id == bindparam("patient")).with_for_update()
_MINE = Booking.holder == bindparam("holder")
_LIMITS = select(
    select(func.count())
    .where(_MINE, Booking.status == literal_column("'held'"))
    .scalar_subquery()
    .label("holds"),
    exists()
    .where(
        _MINE,
        Booking.visitor_key == bindparam("visitor"),
        Booking.status.in_([literal_column("'held'"), literal_column("'confirmed'")]),
        Booking.starts_at < bindparam("end", type_=UtcDateTime),
        Booking.ends_at > bindparam("start", type_=UtcDateTime),
    )
    .label("overlaps"),
    exists().where(Booking.ref == bindparam("ref")).label("ref_known"),
    select(Doctor.hours_version)
    .where(Doctor.id == bindparam("doctor"))
    .scalar_subquery()
    .label("hours_version"),
)
"""All that a hold must not break, in one read; words as literals, so that SQLite sees its index."""


def within_limits(
    session: Session, holder: str | None, wish: Wish, now: datetime, *, visitor: str = MYSELF
) -> str:
    """Three unpaid holds a holder, and no visitor in two places at once (the holder is locked).

    Hours that were changed since the wish are looked at again: the claim's foreign key waits for
    whoever changes them. Returns a reference that no booking has.
    """
    slot, doctor = wish.slot, wish.offer.doctor_id
    person = {"holder": holder, "visitor": visitor, "start": slot.starts_at, "end": slot.ends_at}
    while True:
        ref = reference(secrets.choice)
        found = session.execute(_LIMITS, person | {"ref": ref, "doctor": doctor}).one()
        if found.hours_version != wish.offer.hours_version:
            offered_slot(session, wish.offer, slot.starts_at, now=now)
        if found.holds >= MAX_UNPAID_HOLDS:
            raise TooManyHolds(holder)
        if found.overlaps:
            raise OverlappingBooking(holder)
        if not found.ref_known:
            return ref


def booking_row(
    booking_id: str,
    ref: str,
    request: HoldRequest,
    wish: Wish,
    patient_id: str,
    now: datetime,
) -> Booking:
    offer, slot = wish.offer, wish.slot
    return Booking(
        id=booking_id,
        ref=ref,
        patient_id=patient_id,
        visitor_name=request.visitor.name if request.visitor else request.name,
        visitor_born_on=request.visitor.born_on if request.visitor else None,
        visitor_key=request.visitor_key,
        booker_name=request.name if request.visitor else "",
        visitor_email=request.email.strip(),
        visitor_phone=request.phone,
        browser_hash=request.browser_hash,
        holder=request.holder,
        locale=request.locale,
        doctor_id=offer.doctor_id,
        service_id=offer.service_id,
        starts_at=slot.starts_at,
        ends_at=slot.ends_at,
        busy_until=wish.busy_until,
        window_starts_at=slot.window.starts_at,
        window_ends_at=slot.window.ends_at,
        zone=offer.zone,
        place=slot.window.place or offer.place,
        status=BookingStatus.HELD,
        held_at=now,
        hold_expires_at=now + (OFFER_LASTS if request.offered else HOLD),
        hold_extended_at=now if request.offered else None,  # the next in line waits
        price_minor=offer.price.minor,
        currency=offer.price.currency,
        tax_label=offer.tax_label,
        tax_basis_points=offer.tax_basis_points,
        policy_json=offer.policy.to_json(),
        form_token=request.form_token,
    )


def extend_hold(
    booking_id: str, *, actor: Actor, now: datetime, reason: str | None = None
) -> datetime:
    """Keep a hold ten minutes longer, once, while it lasts and before Pay was pressed.

    ``reason`` is what was typed so far about the visit; None leaves it as it was.
    Returns the new end. Raises HoldExpired or HoldNotExtendable.
    """
    with transaction("extend_hold") as session:
        booking = lock(session, Booking, booking_id)
        end = booking.hold_expires_at
        if booking.status is not BookingStatus.HELD or end is None or end <= now:
            raise HoldExpired(booking_id)
        if booking.hold_extended_at is not None or undecided_payment(session, booking_id):
            raise HoldNotExtendable(booking_id)
        booking.hold_expires_at, booking.hold_extended_at = end + EXTENSION, now
        if reason is not None:
            booking.reason = reason
        return booking.hold_expires_at
