"""Which move of a booking waits for its top-up, what became of one, and who else could see them?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from efoy.domain.money import Money
from efoy.domain.moving import MoveStatus
from efoy.domain.payment import PaymentStatus
from efoy.models.base import reading
from efoy.models.booking import Booking
from efoy.models.clinic import Doctor, Service, Specialty
from efoy.models.moving import BookingMove
from efoy.models.payment import Payment
from efoy.queries.offers import all_doctors


@dataclass(frozen=True, kw_only=True)
class MoveView:
    """A new time that is held until ``until`` while ``more`` is paid for it."""

    starts_at: datetime
    minutes: int
    doctor_name: str
    specialty: str
    service_name: str
    place: str
    more: Money
    payment_id: str
    payment_status: PaymentStatus
    until: datetime | None


_WAITING = (
    select(
        BookingMove.starts_at,
        BookingMove.ends_at,
        BookingMove.place,
        BookingMove.payment_id,
        Doctor.name.label("doctor_name"),
        Doctor.place.label("usual_place"),
        Specialty.name.label("specialty"),
        Service.name.label("service_name"),
        Payment.amount_minor,
        Payment.currency,
        Payment.status.label("payment_status"),
        Payment.checkout_expires_at,
    )
    .join(Booking, Booking.id == BookingMove.booking_id)
    .join(Service, Service.id == Booking.service_id)
    .join(Doctor, Doctor.id == BookingMove.doctor_id)
    .join(Specialty, Specialty.id == Doctor.specialty_id)
    .join(Payment, Payment.id == BookingMove.payment_id)
    .where(BookingMove.status == MoveStatus.PENDING)
)


def waiting_move(connection: Connection, booking_id: str) -> MoveView | None:
    """The move of this booking that waits for its top-up, if there is one."""
    row = connection.execute(_WAITING.where(BookingMove.booking_id == booking_id)).first()
    if row is None:
        return None
    return MoveView(
        starts_at=row.starts_at,
        minutes=int((row.ends_at - row.starts_at).total_seconds()) // 60,
        doctor_name=row.doctor_name,
        specialty=row.specialty,
        service_name=row.service_name,
        place=row.place or row.usual_place,
        more=Money(row.amount_minor, row.currency),
        payment_id=row.payment_id,
        payment_status=row.payment_status,
        until=row.checkout_expires_at,
    )


@dataclass(frozen=True, kw_only=True)
class Colleague:
    """Another doctor with the same service, and what they ask for it."""

    slug: str
    name: str
    price: Money


def colleagues(service: str, *, but: str, now: datetime) -> Sequence[Colleague]:
    """The other doctors who offer a service, in the clinic's order; both are slugs."""
    with reading() as connection:
        doctors = all_doctors(connection, now=now)
    return [
        Colleague(slug=doctor.slug, name=doctor.name, price=offered.price)
        for doctor in doctors
        for offered in doctor.services
        if offered.slug == service and doctor.slug != but
    ]


def what_a_top_up_did(payment_id: str) -> MoveStatus | None:
    """Whether the move of this payment is done, dropped or still waits."""
    query = select(BookingMove.status).where(BookingMove.payment_id == payment_id)
    with reading() as connection:
        found = connection.scalar(query)
    return None if found is None else MoveStatus(found)
