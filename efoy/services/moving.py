"""How does a booked visit get to another time? The new cells are taken and the old ones freed in
one transaction; a dearer time is held while its top-up is paid.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from efoy.domain.errors import Conflict, MoveUnderWay, SlotTaken, StaleAmount, TopUpNeeded
from efoy.domain.money import Money
from efoy.domain.moving import MoveStatus
from efoy.domain.role import Actor
from efoy.models.audit import record
from efoy.models.base import lock, new_id, reading, transaction
from efoy.models.booking import Booking
from efoy.models.kept import kept_payments
from efoy.models.moving import BookingMove, pending_move
from efoy.models.payment import Payment, undecided_payment
from efoy.models.transition import begin
from efoy.services.cancelling import lock_payments
from efoy.services.checkout import OpenCheckout, ReturnUrls, new_payment, record_created, resume
from efoy.services.checkout_closing import close_checkout
from efoy.services.checkout_creation import create
from efoy.services.moving_quote import (
    CLINIC,
    PATIENT,
    MoveQuote,
    MoveWish,
    Target,
    check_movable,
    find_target,
    new_price,
    quote_move,
)
from efoy.services.moving_steps import (
    finish_move,
    give_difference_back,
    take_new_time,
)

if TYPE_CHECKING:
    from efoy.gateways.stripe_gateway import StripeGateway

__all__ = [
    "CLINIC",
    "PATIENT",
    "MoveQuote",
    "MoveWish",
    "Moved",
    "leave_move",
    "move_booking",
    "open_top_up",
    "quote_move",
]


@dataclass(frozen=True, kw_only=True)
class Moved:
    """What became of it: ``done``, or ``pending`` with the pay page of the top-up.

    ``difference`` is what the new time costs more (negative: less), ``back`` what goes back.
    """

    id: str
    status: MoveStatus
    starts_at: datetime
    difference: Money
    back: Money
    payment_id: str | None = None
    page: OpenCheckout | None = None


@dataclass(frozen=True, kw_only=True)
class _Asked:
    """One wish to move, with what it is asked with."""

    booking_id: str
    wish: MoveWish
    target: Target
    stripe: StripeGateway | None
    urls: ReturnUrls | None
    actor: Actor
    now: datetime


def move_booking(
    booking_id: str,
    wish: MoveWish,
    *,
    actor: Actor,
    now: datetime,
    stripe: StripeGateway | None = None,
    urls: ReturnUrls | None = None,
) -> Moved:
    """Move a booked visit: at once, or as soon as the top-up for a dearer time is paid.

    Without ``stripe`` and ``urls`` a dearer time raises TopUpNeeded. The same ``form_token``
    answers with the first result. Raises NotFound, IllegalTransition, TooLateToMove, SameTime,
    SlotNotOffered, SlotTaken, MoveUnderWay, StaleAmount (quote or visit changed meanwhile); and
    with the new time held and nothing charged ProviderDown, ProviderRefused, PaymentUnsettled.
    """
    moved = _first_result(booking_id, wish.form_token)
    if moved is None:
        with reading() as connection:
            target = find_target(connection, booking_id, wish, now=now)
        asked = _Asked(
            booking_id=booking_id,
            wish=wish,
            target=target,
            stripe=stripe,
            urls=urls,
            actor=actor,
            now=now,
        )
        moved = _moved(asked)
    if moved.status is MoveStatus.PENDING and stripe is not None:
        page = open_top_up(str(moved.payment_id), stripe=stripe, actor=actor, now=now)
        return replace(moved, page=page)
    return moved


def _moved(asked: _Asked) -> Moved:
    try:
        with transaction("move_booking") as session:
            return _told(_move(session, asked))
    except (IntegrityError, Conflict) as error:  # the same form twice at once finds the first
        first = _first_result(asked.booking_id, asked.wish.form_token)
        if first is not None:
            return first
        if isinstance(error, IntegrityError):
            raise MoveUnderWay(asked.booking_id) from error
        raise


def _first_result(booking_id: str, form_token: str | None) -> Moved | None:
    if form_token is None:
        return None
    query = select(BookingMove).where(
        BookingMove.form_token == form_token, BookingMove.booking_id == booking_id
    )
    with reading() as connection, Session(bind=connection, autoflush=False) as session:
        found = session.scalar(query)
        return None if found is None else _told(found)


def _told(moving: BookingMove) -> Moved:
    return Moved(
        id=moving.id,
        status=moving.status,
        starts_at=moving.starts_at,
        difference=moving.difference,
        back=Money(moving.back_minor, moving.currency),
        payment_id=moving.payment_id,
    )


def _move(session: Session, asked: _Asked) -> BookingMove:
    """Under the locks of payments and booking: everything is looked at afresh."""
    payments = lock_payments(session, asked.booking_id)
    booking = lock(session, Booking, asked.booking_id)
    _check(session, booking, payments, asked)
    moving = _row(booking, asked)
    if asked.wish.quoted not in {None, moving.difference.minor}:
        raise StaleAmount(booking.id)
    if not take_new_time(session, booking, moving):
        raise SlotTaken(asked.target.doctor)
    if moving.difference.minor > 0:
        _begin_top_up(session, booking, moving, asked)
        return moving
    session.add(moving)
    owed = -moving.difference.minor
    moving.back_minor = give_difference_back(
        session, booking, payments, owed, actor=asked.actor, now=asked.now
    )
    finish_move(
        session,
        booking,
        moving,
        keep_rules=asked.wish.free_of_charge,
        actor=asked.actor,
        now=asked.now,
    )
    return moving


def _check(session: Session, booking: Booking, payments: dict[str, Payment], asked: _Asked) -> None:
    if asked.wish.was not in {None, booking.starts_at}:
        raise StaleAmount(booking.id)
    check_movable(booking, asked.target, asked.wish, asked.now)
    if pending_move(session, booking.id):
        raise MoveUnderWay(booking.id)
    kept = kept_payments(session, booking.id)
    if any(each.payment_id not in payments for each in kept):  # paid while we waited for the locks
        raise StaleAmount(booking.id)


def _row(booking: Booking, asked: _Asked) -> BookingMove:
    """The move as a row, done unless its difference asks for a top-up; not yet written."""
    target, slot = asked.target, asked.target.slot
    price = new_price(booking.price_minor, target, asked.wish)
    dearer = price > booking.price_minor
    return BookingMove(
        id=new_id(),
        booking_id=booking.id,
        status=MoveStatus.PENDING if dearer else MoveStatus.DONE,
        from_doctor_id=booking.doctor_id,
        from_starts_at=booking.starts_at,
        from_ends_at=booking.ends_at,
        from_price_minor=booking.price_minor,
        doctor_id=target.offer.doctor_id,
        starts_at=slot.starts_at,
        ends_at=slot.ends_at,
        busy_until=target.busy_until,
        window_starts_at=slot.window.starts_at,
        window_ends_at=slot.window.ends_at,
        place=slot.window.place or target.offer.place,
        price_minor=price,
        currency=booking.currency,
        tax_label=target.offer.tax_label,
        tax_basis_points=target.offer.tax_basis_points,
        back_minor=0,
        moved_by=asked.wish.by,
        form_token=asked.wish.form_token,
        created_at=asked.now,
        why="",
    )


def _begin_top_up(session: Session, booking: Booking, moving: BookingMove, asked: _Asked) -> None:
    """Commit the intention: the new time held, the payment with its frozen parameters and key."""
    if asked.stripe is None or asked.urls is None:
        raise TopUpNeeded(booking.id)
    if undecided_payment(session, booking.id):  # Stripe has not said yet how the last one ended
        raise MoveUnderWay(booking.id)
    payment = new_payment(
        booking, asked.urls, asked.stripe, asked.now, top_up=moving.difference.minor
    )
    begin(session, payment, actor=asked.actor, now=asked.now)
    session.flush()
    moving.payment_id = payment.id
    session.add(moving)
    record(
        session,
        "booking",
        booking.id,
        "move_begun",
        before=None,
        after=None,
        actor=asked.actor,
        now=asked.now,
        facts={
            "move": moving.id,
            "to": moving.starts_at.isoformat(),
            "difference": moving.difference.minor,
        },
    )


def open_top_up(
    payment_id: str, *, stripe: StripeGateway, actor: Actor, now: datetime
) -> OpenCheckout:
    """The pay page of a top-up; asking again finds the same page.

    Raises PaymentUnsettled where it is over, ProviderDown, ProviderRefused (the move is dropped).
    """
    with transaction("begin_payment") as session:
        ready = resume(lock(session, Payment, payment_id), now)
    if isinstance(ready, OpenCheckout):
        return ready
    notice = create(ready, stripe=stripe, actor=actor, now=now)
    return record_created(payment_id, notice, actor=actor, now=now)


def leave_move(booking_id: str, *, stripe: StripeGateway, actor: Actor, now: datetime) -> None:
    """Keep the old time: the new one is free once Stripe has said that nobody can pay for it.

    A top-up that was paid meanwhile goes back. Repeating it changes nothing. Raises ProviderDown:
    the new time stays held, the sweep comes again.
    """
    query = select(BookingMove.payment_id).where(
        BookingMove.booking_id == booking_id, BookingMove.status == MoveStatus.PENDING
    )
    with reading() as connection:
        payment_id = connection.scalar(query)
    if payment_id is not None:
        close_checkout(str(payment_id), closing_for="cancel", stripe=stripe, actor=actor, now=now)
