"""What may a person say to a refund that waits: yes by hand, no, another amount, nothing at all?

Saying yes to it as it stands is in ``proposals``.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.exc import IntegrityError

from efoy.domain.errors import RefundRefused
from efoy.domain.payment import PaymentStatus
from efoy.domain.refund import RefundEvent, RefundStatus
from efoy.domain.role import Actor
from efoy.models.audit import record
from efoy.models.base import lock, transaction
from efoy.models.booking import Booking
from efoy.models.payment import Payment
from efoy.services.proposals import approve, decide, lock_proposed
from efoy.services.refund_by_hand import Hand, hand_within, named
from efoy.services.refunds import REASONS, RefundWish, refund_of_form, request_within


def give_proposed_by_hand(
    refund_id: str, hand: Hand, *, actor: Actor, now: datetime
) -> RefundStatus:
    """Hand over what the rules proposed of money that never was at Stripe.

    Returns its status: ``proposed`` still where it is above this person's limit and waits for
    another. Raises RefundRefused (``decided``, ``hand``, ``needs_another``).
    """
    with transaction("decide_refund") as session:
        payment, refund = lock_proposed(session, refund_id)
        refund.way, refund.handed_by = hand.way, named(hand)
        approve(session, payment, refund, actor=actor, now=now)
        return refund.status


def decline_refund(refund_id: str, *, note: str, actor: Actor, now: datetime) -> None:
    """A person says no: nothing of this goes back. ``note`` is for the clinic's own eyes.

    Raises RefundRefused (``decided``) where somebody was faster.
    """
    with transaction("decide_refund") as session:
        _, refund = lock_proposed(session, refund_id)
        refund.note = note
        decide(session, refund, RefundEvent.DECLINE, actor, now)


def give_other_amount(refund_id: str, wish: RefundWish, *, actor: Actor, now: datetime) -> str:
    """A person gives more or less than was proposed: the proposal ends, theirs is asked for.

    ``wish.available`` is what the form showed, the proposed amount counted in. Returns the new
    refund's id; raises as ``request_refund`` does, and ``decided`` where somebody was faster.
    """
    try:
        with transaction("decide_refund") as session:
            first = refund_of_form(session, wish.form_token)
            if first is not None:
                return first.id
            payment, proposed = lock_proposed(session, refund_id)
            decide(session, proposed, RefundEvent.DECLINE, actor, now)
            session.flush()
            return request_within(session, payment, wish, actor, now).id
    except IntegrityError as error:
        raise RefundRefused("another_is_waiting") from error


def give_other_by_hand(
    refund_id: str, wish: RefundWish, hand: Hand, *, actor: Actor, now: datetime
) -> RefundStatus:
    """The same for money that is handed over; raises as ``pay_by_hand`` does."""
    with transaction("decide_refund") as session:
        first = refund_of_form(session, wish.form_token)
        if first is not None:
            return first.status
        payment, proposed = lock_proposed(session, refund_id)
        booking = lock(session, Booking, payment.booking_id)
        decide(session, proposed, RefundEvent.DECLINE, actor, now)
        session.flush()
        return hand_within(session, payment, booking, wish, hand, actor, now).status


def keep_money(payment_id: str, reason: str, note: str, *, actor: Actor, now: datetime) -> None:
    """A person decides that nothing goes back though nobody proposed anything: a fact in the
    history, no money. Raises RefundRefused (``not_paid``, ``reason``, ``disputed``)."""
    with transaction("decide_refund") as session:
        payment = lock(session, Payment, payment_id)
        if payment.status is not PaymentStatus.PAID:
            raise RefundRefused("not_paid")
        if reason not in REASONS:
            raise RefundRefused("reason")
        record(
            session,
            "payment",
            payment.id,
            "keep",
            before=None,
            after=None,
            actor=actor,
            now=now,
            facts={"reason": reason, "note": note},
        )
