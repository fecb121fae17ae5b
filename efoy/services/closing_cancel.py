"""How does the clinic cancel a booked visit because the doctor is away? Everything goes back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from efoy.domain.booking import BookingEvent
from efoy.domain.errors import RefundRefused
from efoy.domain.payment import PaymentStatus
from efoy.domain.role import Actor
from efoy.models.booking import Booking, free_claims
from efoy.models.outbox import post
from efoy.models.payment import Payment
from efoy.models.transition import move
from efoy.services.proposals import ask_back
from efoy.services.refunds import is_disputed, left_to_refund

REASON = "clinic_cancelled"


def cancel_with_all_back(
    session: Session,
    booking: Booking,
    payments: Sequence[Payment],
    *,
    reason: str,
    once: str,
    actor: Actor,
    now: datetime,
) -> None:
    """End a confirmed visit, free its time, ask for all of its money back, promise the mail.

    Booking and payments are locked. ``once`` makes the refunds unique. Raises RefundRefused while
    a bank looks at a payment: then nothing is done at all.
    """
    for payment in payments:
        if payment.status is PaymentStatus.PAID:
            _all_back(session, payment, once, actor, now)
    move(session, booking, BookingEvent.CANCEL, actor=actor, now=now)
    booking.cancelled_at, booking.cancelled_by = now, "clinic"
    booking.cancel_reason = reason
    booking.calendar_sequence += 1
    free_claims(session, booking.id)
    to, locale = booking.visitor_email, booking.locale
    post(session, "cancelled_by_clinic", booking.id, to, now=now, locale=locale)


def _all_back(session: Session, payment: Payment, once: str, actor: Actor, now: datetime) -> None:
    left = left_to_refund(session, payment)
    if left <= 0:
        return
    if is_disputed(session, payment.id):
        raise RefundRefused("disputed")
    ask_back(
        session,
        payment,
        left,
        automatic=True,
        reason=REASON,
        actor=actor,
        now=now,
        form_token=f"{once}:{payment.id[-8:]}",
    )
