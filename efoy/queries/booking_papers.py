"""What do a booking's papers say: receipt and calendar entry, as they stand now?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from efoy.domain.booking import BookingStatus
from efoy.domain.errors import NotFound
from efoy.domain.letter import CalendarEntry, CreditPaper, ReceiptPaper, RefundLine
from efoy.domain.money import Money
from efoy.domain.payment import Standing
from efoy.domain.receipt import CreditContent, ReceiptContent
from efoy.domain.refund import NOT_GIVEN, RefundStatus
from efoy.models.base import reading
from efoy.models.clinic import Clinic
from efoy.models.ledger import Receipt
from efoy.models.payment import Payment, Refund
from efoy.queries.patient import Reader, read_booking
from efoy.queries.standing import payments_of


@dataclass(frozen=True, kw_only=True)
class CreditLine:
    """One refund on a receipt; ``number`` is its credit note's, empty until it is written."""

    number: str
    amount: Money
    status: RefundStatus
    at: datetime


@dataclass(frozen=True, kw_only=True)
class ReceiptPage:
    """A receipt with the refunds since."""

    number: str
    content: ReceiptContent
    refunds: Sequence[CreditLine]
    standing: Standing
    payment_ref: str

    @property
    def amount(self) -> Money:
        """What was paid."""
        return Money(self.content.amount, self.content.currency)

    @property
    def tax(self) -> Money:
        """The tax contained in it."""
        return Money(self.content.tax, self.content.currency)

    @property
    def refunded(self) -> Money:
        """What has arrived back."""
        done = [each for each in self.refunds if each.status is RefundStatus.SUCCEEDED]
        return Money(sum(each.amount.minor for each in done), self.content.currency)

    @property
    def paper(self) -> ReceiptPaper:
        """The same for print."""
        lines = tuple(
            RefundLine(amount=each.amount.minor, at=each.at.isoformat(), status=str(each.status))
            for each in self.refunds
        )
        return ReceiptPaper(number=self.number, content=self.content, refunds=lines)


def receipt_page(reader: Reader, ref: str) -> ReceiptPage:
    """The receipt of a booking, checked anew at each download; raises NotFound."""
    with reading() as connection:
        booking = read_booking(connection, reader, ref)
        query = (
            select(Receipt.number, Receipt.content, Receipt.payment_id)
            .join(Payment, Payment.id == Receipt.payment_id)
            .where(Payment.booking_id == booking.id, Receipt.kind == "receipt")
        )
        row = connection.execute(query.order_by(Receipt.issued_at).limit(1)).first()
        if row is None:
            raise NotFound("receipt")
        payments = payments_of(connection, [booking.id])[booking.id]
        payment = next(each for each in payments if each.id == row.payment_id)
        return ReceiptPage(
            number=row.number,
            content=ReceiptContent.from_json(row.content),
            refunds=_credits(connection, payment.id),
            standing=payment.standing,
            payment_ref=payment.intent_ref or "",
        )


def _credits(connection: Connection, payment_id: str) -> list[CreditLine]:
    query = (
        select(
            Receipt.number,
            Refund.amount_minor,
            Refund.currency,
            Refund.status,
            Refund.created_at,
            Refund.succeeded_at,
        )
        .join_from(Refund, Receipt, Receipt.refund_id == Refund.id, isouter=True)
        .where(Refund.payment_id == payment_id, Refund.status.not_in(list(NOT_GIVEN)))
        .order_by(Refund.created_at, Refund.id)
    )
    return [
        CreditLine(
            number=row.number or "",
            amount=Money(row.amount_minor, row.currency),
            status=row.status,
            at=row.succeeded_at or row.created_at,
        )
        for row in connection.execute(query)
    ]


@dataclass(frozen=True, kw_only=True)
class CreditPage:
    """A credit note: what went back of which receipt, and whether it arrived."""

    number: str
    content: CreditContent
    status: RefundStatus

    @property
    def amount(self) -> Money:
        """What went back."""
        return Money(self.content.amount, self.content.receipt.currency)

    @property
    def tax(self) -> Money:
        """The tax contained in it."""
        return Money(self.content.tax, self.content.receipt.currency)

    @property
    def paper(self) -> CreditPaper:
        """The same for print."""
        arrived = self.status is RefundStatus.SUCCEEDED
        return CreditPaper(number=self.number, content=self.content, arrived=arrived)


def credit_page(reader: Reader, ref: str, number: str) -> CreditPage:
    """One credit note of a booking, checked anew at each download; raises NotFound."""
    with reading() as connection:
        booking = read_booking(connection, reader, ref)
        query = (
            select(Receipt.number, Receipt.content, Refund.status)
            .join(Payment, Payment.id == Receipt.payment_id)
            .join(Refund, Refund.id == Receipt.refund_id)
            .where(
                Payment.booking_id == booking.id,
                Receipt.kind == "credit_note",
                Receipt.number == number,
            )
        )
        row = connection.execute(query).first()
    if row is None:
        raise NotFound("credit note")
    content = CreditContent.from_json(row.content)
    return CreditPage(number=row.number, content=content, status=row.status)


def calendar_entry(reader: Reader, ref: str, *, now: datetime) -> CalendarEntry:
    """The visit for the patient's own calendar; raises NotFound while it is not booked."""
    with reading() as connection:
        booking = read_booking(connection, reader, ref)
        clinic = connection.execute(select(Clinic.name, Clinic.address, Clinic.zone)).one()
    if booking.confirmed_at is None:
        raise NotFound("calendar")
    return CalendarEntry(
        uid=booking.id,
        sequence=booking.calendar_sequence,
        starts_at=booking.starts_at,
        ends_at=booking.ends_at,
        zone=clinic.zone,
        clinic_name=clinic.name,
        clinic_address=clinic.address,
        booking_ref=booking.ref,
        url=f"/bookings/{booking.ref}",
        cancelled=booking.status is BookingStatus.CANCELLED,
        made_at=now,
    )
