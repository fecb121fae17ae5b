"""Which numbered paper does a payment get? Written in the caller's transaction."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from efoy.domain.payment import AT_DESK
from efoy.domain.receipt import CreditContent, ReceiptContent
from efoy.domain.refund import RefundStatus
from efoy.models.base import lock, reading, transaction
from efoy.models.booking import Booking
from efoy.models.clinic import Clinic, Doctor, Service
from efoy.models.ledger import Receipt, next_number
from efoy.models.payment import Payment, Refund

AT_ONCE = 100


def issue_receipt(session: Session, payment: Payment, booking: Booking, *, now: datetime) -> str:
    """Give the payment its receipt, numbered without gaps in the clinic's own year."""
    clinic = session.scalars(select(Clinic)).one()
    content = _content(session, clinic, payment, booking, now)
    year = now.astimezone(ZoneInfo(clinic.zone)).year
    number = next_number(session, "receipt", year)
    session.add(
        Receipt(
            number=number,
            kind="receipt",
            payment_id=payment.id,
            content=content.to_json(),
            issued_at=now,
        )
    )
    return number


def _content(
    session: Session, clinic: Clinic, payment: Payment, booking: Booking, now: datetime
) -> ReceiptContent:
    doctor = session.get_one(Doctor, booking.doctor_id)
    service = session.get_one(Service, booking.service_id)
    card = f"{(payment.card_brand or 'card').title()} ending {payment.card_last4}"
    return ReceiptContent(
        clinic_name=clinic.name,
        clinic_address=clinic.address,
        clinic_phone=clinic.phone,
        clinic_email=clinic.email,
        clinic_tax_text=clinic.tax_text,
        zone=clinic.zone,
        patient_name=booking.visitor_name,
        booking_ref=booking.ref,
        doctor_name=doctor.name,
        service_name=service.name,
        minutes=int((booking.ends_at - booking.starts_at).total_seconds()) // 60,
        visit_at=booking.starts_at.isoformat(),
        paid_at=(payment.paid_at or now).isoformat(),
        amount=payment.captured_minor or 0,
        currency=payment.currency,
        tax_label=booking.tax_label,
        tax_basis_points=booking.tax_basis_points,
        method=str(payment.method),
        card=card if payment.card_last4 else "",
        statement_name="" if payment.method in AT_DESK else clinic.statement_name,
        booker_name=booking.booker_name,
    )


def issue_credit_note(session: Session, refund: Refund, *, now: datetime) -> None:
    """Give a refund that arrived its numbered paper, once; the payment must be locked.

    Money that went back without ever having had a receipt needs none.
    """
    receipt = session.scalar(
        select(Receipt).where(Receipt.payment_id == refund.payment_id, Receipt.kind == "receipt")
    )
    known = session.scalar(select(Receipt.number).where(Receipt.refund_id == refund.id))
    if receipt is None or known is not None:
        return
    content = CreditContent(
        receipt_number=receipt.number,
        receipt=ReceiptContent.from_json(receipt.content),
        amount=refund.amount_minor,
        returned_at=(refund.succeeded_at or now).isoformat(),
    )
    year = now.astimezone(ZoneInfo(content.receipt.zone)).year
    session.add(
        Receipt(
            number=next_number(session, "credit_note", year),
            kind="credit_note",
            payment_id=refund.payment_id,
            refund_id=refund.id,
            content=content.to_json(),
            issued_at=now,
        )
    )


def missing_credit_notes(now: datetime) -> int:
    """Credit notes for refunds that arrived before there were any; returns how many."""
    note, receipt = aliased(Receipt), aliased(Receipt)
    query = (
        select(Refund.id, Refund.payment_id)
        .join(receipt, (receipt.payment_id == Refund.payment_id) & (receipt.kind == "receipt"))
        .outerjoin(note, note.refund_id == Refund.id)
        .where(Refund.status == RefundStatus.SUCCEEDED, note.number.is_(None))
        .order_by(Refund.succeeded_at, Refund.id)
        .limit(AT_ONCE)
    )
    with reading() as connection:
        rows = connection.execute(query).all()
    for refund_id, payment_id in rows:
        with transaction("credit_note") as session:
            lock(session, Payment, payment_id)
            issue_credit_note(session, lock(session, Refund, refund_id), now=now)
    return len(rows)
