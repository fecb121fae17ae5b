"""How is a time given up: cancelled by somebody, or because the hold is over?"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import select

from efoy.domain.booking import BookingEvent, BookingStatus
from efoy.domain.errors import IllegalTransition, NotFound
from efoy.domain.role import Actor
from efoy.models.base import lock, reading, transaction
from efoy.models.booking import Booking, free_claims
from efoy.models.outbox import post
from efoy.models.payment import undecided_payment
from efoy.models.transition import move
from efoy.services.checkout_closing import close_checkout

if TYPE_CHECKING:
    from efoy.gateways.stripe_gateway import StripeGateway


def cancel_booking(
    booking_id: str,
    *,
    by: str,
    reason: str,
    stripe: StripeGateway,
    actor: Actor,
    now: datetime,
    only_held: bool = False,
) -> BookingStatus:
    """End a booking: ``by`` is ``patient`` or ``clinic``. Repeating it changes nothing.

    A hold with a checkout is given up only after Stripe has said how the checkout ended, so the
    answer may still be ``held``: the sweep finishes it. ``only_held``: a visit that was paid a
    moment ago stays, for its money is not settled here. Raises IllegalTransition when too late.
    """
    payment_id = _begin_cancel(
        booking_id, by=by, reason=reason, only_held=only_held, actor=actor, now=now
    )
    if payment_id is not None:
        close_checkout(payment_id, closing_for="cancel", stripe=stripe, actor=actor, now=now)
    with reading() as connection:
        status = connection.scalar(select(Booking.status).where(Booking.id == booking_id))
    if status is None:
        raise NotFound(booking_id)
    return BookingStatus(status)


def _begin_cancel(
    booking_id: str, *, by: str, reason: str, only_held: bool, actor: Actor, now: datetime
) -> str | None:
    """Cancel now where no checkout stands in the way; else the payment that must be closed."""
    with transaction("cancel_booking") as session:
        booking = lock(session, Booking, booking_id)
        if booking.status is BookingStatus.CANCELLED:
            return None
        if booking.status is BookingStatus.HELD:
            waiting = undecided_payment(session, booking_id)
            if waiting is not None:
                booking.cancelled_by, booking.cancel_reason = by, reason
                return waiting
        if only_held and booking.status is BookingStatus.CONFIRMED:
            raise IllegalTransition("a paid visit")
        was = booking.status
        move(session, booking, BookingEvent.CANCEL, actor=actor, now=now)
        booking.cancelled_at, booking.cancelled_by = now, by
        booking.cancel_reason = reason
        booking.calendar_sequence += 1
        free_claims(session, booking.id)
        if was is BookingStatus.CONFIRMED:
            kind = "cancelled_by_clinic" if by == "clinic" else "cancelled_by_patient"
            post(session, kind, booking.id, booking.visitor_email, now=now, locale=booking.locale)
    return None


def due_holds(now: datetime) -> list[str]:
    """Every hold whose time is up, oldest first."""
    query = (
        select(Booking.id)
        .where(Booking.status == "held", Booking.hold_expires_at <= now)
        .order_by(Booking.hold_expires_at)
    )
    with reading() as connection:
        return list(connection.scalars(query))


def expire_hold(booking_id: str, *, stripe: StripeGateway, actor: Actor, now: datetime) -> None:
    """Give a hold up whose time is over; with a checkout, only after Stripe said it ended.

    Raises ProviderDown when Stripe cannot be asked: the time stays taken, the sweep comes again.
    """
    payment_id: str | None = None
    with transaction("expire_hold") as session:
        booking = lock(session, Booking, booking_id)
        over = booking.hold_expires_at is not None and booking.hold_expires_at <= now
        if booking.status is not BookingStatus.HELD or not over:
            return
        payment_id = undecided_payment(session, booking_id)
        if payment_id is None:
            move(session, booking, BookingEvent.EXPIRE, actor=actor, now=now)
            free_claims(session, booking_id)
    if payment_id is not None:
        close_checkout(payment_id, closing_for="expire", stripe=stripe, actor=actor, now=now)
