"""What does the money of a booking look like? Its payments, with what went back, as one word."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, select

from efoy.domain.dispute import CLOSED
from efoy.domain.money import Money
from efoy.domain.payment import PaymentMethod, PaymentPurpose, PaymentStatus, Standing, standing
from efoy.domain.refund import ON_THEIR_WAY, OVER, RefundOrigin, RefundStatus
from efoy.models.payment import Dispute, Payment, Refund

Followed = Sequence[tuple[RefundStatus, int]]


@dataclass(frozen=True, kw_only=True)
class PaymentMoney:
    """One attempt to pay, and what became of its money; whole numbers are minor units.

    ``blocked_by_bank``: an open dispute forbids refunds. ``failed``: came back from the bank, and
    nobody has sent it again. ``proposed`` waits for a person. ``fee`` is known once Stripe has told
    it, in the payment's currency. ``returned``: it came too late or twice, and went back by itself.
    """

    id: str
    booking_id: str
    method: PaymentMethod
    status: PaymentStatus
    amount: Money
    created_at: datetime
    paid_at: datetime | None
    checkout_ref: str | None
    intent_ref: str | None
    card: str
    decline_code: str | None
    parked_reason: str | None
    fee: int | None
    captured: int
    refunded: int = 0
    on_the_way: int = 0
    proposed: int = 0
    failed: int = 0
    disputed: bool = False
    blocked_by_bank: bool = False
    purpose: PaymentPurpose = PaymentPurpose.VISIT
    returned: bool = False

    @property
    def left(self) -> int:
        """What may still go back, in minor units."""
        return self.captured - self.refunded - self.on_the_way - self.proposed

    @property
    def standing(self) -> Standing:
        """The one word for this payment's money."""
        return standing(
            captured=self.captured,
            refunded=self.refunded,
            on_their_way=self.on_the_way,
            failed=self.failed,
            disputed=self.disputed,
            processing=self.status is PaymentStatus.PROCESSING,
            parked=self.status is PaymentStatus.PARKED,
            proposed=self.proposed,
        )


def card_words(brand: str | None, last4: str | None) -> str:
    """``Visa ending 4242``; empty while no card is known."""
    return f"{(brand or 'card').title()} ending {last4}" if last4 else ""


def payments_of(
    connection: Connection, booking_ids: Collection[str]
) -> Mapping[str, list[PaymentMoney]]:
    """Every payment of these bookings, oldest first, by booking id (absent: nobody tried)."""
    if not booking_ids:
        return {}
    query = PAYMENTS.where(Payment.booking_id.in_(booking_ids))
    found: dict[str, list[PaymentMoney]] = defaultdict(list)
    for payment in read_payments(connection, query.order_by(Payment.created_at)):
        found[payment.booking_id].append(payment)
    return found


def read_payments(connection: Connection, query: Select[*tuple[Any, ...]]) -> list[PaymentMoney]:
    """The payments of a query made from ``PAYMENTS``, with the sums of what went back."""
    rows = [_payment(facts) for facts in connection.execute(query).mappings()]
    return _with_what_went_back(connection, rows)


PAYMENTS = select(
    Payment.id,
    Payment.booking_id,
    Payment.method,
    Payment.status,
    Payment.amount_minor,
    Payment.currency,
    Payment.created_at,
    Payment.paid_at,
    Payment.checkout_ref,
    Payment.intent_ref,
    Payment.card_brand,
    Payment.card_last4,
    Payment.decline_code,
    Payment.parked_reason,
    Payment.fee_minor,
    Payment.settled_currency,
    Payment.captured_minor,
    Payment.purpose,
)


def _payment(facts: RowMapping) -> PaymentMoney:
    paid = facts["status"] is PaymentStatus.PAID
    same_currency = facts["settled_currency"] == facts["currency"]
    return PaymentMoney(
        id=facts["id"],
        booking_id=facts["booking_id"],
        method=facts["method"],
        status=facts["status"],
        amount=Money(facts["amount_minor"], facts["currency"]),
        created_at=facts["created_at"],
        paid_at=facts["paid_at"],
        checkout_ref=facts["checkout_ref"],
        intent_ref=facts["intent_ref"],
        card=card_words(facts["card_brand"], facts["card_last4"]),
        decline_code=facts["decline_code"],
        parked_reason=facts["parked_reason"],
        fee=facts["fee_minor"] if same_currency else None,
        captured=(facts["captured_minor"] or 0) if paid else 0,
        purpose=facts["purpose"],
    )


