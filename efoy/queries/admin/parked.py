"""What is known about a payment that waits for a person's decision?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from efoy.domain.errors import NotFound
from efoy.domain.money import Money
from efoy.domain.payment import PaymentStatus
from efoy.models.audit import AuditEntry
from efoy.models.base import reading
from efoy.models.booking import Booking
from efoy.models.payment import Payment


@dataclass(frozen=True, kw_only=True)
class ParkedPayment:
    """One payment set aside. ``seen`` is the amount Stripe showed then, None where it showed no
    usable one; ``paid`` whether it showed the money as there; ``status`` as it is by now."""

    id: str
    status: PaymentStatus
    difference: str
    asked: Money
    seen: Money | None
    paid: bool
    parked_at: datetime | None
    booking_ref: str
    visitor_name: str
    visit_at: datetime


def parked_payment(payment_id: str) -> ParkedPayment:
    """The payment, if it was ever parked; raises NotFound."""
    query = (
        select(
            Payment.id,
            Payment.status,
            Payment.parked_reason,
            Payment.amount_minor,
            Payment.currency,
            Booking.ref,
            Booking.visitor_name,
            Booking.starts_at,
        )
        .join(Booking, Booking.id == Payment.booking_id)
        .where(Payment.id == payment_id, Payment.parked_reason.is_not(None))
    )
    seen = select(AuditEntry.at, AuditEntry.facts).where(
        AuditEntry.object == "payment",
        AuditEntry.object_id == payment_id,
        AuditEntry.event == "park",
    )
    with reading() as connection:
        row = connection.execute(query).one_or_none()
        if row is None:
            raise NotFound(payment_id)
        fact = connection.execute(seen.order_by(AuditEntry.seq.desc()).limit(1)).first()
    facts = fact.facts if fact else {}
    same = facts.get("currency") == row.currency
    return ParkedPayment(
        id=row.id,
        status=row.status,
        difference=row.parked_reason,
        asked=Money(row.amount_minor, row.currency),
        seen=Money(int(facts["amount"]), row.currency) if same and "amount" in facts else None,
        paid=facts.get("funds") == "paid",
        parked_at=fact.at if fact else None,
        booking_ref=row.ref,
        visitor_name=row.visitor_name,
        visit_at=row.starts_at,
    )
