"""How does money go back that Stripe cannot send: cash, the card terminal, a bank transfer?

Nobody but the person who says so can know that it went; so who handed it over stands in the row.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from efoy.domain.errors import RefundRefused
from efoy.domain.refund import RefundEvent, RefundOrigin, RefundStatus
from efoy.domain.refund_way import BY_HAND, RefundWay
from efoy.domain.role import Actor
from efoy.models.base import lock, transaction
from efoy.models.booking import Booking
from efoy.models.ledger import CLINIC_BANK, DESK_CASH, DESK_TERMINAL, REFUNDS_PAID, write_ledger
from efoy.models.outbox import post
from efoy.models.payment import Payment, Refund
from efoy.models.transition import move
from efoy.models.upkeep import close_alert
from efoy.services.papers import issue_credit_note
from efoy.services.refund_limits import must_wait
from efoy.services.refunds import (
    RefundWish,
    check_wish,
    close_made_good,
    new_refund,
    propose,
    refund_of_form,
)

TAKEN_FROM = {
    RefundWay.CASH: DESK_CASH,
    RefundWay.TERMINAL: DESK_TERMINAL,
    RefundWay.TRANSFER: CLINIC_BANK,
}
LONGEST_NAME = 120


@dataclass(frozen=True, kw_only=True)
class Hand:
    """Who hands the money over, and how; ``instead_of`` is the failed refund it makes good."""

    way: RefundWay
    by: str
    instead_of: str | None = None


def pay_by_hand(
    payment_id: str, wish: RefundWish, hand: Hand, *, actor: Actor, now: datetime
) -> RefundStatus:
    """Record money that was handed back: row, ledger, paper and mail in one commit.

    Above the person's limit it is proposed: the money is handed over when somebody else agreed.
    The same ``form_token`` answers with the first one. Raises RefundRefused and StaleAmount as
    ``request_refund`` does, RefundRefused (``hand``) without a way or a name.
    """
    with transaction("hand_refund") as session:
        payment = lock(session, Payment, payment_id)
        booking = lock(session, Booking, payment.booking_id)
        refund = refund_of_form(session, wish.form_token)
        if refund is None:
            refund = hand_within(session, payment, booking, wish, hand, actor, now)
        return refund.status


def hand_within(
    session: Session,
    payment: Payment,
    booking: Booking,
    wish: RefundWish,
    hand: Hand,
    actor: Actor,
    now: datetime,
) -> Refund:
    """The same inside the caller's transaction; payment and booking are locked."""
    refund = _begin(session, payment, wish, hand, actor, now)
    if refund.first_by is None:
        hand_over(session, booking, refund, actor=actor, now=now)
    return refund


def _begin(
    session: Session, payment: Payment, wish: RefundWish, hand: Hand, actor: Actor, now: datetime
) -> Refund:
    left = check_wish(session, payment, wish)
    name = named(hand)
    if hand.instead_of is not None:
        _failed_before(session, payment, hand.instead_of)
    refund = new_refund(
        payment,
        wish.amount,
        RefundOrigin.ADMIN,
        wish.reason,
        left,
        actor,
        now,
        status=RefundStatus.PROPOSED,
    )
    refund.way, refund.handed_by, refund.instead_of_id = hand.way, name, hand.instead_of
    refund.note, refund.message, refund.form_token = wish.note, wish.message, wish.form_token
    alone = not must_wait(session, payment, wish.amount, actor)
    return propose(session, refund, actor, now, needs_another=not alone, quietly=alone)


def named(hand: Hand) -> str:
    """Who hands it over, as it is written down; raises RefundRefused without a name or a way."""
    name = hand.by.strip()
    if hand.way not in BY_HAND or not 0 < len(name) <= LONGEST_NAME:
        raise RefundRefused("hand")
    return name


def _failed_before(session: Session, payment: Payment, refund_id: str) -> None:
    failed = lock(session, Refund, refund_id)
    over = failed.status in {RefundStatus.FAILED, RefundStatus.CANCELED}
    if failed.payment_id != payment.id or not over:
        raise RefundRefused("not_failed")


def hand_over(
    session: Session, booking: Booking, refund: Refund, *, actor: Actor, now: datetime
) -> None:
    """The money is in the patient's hands: the books, the alert and the mail follow it.

    Joins the caller's transaction; payment, booking and refund are locked.
    """
    facts = {"way": str(refund.way), "amount": refund.amount_minor}
    move(session, refund, RefundEvent.HAND_OVER, actor=actor, now=now, facts=facts)
    refund.submitted_at = refund.succeeded_at = now
    session.flush()
    write_ledger(
        session,
        cause=f"refund:{refund.id}",
        payment_id=refund.payment_id,
        currency=refund.currency,
        amounts={
            REFUNDS_PAID: refund.amount_minor,
            TAKEN_FROM[refund.way]: -refund.amount_minor,
        },
        now=now,
    )
    if refund.instead_of_id is not None:
        close_alert(session, "refund_failed", refund.instead_of_id, now=now)
    close_alert(session, "refund_to_approve", refund.id, now=now)
    close_made_good(session, refund, now)
    issue_credit_note(session, refund, now=now)
    post(
        session,
        "refund_by_hand",
        refund.id,
        booking.visitor_email,
        now=now,
        locale=booking.locale,
    )
