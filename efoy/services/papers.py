"""Which numbered paper does a payment get? Written in the caller's transaction."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from efoy.domain.payment import AT_DESK
from efoy.domain.receipt import ReceiptContent
from efoy.models.booking import Booking
from efoy.models.clinic import Clinic, Doctor, Service
from efoy.models.ledger import Receipt, next_number
from efoy.models.payment import Payment


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
    )
