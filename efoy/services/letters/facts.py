"""What do letters tell of a visit and its money? Frozen values, read at the moment of sending."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from efoy.domain.letter import Letter, Link, ReceiptPaper, RefundLine
from efoy.domain.money import Money
from efoy.domain.payment import PaymentStatus
from efoy.domain.receipt import ReceiptContent
from efoy.domain.refund import NOT_GIVEN, OVER
from efoy.models.booking import Booking
from efoy.models.clinic import Clinic, Doctor, Service
from efoy.models.ledger import Receipt
from efoy.models.payment import Payment, Refund


@dataclass(frozen=True, kw_only=True)
class Promise:
    """One claimed message: which try it is, to whom, about what."""

    id: str
    kind: str
    subject_ref: str
    address: str
    locale: str
    attempts: int
    created_at: datetime


@dataclass(frozen=True, kw_only=True)
class ClinicFacts:
    """Who writes: the letterhead."""

    name: str
    address: str
    phone: str
    email: str
    emergency_number: str
    zone: str
    zone_label: str
    statement_name: str


@dataclass(frozen=True, kw_only=True)
class VisitFacts:
    """The visit a letter is about; ``ahead`` while it has not begun.

    ``first_name`` is of whoever booked, ``visitor`` the name of somebody else who comes.
    """

    ref: str
    starts_at: datetime
    minutes: int
    doctor_name: str
    doctor_slug: str
    service_name: str
    service_slug: str
    place: str
    first_name: str
    price: Money
    ahead: bool
    visitor: str = ""


@dataclass(frozen=True, kw_only=True)
class PaidFacts:
    """One captured payment, its receipt, and ``back``: the sum of refunds on their way or done."""

    amount: Money
    card: str
    paid_at: datetime
    back: Money
    paper: ReceiptPaper | None

    @property
    def tax(self) -> Money:
        """The tax contained in the amount, as the receipt says."""
        return Money(self.paper.content.tax if self.paper else 0, self.amount.currency)

    @property
    def kept(self) -> Money:
        """What is left with the clinic."""
        return self.amount - self.back


def read_clinic(session: Session) -> ClinicFacts:
    """The one clinic."""
    row = session.scalars(select(Clinic)).one()
    return ClinicFacts(
        name=row.name,
        address=row.address,
        phone=row.phone,
        email=row.email,
        emergency_number=row.emergency_number,
        zone=row.zone,
        zone_label=row.zone_label,
        statement_name=row.statement_name,
    )


def read_visit(session: Session, booking: Booking, now: datetime) -> VisitFacts:
    """The visit of a booking as it stands."""
    doctor = session.get_one(Doctor, booking.doctor_id)
    service = session.get_one(Service, booking.service_id)
    return VisitFacts(
        ref=booking.ref,
        starts_at=booking.starts_at,
        minutes=int((booking.ends_at - booking.starts_at).total_seconds()) // 60,
        doctor_name=doctor.name,
        doctor_slug=doctor.slug,
        service_name=service.name,
        service_slug=service.slug,
        place=booking.place or doctor.place,
        first_name=((booking.booker_name or booking.visitor_name).split() or [""])[0],
        price=booking.price,
        ahead=booking.starts_at > now,
        visitor=booking.visitor_name if booking.booker_name else "",
    )


def read_paid(session: Session, payment: Payment) -> PaidFacts:
    """A captured payment with what went back of it."""
    rows = session.scalars(
        select(Refund)
        .where(Refund.payment_id == payment.id, Refund.status.not_in(list(NOT_GIVEN)))
        .order_by(Refund.created_at, Refund.id)
    ).all()
    back = sum(row.amount_minor for row in rows if row.status not in OVER)
    return PaidFacts(
        amount=Money(payment.captured_minor or 0, payment.currency),
        card=card_of(payment),
        paid_at=payment.paid_at or payment.created_at,
        back=Money(back, payment.currency),
        paper=_paper(session, payment, [_line(row) for row in rows]),
    )


def paid_for(session: Session, booking: Booking) -> PaidFacts | None:
    """The payment that paid for the visit: the one with the receipt."""
    query = (
        select(Payment)
        .join(Receipt, Receipt.payment_id == Payment.id)
        .where(
            Payment.booking_id == booking.id,
            Payment.status == PaymentStatus.PAID,
            Receipt.kind == "receipt",
        )
    )
    payment = session.scalars(query.order_by(Receipt.issued_at).limit(1)).one_or_none()
    return None if payment is None else read_paid(session, payment)


def card_of(payment: Payment) -> str:
    """``Visa ending 4242``; empty where no card is known."""
    if not payment.card_last4:
        return ""
    return f"{(payment.card_brand or 'card').title()} ending {payment.card_last4}"


def _paper(session: Session, payment: Payment, lines: list[RefundLine]) -> ReceiptPaper | None:
    query = select(Receipt).where(Receipt.payment_id == payment.id, Receipt.kind == "receipt")
    row = session.scalars(query).one_or_none()
    if row is None:
        return None
    content = ReceiptContent.from_json(row.content)
    return ReceiptPaper(number=row.number, content=content, refunds=tuple(lines))


def _line(row: Refund) -> RefundLine:
    at = row.succeeded_at or row.created_at
    return RefundLine(amount=row.amount_minor, at=at.isoformat(), status=str(row.status))


def letter(promise: Promise, context: Mapping[str, Any], **more: Any) -> Letter:
    """The letter named like the promise, to the address that was promised."""
    return Letter(
        name=promise.kind,
        to=promise.address,
        locale=promise.locale,
        message_key=promise.id,
        context=context,
        **more,
    )


def booking_link(booking: Booking) -> Link:
    """The patient's way to the booking without signing in: sealed for this booking alone."""
    return Link(path=f"/bookings/{booking.ref}?key={{token}}", kind="booking", key=booking.ref)


def offer_link(visit: VisitFacts) -> Link:
    """All free times of the same doctor for the same service."""
    return Link(path=f"/doctors/{visit.doctor_slug}?service={visit.service_slug}")
