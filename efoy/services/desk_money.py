"""How does the desk take money for a visit? By hand, never while Stripe could take it, too."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import Session

from efoy.domain.booking import PAID_FOR, BookingEvent, BookingStatus
from efoy.domain.errors import AlreadyPaid, HoldExpired, InvalidValue, PaymentUnsettled
from efoy.domain.payment import AT_DESK, PaymentEvent, PaymentMethod, PaymentStatus
from efoy.domain.role import Actor
from efoy.models.base import lock, new_id, transaction
from efoy.models.booking import Booking
from efoy.models.ledger import DESK_CASH, DESK_TERMINAL, VISIT_INCOME, write_ledger
from efoy.models.outbox import post
from efoy.models.payment import Payment, undecided_payment
from efoy.models.transition import begin, move
from efoy.services.checkout_closing import close_checkout
from efoy.services.papers import issue_receipt

if TYPE_CHECKING:
    from efoy.gateways.stripe_gateway import StripeGateway

ACCOUNT = {PaymentMethod.CASH: DESK_CASH, PaymentMethod.TERMINAL: DESK_TERMINAL}
"""Where money taken at the desk lies: the drawer, or the terminal's own account."""
FOR_THE_DESK = "desk"
"""Why a checkout is closed: its unpaid end leaves the time held, the money comes by hand."""


@dataclass(frozen=True, kw_only=True)
class Taking:
    """Money handed over: how, and what the one who took it wrote with it.

    The amount is the booking's price; who took it is the actor. ``form_token``: a second press of
    the same form finds the first taking.
    """

    method: PaymentMethod
    note: str = ""
    form_token: str | None = None


def take_at_desk(
    booking_id: str, taking: Taking, *, stripe: StripeGateway, actor: Actor, now: datetime
) -> str:
    """Take the price of a held visit and confirm it; returns the payment's id.

    An open pay page is closed first, and only when Stripe has said that nobody can pay there is
    the money taken. Raises AlreadyPaid (take no money), PaymentUnsettled or ProviderDown (not
    yet), HoldExpired (the time was given up), NotFound, InvalidValue.
    """
    done, waiting = _take(booking_id, taking, actor, now)
    if waiting is not None:
        close_checkout(waiting, closing_for=FOR_THE_DESK, stripe=stripe, actor=actor, now=now)
        done, waiting = _take(booking_id, taking, actor, now)
    if done is None:
        raise PaymentUnsettled(booking_id)
    return done


def _take(
    booking_id: str, taking: Taking, actor: Actor, now: datetime
) -> tuple[str | None, str | None]:
    """The payment that was made, or the one at Stripe that stands in the way.

    A checkout begins under the same lock, so none can begin between the look and the taking.
    """
    with transaction("take_money") as session:
        booking = lock(session, Booking, booking_id)
        first = _of_form(session, taking.form_token)
        if first is not None:
            return first, None
        if booking.status in PAID_FOR:
            raise AlreadyPaid(booking_id)
        waiting = undecided_payment(session, booking_id)
        if waiting is not None:
            return None, waiting
        if booking.status is not BookingStatus.HELD:
            raise HoldExpired(booking_id)
        return record_taking(session, booking, taking, actor=actor, now=now), None


def _of_form(session: Session, token: str | None) -> str | None:
    if not token:
        return None
    return session.scalar(select(Payment.id).where(Payment.form_token == token))


def record_taking(
    session: Session, booking: Booking, taking: Taking, *, actor: Actor, now: datetime
) -> str:
    """Payment, books, receipt and confirmed visit, in the caller's transaction; the payment's id.

    The booking is held and locked, and nothing at Stripe can be paid for it.
    """
    if taking.method not in AT_DESK or actor.user_id is None:
        raise InvalidValue("method", "not taken at the desk by anybody")
    payment = _payment(booking, taking, actor.user_id, now)
    begin(session, payment, actor=actor, now=now)
    facts = {"taken_by": actor.user_id, "amount": payment.amount_minor, "how": str(actor.door)}
    move(session, payment, PaymentEvent.PAY, actor=actor, now=now, facts=facts)
    session.flush()
    write_ledger(
        session,
        cause=f"charge:{payment.id}",
        payment_id=payment.id,
        currency=payment.currency,
        amounts={
            ACCOUNT[taking.method]: payment.amount_minor,
            VISIT_INCOME: -payment.amount_minor,
        },
        now=now,
    )
    confirm(session, booking, {"payment": payment.id}, actor=actor, now=now)
    issue_receipt(session, payment, booking, now=now)
    return payment.id


def confirm(
    session: Session, booking: Booking, facts: dict[str, str | int], *, actor: Actor, now: datetime
) -> None:
    """The visit is booked, and the patient told (the booking is held and locked)."""
    move(session, booking, BookingEvent.PAY, actor=actor, now=now, facts=facts)
    booking.confirmed_at = now
    post(session, "booked", booking.id, booking.visitor_email, now=now, locale=booking.locale)


def _payment(booking: Booking, taking: Taking, taken_by: str, now: datetime) -> Payment:
    payment_id = new_id()
    return Payment(
        id=payment_id,
        booking_id=booking.id,
        method=taking.method,
        status=PaymentStatus.CREATING,
        amount_minor=booking.price_minor,
        currency=booking.currency,
        idempotency_key=f"efoy:desk:{payment_id}",
        params={},
        created_at=now,
        captured_minor=booking.price_minor,
        paid_at=now,
        taken_by=taken_by,
        taken_note=taking.note,
        form_token=taking.form_token,
    )
