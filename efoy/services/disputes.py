"""What does the cardholder's bank do, and what does it do to the books?"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import Session

from efoy.domain.dispute import CLOSED, known
from efoy.domain.notice import BalanceLine, DisputeNotice
from efoy.domain.role import Actor
from efoy.models.audit import record
from efoy.models.base import lock, new_id, transaction
from efoy.models.ledger import (
    DISPUTES_LOST,
    STRIPE_BALANCE,
    STRIPE_FEES,
    LedgerEntry,
    write_ledger,
)
from efoy.models.payment import Dispute, Payment
from efoy.models.transition import take_dispute_word
from efoy.models.upkeep import close_alert, raise_alert

if TYPE_CHECKING:
    from efoy.gateways.stripe_gateway import StripeGateway


def settle_dispute(dispute_ref: str, *, stripe: StripeGateway, actor: Actor, now: datetime) -> bool:
    """Look at one dispute at Stripe and take over what it says; False when it is not ours."""
    notice = stripe.fetch_dispute(dispute_ref)
    return apply_dispute(notice, actor=actor, now=now)


def apply_dispute(notice: DisputeNotice, *, actor: Actor, now: datetime) -> bool:
    """Join a dispute's facts to our rows: status, deadline, and what moved on the balance."""
    with transaction("settle_dispute") as session:
        payment_id = session.scalar(
            select(Payment.id).where(Payment.intent_ref == notice.intent_ref)
        )
        if payment_id is None:
            return False
        payment = lock(session, Payment, payment_id)
        row = _row(session, payment, notice, actor, now)
        row.refundable, row.due_at = notice.refundable, notice.due_at
        if notice.lines:
            row.fee_minor = sum(line.fee for line in notice.lines)
            row.net_minor = sum(line.net for line in notice.lines)
        _take_word(session, row, notice, actor, now)
        for line in notice.lines:
            _book(session, payment, line, now)
    return True


def _row(
    session: Session, payment: Payment, notice: DisputeNotice, actor: Actor, now: datetime
) -> Dispute:
    row = session.scalar(select(Dispute).where(Dispute.dispute_ref == notice.ref))
    if row is not None:
        return row
    row = Dispute(
        id=new_id(),
        payment_id=payment.id,
        dispute_ref=notice.ref,
        amount_minor=notice.amount,
        currency=notice.currency,
        status=notice.status,
        reason=notice.reason,
        created_at=now,
    )
    session.add(row)
    record(
        session,
        "dispute",
        row.id,
        "begin",
        before=None,
        after=notice.status,
        actor=actor,
        now=now,
        facts={"seen": notice.ref, "amount": notice.amount},
    )
    return row


def _take_word(
    session: Session, row: Dispute, notice: DisputeNotice, actor: Actor, now: datetime
) -> None:
    word = known(notice.status)
    if word is None:
        raise_alert(session, "unknown_dispute_status", row.id, notice.status, now=now)
        return
    take_dispute_word(session, row, notice.status, actor=actor, now=now)
    if word in CLOSED:
        close_alert(session, "dispute", row.id, now=now)
    else:
        raise_alert(session, "dispute", row.id, notice.reason, now=now)


def _book(session: Session, payment: Payment, line: BalanceLine, now: datetime) -> None:
    """One balance transaction of the dispute (withdrawn, reinstated), once by its id."""
    cause = f"dispute:{line.ref}"
    query = select(LedgerEntry.id).where(LedgerEntry.cause == cause).limit(1)
    if line.currency != payment.currency or session.scalar(query) is not None:
        return
    write_ledger(
        session,
        cause=cause,
        payment_id=payment.id,
        currency=line.currency,
        amounts={
            STRIPE_BALANCE: line.net,
            DISPUTES_LOST: -line.amount,
            STRIPE_FEES: line.fee,
        },
        now=now,
    )
