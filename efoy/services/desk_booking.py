"""How does the desk book for somebody? Held for a pay link, paid by hand, or free for a reason."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from efoy.domain.address import no_mail_address
from efoy.domain.booking import PAY_LINK_LEAST, PAY_LINK_MOST
from efoy.domain.errors import Conflict, Forbidden, InvalidValue, NotFound, SlotTaken
from efoy.domain.payment import PaymentMethod
from efoy.domain.role import Action, Actor, Role, may
from efoy.models.base import new_id, transaction
from efoy.models.booking import Booking, claim, claim_beside
from efoy.models.outbox import post
from efoy.models.transition import begin
from efoy.models.user import User
from efoy.services.booking import (
    Held,
    HoldRequest,
    Wish,
    booking_row,
    first_result,
    patient_for,
    wish_for,
    within_limits,
)
from efoy.services.desk_money import Taking, confirm, record_taking


class Way(StrEnum):
    """How a visit that the desk books gets paid."""

    LINK = "link"
    CASH = "cash"
    TERMINAL = "terminal"
    FREE = "free"


class OthersAreThere(Conflict):
    """Who has the time is not who the form showed: nothing was booked beside anybody."""


@dataclass(frozen=True, kw_only=True)
class Beside:
    """On purpose at a time that others have: the references the form showed, and why."""

    refs: frozenset[str]
    reason: str


@dataclass(frozen=True, kw_only=True)
class DeskWish:
    """What the desk asks for. Price, length and rules are the server's and not in here.

    ``request.viewer_id`` is a known patient, None for a new one; ``pay_by`` is how long a pay link
    keeps the time; ``reason`` is why a visit is free; ``note`` goes with money taken by hand.
    """

    request: HoldRequest
    way: Way
    pay_by: datetime | None = None
    note: str = ""
    reason: str = ""
    beside: Beside | None = None


def book_at_desk(wish: DeskWish, *, actor: Actor, now: datetime) -> Held:
    """Book for a named patient, in one transaction; a repeated form finds its first result.

    Raises Forbidden, InvalidValue (``pay_by``, ``reason``, ``email``), NotFound, SlotNotOffered,
    SlotTaken, OthersAreThere, TooManyHolds, OverlappingBooking.
    """
    _allowed(wish, actor)
    token = wish.request.form_token
    try:
        found = wish_for(wish.request, now, beside=wish.beside is not None)
        with transaction("book_at_desk") as session:
            booking = _held(session, wish, found, actor, now)
            _paid(session, wish, booking, actor, now)
            return _result(booking)
    except (IntegrityError, Conflict, NotFound) as error:
        first = first_result(token) if token else None
        if first is not None:
            return first
        if isinstance(error, IntegrityError):
            raise SlotTaken(wish.request.doctor) from error
        raise


def _allowed(wish: DeskWish, actor: Actor) -> None:
    """Who may, and what must be said; the time of a link is looked at when the visit is known."""
    wanted = [Action.BOOK_FOR]
    wanted += [Action.OVERBOOK] if wish.beside is not None else []
    wanted += [] if wish.way is Way.LINK else [Action.TAKE_MONEY]
    for action in wanted:
        if actor.role not in set(Role) or not may(Role(actor.role), action):
            raise Forbidden(action)
    if wish.way is Way.FREE and not wish.reason.strip():
        raise InvalidValue("reason", "a free visit has a reason")
    if wish.beside is not None and not wish.beside.reason.strip():
        raise InvalidValue("beside_reason", "an overbooking has a reason")


def _held(session: Session, wish: DeskWish, found: Wish, actor: Actor, now: datetime) -> Booking:
    """The booking with its cells; the claims come first, as with everybody who books."""
    booking_id = new_id()
    others = _claim(session, booking_id, wish, found)
    patient_id = _patient(session, wish.request, now)
    ref = within_limits(session, patient_id, found, now)
    booking = booking_row(booking_id, ref, wish.request, found, patient_id, now)
    booking.made_by = actor.user_id
    booking.overbooked_reason = wish.beside.reason.strip() if wish.beside and others else ""
    facts: dict[str, Any] = {"way": str(wish.way)} | ({"beside": sorted(others)} if others else {})
    if wish.way is Way.FREE:
        facts["price"] = booking.price_minor
        booking.price_minor, booking.free_reason = 0, wish.reason.strip()
    if wish.way is Way.LINK and booking.price_minor:
        _keep_until(booking, wish.pay_by, now)
    begin(session, booking, actor=actor, now=now, facts=facts)
    session.flush()
    return booking


def _claim(session: Session, booking_id: str, wish: DeskWish, found: Wish) -> set[str]:
    """Take the time; beside others only when they are those the form showed. Returns their ids."""
    doctor_id = found.offer.doctor_id
    if wish.beside is None:
        if not claim(session, booking_id, doctor_id, found.cells):
            raise SlotTaken(wish.request.doctor)
        return set()
    _mine, others = claim_beside(session, booking_id, doctor_id, found.cells)
    there = set(session.scalars(select(Booking.ref).where(Booking.id.in_(others))))
    if there - wish.beside.refs:
        raise OthersAreThere(wish.request.doctor)
    return others


def _patient(session: Session, request: HoldRequest, now: datetime) -> str:
    """A known patient, the person of that address, or somebody new, perhaps without an address."""
    if request.viewer_id is not None or request.email.strip():
        return patient_for(session, request, now)
    user_id = new_id()
    user = User(id=user_id, email=no_mail_address(user_id), name=request.name)
    user.phone, user.role, user.locale = request.phone, Role.PATIENT, request.locale
    user.created_at = now
    session.add(user)
    session.flush()
    return user_id


def _keep_until(booking: Booking, pay_by: datetime | None, now: datetime) -> None:
    """Held until the time chosen: as long as a pay page may last, and never past the visit."""
    least, most = now + PAY_LINK_LEAST, min(now + PAY_LINK_MOST, booking.starts_at)
    if pay_by is None or not least <= pay_by <= most:
        raise InvalidValue("pay_by", "not between half an hour and a day, before the visit")
    booking.pay_by = booking.hold_expires_at = pay_by
    booking.hold_extended_at = now  # it is kept longer already, and not longer again


def _paid(session: Session, wish: DeskWish, booking: Booking, actor: Actor, now: datetime) -> None:
    """Confirm it with the money in hand or for free; a link waits for its payment."""
    if not booking.price_minor:
        confirm(session, booking, {"price": 0}, actor=actor, now=now)
    elif wish.way is Way.LINK:
        to = booking.visitor_email
        post(session, "pay_link", booking.id, to, now=now, locale=booking.locale)
    else:
        taking = Taking(method=PaymentMethod(wish.way), note=wish.note)
        record_taking(session, booking, taking, actor=actor, now=now)


def _result(booking: Booking) -> Held:
    until = booking.hold_expires_at or booking.starts_at
    return Held(id=booking.id, ref=booking.ref, hold_expires_at=until)
