"""Where may a visit go, until when, and what does that come to? Read only; nothing is taken."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, select

from efoy.domain import slot as slots
from efoy.domain.booking import BookingStatus
from efoy.domain.errors import (
    IllegalTransition,
    NotFound,
    SameTime,
    SlotNotOffered,
    TooLateToMove,
)
from efoy.domain.money import Money
from efoy.domain.moving import movable_until, price_after_move
from efoy.domain.policy import Policy
from efoy.models.base import reading
from efoy.models.booking import Booking
from efoy.models.clinic import Doctor, Service, Specialty
from efoy.models.kept import kept_payments
from efoy.services.offer import Offer, Reader, find_offer, offered_slot

PATIENT, CLINIC = "patient", "clinic"


@dataclass(frozen=True, kw_only=True)
class MoveWish:
    """Where a visit shall go.

    ``doctor`` is the slug of another doctor with the same service, None keeps the one it has.
    ``by`` is ``patient`` (deadline and notice hold) or ``clinic``. ``free_of_charge``: the clinic
    asked for the move, so there is no deadline, nothing more to pay, and no refund rule is lost;
    ``waived``: nothing more to pay, and that alone.
    ``quoted`` is the difference in minor units that was shown (negative: money back), ``was`` the
    time the page showed as the old one; a ``form_token`` makes a second press find the first
    result.
    """

    starts_at: datetime
    doctor: str | None = None
    by: str = PATIENT
    free_of_charge: bool = False
    waived: bool = False
    quoted: int | None = None
    was: datetime | None = None
    form_token: str | None = None


@dataclass(frozen=True, kw_only=True)
class Target:
    """The time that was asked for, as it is offered now."""

    offer: Offer
    slot: slots.Slot
    doctor: str

    @property
    def busy_until(self) -> datetime:
        """The end of the visit there and of what the doctor needs after it."""
        return self.slot.ends_at + timedelta(minutes=self.offer.visit.buffer_minutes)


@dataclass(frozen=True, kw_only=True)
class MoveQuote:
    """What a move comes to. ``offered`` is the fee of the new time, ``price`` what is asked of it.

    ``difference`` is negative where it is cheaper, ``back`` what then goes back.
    """

    starts_at: datetime
    ends_at: datetime
    doctor_slug: str
    doctor_name: str
    specialty: str
    place: str
    offered: Money
    price: Money
    difference: Money
    back: Money


def quote_move(booking_id: str, wish: MoveWish, *, now: datetime) -> MoveQuote:
    """What the move would come to, for the page on which it is confirmed.

    Raises NotFound, IllegalTransition, TooLateToMove, SameTime, SlotNotOffered.
    """
    with reading() as connection:
        target = find_target(connection, booking_id, wish, now=now)
        visit = connection.execute(_VISIT.where(Booking.id == booking_id)).one()
        check_movable(visit, target, wish, now)
        doctor = connection.execute(_DOCTOR.where(Doctor.id == target.offer.doctor_id)).one()
        kept = kept_payments(connection, booking_id)
    price = new_price(visit.price_minor, target, wish)
    left = sum(each.left for each in kept if not each.disputed)
    difference = Money(price - visit.price_minor, visit.currency)
    return MoveQuote(
        starts_at=target.slot.starts_at,
        ends_at=target.slot.ends_at,
        doctor_slug=target.doctor,
        doctor_name=doctor.name,
        specialty=doctor.specialty,
        place=target.slot.window.place or doctor.place,
        offered=target.offer.price,
        price=Money(price, visit.currency),
        difference=difference,
        back=Money(min(max(-difference.minor, 0), left), visit.currency),
    )


_VISIT = select(
    Booking.id,
    Booking.status,
    Booking.starts_at,
    Booking.doctor_id,
    Booking.price_minor,
    Booking.currency,
    Booking.policy_json.label("policy_json"),
)
_DOCTOR = select(Doctor.name, Doctor.place, Specialty.name.label("specialty")).join(
    Specialty, Specialty.id == Doctor.specialty_id
)
_OFFERED = (
    select(Doctor.slug.label("doctor"), Service.slug.label("service"), Booking.currency)
    .join_from(Booking, Doctor, Doctor.id == Booking.doctor_id)
    .join(Service, Service.id == Booking.service_id)
)


def find_target(reader: Reader, booking_id: str, wish: MoveWish, *, now: datetime) -> Target:
    """The asked time of the booking's own service, if hours, notice and horizon allow it.

    The clinic moves people without notice. Raises NotFound (no such booking), SlotNotOffered.
    """
    has = reader.execute(_OFFERED.where(Booking.id == booking_id)).one_or_none()
    if has is None:
        raise NotFound(booking_id)
    doctor = wish.doctor or has.doctor
    try:
        offer = find_offer(reader, doctor, has.service, now=now)
    except NotFound as error:
        raise SlotNotOffered(doctor) from error
    if offer.price.currency != has.currency:
        raise SlotNotOffered(offer.price.currency)
    if wish.by == CLINIC:
        offer = replace(offer, visit=replace(offer.visit, notice_minutes=0))
    slot = offered_slot(reader, offer, wish.starts_at, now=now)
    return Target(offer=offer, slot=slot, doctor=doctor)


def check_movable(visit: Booking | Row[Any], target: Target, wish: MoveWish, now: datetime) -> None:
    """Raises what stands in the way: IllegalTransition, TooLateToMove, SameTime."""
    if visit.status is not BookingStatus.CONFIRMED:
        raise IllegalTransition(f"{visit.status} has no move")
    until = visit.starts_at
    if wish.by == PATIENT and not wish.free_of_charge:
        until = movable_until(Policy.from_json(visit.policy_json), visit.starts_at)
    if now > until or now >= visit.starts_at:
        raise TooLateToMove(visit.id)
    if (visit.doctor_id, visit.starts_at) == (target.offer.doctor_id, target.slot.starts_at):
        raise SameTime(visit.id)


def new_price(paid: int, target: Target, wish: MoveWish) -> int:
    """What the visit costs there, in minor units; a difference too small to charge is given."""
    offered = target.offer.price
    free = wish.free_of_charge or wish.waived
    price = price_after_move(paid, offered.minor, free_of_charge=free)
    more = Money(price - paid, offered.currency)
    return paid if more.minor > 0 and not more.chargeable() else price
