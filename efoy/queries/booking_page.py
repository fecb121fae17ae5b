"""What does a booking's own page tell: its money, what went back, what happened?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, select

from efoy.domain.booking import BookingStatus, Landing
from efoy.domain.money import Money
from efoy.domain.payment import UNDECIDED, PaymentMethod, PaymentStatus, Standing
from efoy.domain.refund import RefundOrigin, RefundStatus
from efoy.models.audit import AuditEntry
from efoy.models.base import reading
from efoy.models.booking import Booking
from efoy.models.clinic import Clinic
from efoy.models.ledger import Receipt
from efoy.models.payment import Payment, Refund
from efoy.queries.moving import MoveView, waiting_move
from efoy.queries.patient import BookingView, Reader, read_booking
from efoy.queries.standing import PaymentMoney, paying_payments, payments_of, standing_of

BANKING_DAYS = 10
"""What banks take at most, as a rule, to show a refund."""
_WHAT = {
    "begin": "booked",
    "pay": "paid",
    "expire": "expired",
    "cancel": "cancelled",
    "move": "moved",
    "attend": "attended",
    "miss": "no_show",
}


@dataclass(frozen=True, kw_only=True)
class RefundView:
    """One refund as the patient follows it."""

    amount: Money
    status: RefundStatus
    card: str
    requested_at: datetime
    sent_at: datetime | None
    expected_on: date
    bank_reference: str
    duplicate: bool
    by_hand: bool = False


@dataclass(frozen=True, kw_only=True)
class Ended:
    """What a cancelled booking's owner was told comes back (None: nobody said), and after that.

    ``declined``: a person of the clinic decided against what the rules had proposed.
    """

    quoted: Money | None
    declined: bool


@dataclass(frozen=True, kw_only=True)
class PaidView:
    """The payment that paid for the visit."""

    amount: Money
    paid_at: datetime
    card: str
    statement_name: str
    receipt_number: str


@dataclass(frozen=True, kw_only=True)
class Happening:
    """One thing that happened to the booking; ``to`` is where a move led."""

    what: str
    at: datetime
    amount: Money | None = None
    to: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class BookingPage:
    """Everything one booking's page shows, and what its buttons may offer."""

    booking: BookingView
    standing: Standing
    payments: Sequence[PaymentMoney]
    payment: PaidView | None
    refunds: Sequence[RefundView]
    history: Sequence[Happening]
    late_but_yours: bool
    paid_twice: Money | None
    ended: Ended | None = None
    moving: MoveView | None = None

    @property
    def undecided(self) -> PaymentMoney | None:
        """The payment that Stripe may still turn into money, if there is one."""
        return next((each for each in self.payments if each.status in UNDECIDED), None)

    @property
    def newest(self) -> PaymentMoney | None:
        """The last attempt to pay."""
        return self.payments[-1] if self.payments else None

    def can_pay(self, now: datetime) -> bool:
        """Whether Pay would lead to a page: held, in time, and not waiting for Stripe's word."""
        until = self.booking.hold_expires_at
        if self.booking.status is not BookingStatus.HELD or until is None or until <= now:
            return False
        waiting = self.undecided
        unsure = {PaymentStatus.CLOSING, PaymentStatus.PROCESSING}
        return self.standing is Standing.UNPAID and (
            waiting is None or waiting.status not in unsure
        )


def booking_page(reader: Reader, ref: str) -> BookingPage:
    """The page of one booking, if it is this reader's to see; raises NotFound."""
    with reading() as connection:
        booking = read_booking(connection, reader, ref)
        payments = payments_of(connection, [booking.id]).get(booking.id, [])
        paying = paying_payments(payments)
        refunds = read_refunds(connection, payments)
        happened = _happened(connection, booking.id)
        return BookingPage(
            booking=booking,
            standing=_standing(booking, payments),
            payments=payments,
            payment=_paid(connection, paying) if paying else None,
            refunds=refunds,
            history=_history(happened, paying, refunds),
            late_but_yours=("expired", "confirmed") in {(b, a) for _, b, a, _, _ in happened},
            paid_twice=_twice(booking, refunds),
            ended=_ended(connection, booking),
            moving=waiting_move(connection, booking.id),
        )


def _ended(connection: Connection, booking: BookingView) -> Ended | None:
    if booking.status is not BookingStatus.CANCELLED:
        return None
    quoted = connection.scalar(select(Booking.quoted_minor).where(Booking.id == booking.id))
    declined = (
        select(Refund.id)
        .join(Payment, Payment.id == Refund.payment_id)
        .where(
            Payment.booking_id == booking.id,
            Refund.status == RefundStatus.WITHDRAWN,
            Refund.decided_at.is_not(None),
        )
    )
    return Ended(
        quoted=None if quoted is None else Money(quoted, booking.price.currency),
        declined=connection.scalar(declined.limit(1)) is not None,
    )


