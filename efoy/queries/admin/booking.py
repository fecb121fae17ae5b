"""What is known about one booking: visit, payments, refunds?"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, select
from sqlalchemy.orm import aliased

from efoy.domain.booking import BookingStatus
from efoy.domain.errors import NotFound
from efoy.domain.money import Money
from efoy.domain.payment import PaymentStatus, Standing
from efoy.domain.policy import Policy, percent_at
from efoy.domain.reference import is_reference
from efoy.domain.refund import RefundOrigin, RefundStatus
from efoy.domain.refund_way import RefundWay
from efoy.models.base import reading
from efoy.models.booking import Booking
from efoy.models.clinic import Doctor, Service
from efoy.models.hours import PLACE
from efoy.models.ledger import Receipt
from efoy.models.payment import Refund
from efoy.models.user import User
from efoy.queries.standing import PaymentMoney, main_payment, payments_of, standing_of


@dataclass(frozen=True, kw_only=True)
class RefundRow:
    """One refund of a booking. ``who`` is empty where nobody pressed a button; ``first_by`` and
    ``first_name`` are those of whoever may not give it alone; ``handed_by`` handed it over."""

    id: str
    payment_id: str
    amount: Money
    status: RefundStatus
    origin: RefundOrigin
    at: datetime
    reason: str
    who: str
    failure_reason: str | None
    pending_reason: str | None
    way: RefundWay = RefundWay.STRIPE
    handed_by: str = ""
    decided_by: str | None = None
    first_by: str | None = None
    first_name: str = ""


@dataclass(frozen=True, kw_only=True)
class BookingFile:
    """One booking with everything staff may know; money for those who may see it."""

    id: str
    ref: str
    status: BookingStatus
    visitor_name: str
    booked_by: str
    phone: str
    email: str
    starts_at: datetime
    minutes: int
    doctor_name: str
    service_name: str
    place: str
    price: Money
    policy: Policy
    hold_expires_at: datetime | None
    cancelled_at: datetime | None
    cancelled_by: str | None
    cancel_reason: str
    has_receipt: bool
    payments: Sequence[PaymentMoney]
    refunds: Sequence[RefundRow]

    @property
    def standing(self) -> Standing:
        """The one word for its money."""
        return standing_of(self.payments)

    @property
    def payment(self) -> PaymentMoney | None:
        """The payment that pays for the visit."""
        return main_payment(self.payments)

    @property
    def proposal(self) -> RefundRow | None:
        """The oldest refund of that payment that waits for a person, if one does."""
        main = self.payment
        waiting = [
            row
            for row in self.refunds
            if main and row.payment_id == main.id and row.status is RefundStatus.PROPOSED
        ]
        return waiting[-1] if waiting else None

    @property
    def unsettled(self) -> bool:
        """Whether Stripe may still say something new about a payment that is not decided."""
        over = {PaymentStatus.PAID, PaymentStatus.FAILED, PaymentStatus.EXPIRED}
        return any(payment.status not in over for payment in self.payments)

    def rule_percent(self, now: datetime) -> int:
        """The share the rules give back: at cancellation, or now; all when the clinic cancelled."""
        if self.cancelled_by == "clinic":
            return 100
        at = self.cancelled_at or now
        return percent_at(self.policy, starts_at=self.starts_at, at=at)


def booking_file(ref: str) -> BookingFile:
    """The booking behind a public reference; raises NotFound, also for what could not be one."""
    if not is_reference(ref):
        raise NotFound(ref)
    with reading() as connection:
        row = connection.execute(_FILE.where(Booking.ref == ref)).mappings().one_or_none()
        if row is None:
            raise NotFound(ref)
        payments = payments_of(connection, [row["id"]]).get(row["id"], [])
        keys = [payment.id for payment in payments]
        refunds = _refunds(connection, keys)
        has_receipt = _has_receipt(connection, keys)
    return _file(row, payments, refunds, has_receipt)


_Booker = aliased(User)
_FILE: Select[*tuple[Any, ...]] = (
    select(
        Booking.id,
        Booking.ref,
        Booking.status,
        Booking.visitor_name,
        Booking.visitor_phone,
        Booking.visitor_email,
        Booking.starts_at,
        Booking.ends_at,
        Booking.price_minor,
        Booking.currency,
        Booking.policy_json.label("policy"),
        Booking.hold_expires_at,
        Booking.cancelled_at,
        Booking.cancelled_by,
        Booking.cancel_reason,
        Doctor.name.label("doctor_name"),
        PLACE,
        Service.name.label("service_name"),
        _Booker.name.label("booked_by"),
    )
    .join(Doctor, Doctor.id == Booking.doctor_id)
    .join(Service, Service.id == Booking.service_id)
    .join(_Booker, _Booker.id == Booking.patient_id)
)


def _file(
    row: RowMapping,
    payments: Sequence[PaymentMoney],
    refunds: Sequence[RefundRow],
    has_receipt: bool,
) -> BookingFile:
    length: timedelta = row["ends_at"] - row["starts_at"]
    return BookingFile(
        id=row["id"],
        ref=row["ref"],
        status=row["status"],
        visitor_name=row["visitor_name"],
        booked_by=row["booked_by"],
        phone=row["visitor_phone"],
        email=row["visitor_email"],
        starts_at=row["starts_at"],
        minutes=int(length.total_seconds()) // 60,
        doctor_name=row["doctor_name"],
        service_name=row["service_name"],
        place=row["place"],
        price=Money(row["price_minor"], row["currency"]),
        policy=Policy.from_json(row["policy"]),
        hold_expires_at=row["hold_expires_at"],
        cancelled_at=row["cancelled_at"],
        cancelled_by=row["cancelled_by"] if row["status"] is BookingStatus.CANCELLED else None,
        cancel_reason=row["cancel_reason"],
        has_receipt=has_receipt,
        payments=payments,
        refunds=refunds,
    )


def refund_status(form_token: str) -> RefundStatus:
    """How far the refund is that a form asked for; the form was sent."""
    query = select(Refund.status).where(Refund.form_token == form_token)
    with reading() as connection:
        return connection.execute(query).scalar_one()


def _has_receipt(connection: Connection, payment_ids: Collection[str]) -> bool:
    query = select(Receipt.number).where(Receipt.payment_id.in_(payment_ids))
    return connection.scalar(query.limit(1)) is not None


def _refunds(connection: Connection, payment_ids: Collection[str]) -> list[RefundRow]:
    """Newest first."""
    query = _REFUNDS.where(Refund.payment_id.in_(payment_ids))
    rows = connection.execute(query.order_by(Refund.created_at.desc(), Refund.id)).mappings()
    return [_refund(row) for row in rows]


_First = aliased(User)
_REFUNDS: Select[*tuple[Any, ...]] = select(
    Refund.id,
    Refund.payment_id,
    Refund.amount_minor,
    Refund.currency,
    Refund.status,
    Refund.origin,
    Refund.created_at.label("at"),
    Refund.reason,
    Refund.failure_reason,
    Refund.pending_reason,
    Refund.way,
    Refund.handed_by,
    Refund.decided_by,
    Refund.first_by,
    User.name.label("who"),
    _First.name.label("first_name"),
)
_REFUNDS = _REFUNDS.outerjoin(User, User.id == Refund.actor_id).outerjoin(
    _First, _First.id == Refund.first_by
)


def _refund(row: RowMapping) -> RefundRow:
    return RefundRow(
        id=row["id"],
        payment_id=row["payment_id"],
        amount=Money(row["amount_minor"], row["currency"]),
        status=row["status"],
        origin=row["origin"],
        at=row["at"],
        reason=row["reason"],
        who=row["who"] if row["origin"] is RefundOrigin.ADMIN and row["who"] else "",
        failure_reason=row["failure_reason"],
        pending_reason=row["pending_reason"],
        way=row["way"],
        handed_by=row["handed_by"] or "",
        decided_by=row["decided_by"],
        first_by=row["first_by"],
        first_name=row["first_name"] or "",
    )