def _with_what_went_back(
    connection: Connection, payments: Sequence[PaymentMoney]
) -> list[PaymentMoney]:
    if not payments:
        return []
    keys = [payment.id for payment in payments]
    refunds = _refunds(connection, keys)
    disputed, blocked = _disputes(connection, keys)
    returned = _returned(connection, keys)
    return [
        replace(
            payment,
            refunded=_sum(refunds[payment.id], {RefundStatus.SUCCEEDED}),
            on_the_way=_sum(refunds[payment.id], ON_THEIR_WAY),
            proposed=_sum(refunds[payment.id], {RefundStatus.PROPOSED}),
            failed=unanswered(refunds[payment.id]),
            disputed=payment.id in disputed,
            blocked_by_bank=payment.id in blocked,
            returned=payment.id in returned,
        )
        for payment in payments
    ]


def _refunds(
    connection: Connection, payment_ids: Collection[str]
) -> Mapping[str, list[tuple[RefundStatus, int]]]:
    query = select(Refund.payment_id, Refund.status, Refund.amount_minor)
    query = query.where(Refund.payment_id.in_(payment_ids)).order_by(Refund.created_at, Refund.id)
    found: dict[str, list[tuple[RefundStatus, int]]] = defaultdict(list)
    for payment_id, status, minor in connection.execute(query):
        found[payment_id].append((status, minor))
    return found


def _returned(connection: Connection, payment_ids: Collection[str]) -> frozenset[str]:
    query = select(Refund.payment_id).where(
        Refund.payment_id.in_(payment_ids), Refund.origin == RefundOrigin.AUTO
    )
    return frozenset(connection.scalars(query))


def _disputes(
    connection: Connection, payment_ids: Collection[str]
) -> tuple[frozenset[str], frozenset[str]]:
    """Payments a bank is asking about, and those of them that may not be refunded meanwhile."""
    query = select(Dispute.payment_id, Dispute.refundable).where(
        Dispute.payment_id.in_(payment_ids), Dispute.status.not_in(list(CLOSED))
    )
    rows = connection.execute(query).all()
    return (
        frozenset(payment_id for payment_id, _ in rows),
        frozenset(payment_id for payment_id, refundable in rows if not refundable),
    )


def _sum(refunds: Followed, statuses: Collection[RefundStatus]) -> int:
    return sum(minor for status, minor in refunds if status in statuses)


def unanswered(refunds: Followed) -> int:
    """What failed refunds (oldest first) were to bring back and no later one took over."""
    waiting = 0
    for status, minor in refunds:
        if status in {RefundStatus.FAILED, RefundStatus.CANCELED}:
            waiting += minor
        elif status not in OVER:
            waiting = 0
    return waiting


def main_payment(payments: Sequence[PaymentMoney]) -> PaymentMoney | None:
    """The payment that pays for the visit: the first that keeps money, else the last paid one."""
    paid = [payment for payment in payments if payment.status is PaymentStatus.PAID]
    keeping = [payment for payment in paid if payment.left > 0]
    return keeping[0] if keeping else (paid[-1] if paid else None)


def paying_payments(payments: Sequence[PaymentMoney]) -> list[PaymentMoney]:
    """What pays for the visit: its own payment, then the top-ups of its moves."""
    paid = [payment for payment in payments if payment.status is PaymentStatus.PAID]
    top_ups = [payment for payment in paid if payment.purpose is PaymentPurpose.TOP_UP]
    main = main_payment([payment for payment in paid if payment not in top_ups])
    spent = [payment for payment in top_ups if not payment.returned]
    return spent if main is None else [main, *spent]


def together(payments: Sequence[PaymentMoney]) -> PaymentMoney | None:
    """All that pays for the visit as one: the first of it, with the sums of all."""
    paying = paying_payments(payments)
    if not paying:
        return None
    fees = [each.fee for each in paying if each.fee is not None]
    return replace(
        paying[0],
        captured=sum(each.captured for each in paying),
        refunded=sum(each.refunded for each in paying),
        on_the_way=sum(each.on_the_way for each in paying),
        failed=sum(each.failed for each in paying),
        proposed=sum(each.proposed for each in paying),
        disputed=any(each.disputed for each in paying),
        fee=sum(fees) if len(fees) == len(paying) else None,
    )


def standing_of(payments: Sequence[PaymentMoney]) -> Standing:
    """The one word for a booking's money; a payment that needs a person comes first."""
    if any(payment.status is PaymentStatus.PARKED for payment in payments):
        return Standing.PARKED
    paid = together(payments)
    if paid is not None:
        return paid.standing
    waiting = any(payment.status is PaymentStatus.PROCESSING for payment in payments)
    return Standing.PROCESSING if waiting else Standing.UNPAID