def _standing(booking: BookingView, payments: Sequence[PaymentMoney]) -> Standing:
    """A visit that costs nothing owes nothing once it is booked."""
    free = not booking.price and booking.confirmed_at is not None
    return Standing.PAID if free else standing_of(payments)


def _paid(connection: Connection, paying: Sequence[PaymentMoney]) -> PaidView:
    """The first of them, with the sum of all: top-ups belong to the price."""
    main = paying[0]
    number = select(Receipt.number).where(Receipt.payment_id == main.id, Receipt.kind == "receipt")
    name = select(Clinic.statement_name).where(Clinic.id == 1)
    return PaidView(
        amount=Money(sum(each.captured for each in paying), main.amount.currency),
        paid_at=main.paid_at or main.created_at,
        card=main.card,
        statement_name=connection.scalar(name) or "",
        receipt_number=connection.scalar(number) or "",
    )


def read_refunds(connection: Connection, payments: Sequence[PaymentMoney]) -> list[RefundView]:
    """Every refund of these payments that was not taken back, oldest first."""
    if not payments:
        return []
    cards = {each.id: each.card for each in payments}
    by_hand = {each.id for each in payments if each.method is not PaymentMethod.STRIPE}
    zone = ZoneInfo(connection.scalar(select(Clinic.zone)) or "UTC")
    query = (
        select(
            Refund.payment_id,
            Refund.amount_minor,
            Refund.currency,
            Refund.status,
            Refund.created_at,
            Refund.submitted_at,
            Refund.bank_reference,
            Refund.origin,
            Refund.reason,
        )
        .where(Refund.payment_id.in_(list(cards)), Refund.status != RefundStatus.WITHDRAWN)
        .order_by(Refund.created_at, Refund.id)
    )
    return [
        RefundView(
            amount=Money(row.amount_minor, row.currency),
            status=row.status,
            card=cards[row.payment_id],
            by_hand=row.payment_id in by_hand,
            requested_at=row.created_at,
            sent_at=row.submitted_at,
            expected_on=banking_days((row.submitted_at or row.created_at).astimezone(zone).date()),
            bank_reference=row.bank_reference or "",
            duplicate=row.origin is RefundOrigin.AUTO and row.reason == Landing.DUPLICATE,
        )
        for row in connection.execute(query)
    ]


def banking_days(first: date, count: int = BANKING_DAYS) -> date:
    """The day that many working days (Monday to Friday) after ``first``."""
    day = first
    while count:
        day += timedelta(days=1)
        count -= day.weekday() < 5  # Saturday is 5
    return day


_Happened = tuple[str, str | None, str | None, datetime, dict[str, Any]]


def _happened(connection: Connection, booking_id: str) -> list[_Happened]:
    query = (
        select(
            AuditEntry.event, AuditEntry.before, AuditEntry.after, AuditEntry.at, AuditEntry.facts
        )
        .where(AuditEntry.object == "booking", AuditEntry.object_id == booking_id)
        .order_by(AuditEntry.seq)
    )
    return [(a, b, c, d, e) for a, b, c, d, e in connection.execute(query)]


def _history(
    happened: Sequence[_Happened], paying: Sequence[PaymentMoney], refunds: Sequence[RefundView]
) -> list[Happening]:
    """What the patient would call the history, newest first."""
    amounts = [Money(each.captured, each.amount.currency) for each in paying]
    first = amounts[0] if amounts else None
    found = [
        Happening(
            what=_WHAT[event], at=at, amount=first if event == "pay" else None, to=_led_to(facts)
        )
        for event, _, _, at, facts in happened
        if event in _WHAT
    ]
    found += [
        Happening(what="paid", at=each.paid_at or each.created_at, amount=amount)
        for each, amount in zip(paying[1:], amounts[1:], strict=True)
    ]
    found += [
        Happening(what="refunded", at=each.requested_at, amount=each.amount)
        for each in refunds
        if each.status is not RefundStatus.PROPOSED
    ]
    return sorted(found, key=lambda each: each.at, reverse=True)


def _led_to(facts: dict[str, Any]) -> datetime | None:
    return datetime.fromisoformat(facts["to"]) if "to" in facts else None


def _twice(booking: BookingView, refunds: Sequence[RefundView]) -> Money | None:
    """What goes back because the visit was paid for a second time."""
    if booking.status not in {BookingStatus.CONFIRMED, BookingStatus.ATTENDED}:
        return None
    return next((each.amount for each in refunds if each.duplicate), None)
