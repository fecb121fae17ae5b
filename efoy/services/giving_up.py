"""How is a time given up: cancelled by somebody, or because the hold is over?"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import select

from efoy.domain.booking import BookingEvent, BookingStatus
from efoy.domain.cancelling import Shown
from efoy.domain.errors import NotFound, ProviderDown, ProviderRefused
from efoy.domain.payment import UNDECIDED
from efoy.domain.role import Actor
from efoy.models.base import lock, reading, transaction
from efoy.models.booking import Booking, free_claims
from efoy.models.payment import undecided_payment
from efoy.models.transition import move
from efoy.services.cancelling import Ending, end_visit, lock_payments
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
    shown: Shown | None = None,
) -> BookingStatus:
    """End a booking: ``by`` is ``patient`` or ``clinic``. Repeating it changes nothing.

    A hold with a checkout is given up only after Stripe has said how the checkout ended, so the
    answer may still be ``held``: the sweep finishes it. A paid visit ends with its refund, for a
    patient exactly the one that was ``shown``. Raises QuoteChanged, TooLateToCancel,
    IllegalTransition where the visit took place.
    """
    ending = Ending(by=by, reason=reason, shown=shown)
    waiting = _begin_cancel(booking_id, ending, actor=actor, now=now)
    if waiting is not None and not waiting.booking_is_over:
        close_checkout(
            waiting.payment_id, closing_for="cancel", stripe=stripe, actor=actor, now=now
        )
    elif waiting is not None:
        with suppress(ProviderDown, ProviderRefused):  # paid all the same, it goes back by itself
            close_checkout(
                waiting.payment_id, closing_for="cancel", stripe=stripe, actor=actor, now=now
            )
    with reading() as connection:
        status = connection.scalar(select(Booking.status).where(Booking.id == booking_id))
    if status is None:
        raise NotFound(booking_id)
    return BookingStatus(status)


@dataclass(frozen=True, kw_only=True)
class _OpenPage:
    """A pay page that must be closed: before the booking ends, or (a top-up) after it has."""

    payment_id: str
    booking_is_over: bool


def _begin_cancel(
    booking_id: str, ending: Ending, *, actor: Actor, now: datetime
) -> _OpenPage | None:
    """Cancel now where no checkout stands in the way; a paid visit ends whatever else is open."""
    with transaction("cancel_booking") as session:
        payments = lock_payments(session, booking_id)
        booking = lock(session, Booking, booking_id)
        if booking.status is BookingStatus.CANCELLED:
            return None
        if booking.status is not BookingStatus.HELD:
            end_visit(session, booking, payments, ending, actor=actor, now=now)
            opened = [key for key, payment in payments.items() if payment.status in UNDECIDED]
            return _OpenPage(payment_id=opened[0], booking_is_over=True) if opened else None
        waiting = undecided_payment(session, booking_id)
        if waiting is not None:
            booking.cancelled_by, booking.cancel_reason = ending.by, ending.reason
            return _OpenPage(payment_id=waiting, booking_is_over=False)
        move(session, booking, BookingEvent.CANCEL, actor=actor, now=now)
        booking.cancelled_at, booking.cancelled_by = now, ending.by
        booking.cancel_reason = ending.reason
        booking.calendar_sequence += 1
        free_claims(session, booking.id)
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
