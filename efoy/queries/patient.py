"""What may this reader see of a booking? One scoped look-up: foreign and missing are the same."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, Select, false, or_, select, true

from efoy.domain.booking import BookingStatus
from efoy.domain.errors import NotFound
from efoy.domain.money import Money
from efoy.domain.policy import Policy
from efoy.domain.receipt import tax_within
from efoy.domain.reference import is_reference
from efoy.models.base import reading
from efoy.models.booking import Booking
from efoy.models.clinic import Doctor, Service, Specialty
from efoy.models.payment import Payment
from efoy.models.user import User


@dataclass(frozen=True, kw_only=True)
class Reader:
    """Who looks: a patient, a browser that booked as a guest, one that followed a mailed link.

    ``everyone`` is for desk and admin, ``doctor_id`` for a doctor's own visits.
    """

    patient_id: str | None = None
    browser_hash: str | None = None
    granted: tuple[str, ...] = ()
    doctor_id: int | None = None
    everyone: bool = False

    def scope(self) -> ColumnElement[bool]:
        """The condition that leaves only this reader's bookings."""
        if self.everyone:
            return true()
        mine: list[ColumnElement[bool]] = []
        if self.patient_id is not None:
            mine.append(Booking.patient_id == self.patient_id)
        if self.browser_hash is not None:
            mine.append(Booking.browser_hash == self.browser_hash)
        if self.granted:
            mine.append(Booking.ref.in_(self.granted))
        if self.doctor_id is not None:
            mine.append(Booking.doctor_id == self.doctor_id)
        return or_(*mine) if mine else false()


@dataclass(frozen=True, kw_only=True)
class BookingView:
    """One booking as its own pages show it; price, tax and rules as they stood when held."""

    id: str
    ref: str
    status: BookingStatus
    starts_at: datetime
    ends_at: datetime
    doctor_name: str
    doctor_slug: str
    specialty: str
    service_name: str
    service_slug: str
    place: str
    price: Money
    tax_label: str
    tax_basis_points: int
    policy: Policy
    patient_id: str
    visitor_name: str
    email: str
    phone: str
    reason: str
    hold_expires_at: datetime | None
    hold_extended_at: datetime | None
    confirmed_at: datetime | None
    cancelled_at: datetime | None
    cancelled_by: str | None
    calendar_sequence: int

    @property
    def minutes(self) -> int:
        """How long the visit takes."""
        return int((self.ends_at - self.starts_at).total_seconds()) // 60

    @property
    def tax(self) -> Money:
        """The tax contained in the price."""
        return Money(tax_within(self.price.minor, self.tax_basis_points), self.price.currency)


BOOKINGS = (
    select(
        Booking.id,
        Booking.ref,
        Booking.status,
        Booking.starts_at,
        Booking.ends_at,
        Doctor.name.label("doctor_name"),
        Doctor.slug.label("doctor_slug"),
        Specialty.name.label("specialty"),
        Service.name.label("service_name"),
        Service.slug.label("service_slug"),
        Doctor.place,
        Booking.price_minor,
        Booking.currency,
        Booking.tax_label,
        Booking.tax_basis_points,
        Booking.policy_json.label("policy_json"),
        Booking.patient_id,
        Booking.visitor_name,
        Booking.visitor_email.label("email"),
        Booking.visitor_phone.label("phone"),
        Booking.reason,
        Booking.hold_expires_at,
        Booking.hold_extended_at,
        Booking.confirmed_at,
        Booking.cancelled_at,
        Booking.cancelled_by,
        Booking.calendar_sequence,
    )
    .join_from(Booking, Doctor, Doctor.id == Booking.doctor_id)
    .join(Service, Service.id == Booking.service_id)
    .join(Specialty, Specialty.id == Doctor.specialty_id)
)
_NAMES = tuple(BOOKINGS.selected_columns.keys())


def view_of(row: RowMapping) -> BookingView:
    """A row of ``BOOKINGS`` as a value; columns added to it are left out."""
    facts = {name: row[name] for name in _NAMES}
    price = Money(facts.pop("price_minor"), facts.pop("currency"))
    policy = Policy.from_json(facts.pop("policy_json"))
    return BookingView(price=price, policy=policy, **facts)


def read_booking(connection: Connection, reader: Reader, ref: str) -> BookingView:
    """The booking of that reference, if it is this reader's to see; raises NotFound."""
    if not is_reference(ref):
        raise NotFound("booking")
    return _one(connection, BOOKINGS.where(Booking.ref == ref), reader)


def find_booking(reader: Reader, ref: str) -> BookingView:
    """The same, on its own connection."""
    with reading() as connection:
        return read_booking(connection, reader, ref)


def _one(connection: Connection, query: Select[*tuple[Any, ...]], reader: Reader) -> BookingView:
    row = connection.execute(query.where(reader.scope())).mappings().first()
    if row is None:
        raise NotFound("booking")
    return view_of(row)


def booking_of_checkout(reader: Reader, checkout_ref: str) -> tuple[BookingView, str]:
    """The booking a checkout belongs to and the payment's id; raises NotFound, Stripe unasked."""
    return _paid_with(reader, Payment.checkout_ref == checkout_ref)


def booking_of_payment(reader: Reader, payment_id: str) -> tuple[BookingView, str]:
    """The booking a payment was started for; raises NotFound."""
    return _paid_with(reader, Payment.id == payment_id)


def _paid_with(reader: Reader, which: ColumnElement[bool]) -> tuple[BookingView, str]:
    query = BOOKINGS.join(Payment, Payment.booking_id == Booking.id).where(which)
    with reading() as connection:
        query = query.add_columns(Payment.id.label("payment_id"))
        row = connection.execute(query.where(reader.scope())).mappings().first()
    if row is None:
        raise NotFound("payment")
    return view_of(row), str(row["payment_id"])


def own_booking_at(
    reader: Reader, doctor: str, service: str, starts_at: datetime
) -> BookingView | None:
    """The reader's own live booking of that very time, where there is one.

    For the second tab and the back button: they find the first result.
    """
    live = [BookingStatus.HELD, BookingStatus.CONFIRMED]
    query = BOOKINGS.where(
        Doctor.slug == doctor,
        Service.slug == service,
        Booking.starts_at == starts_at,
        Booking.status.in_(live),
        reader.scope(),
    )
    with reading() as connection:
        row = connection.execute(query.limit(1)).mappings().first()
    return None if row is None else view_of(row)


@dataclass(frozen=True, kw_only=True)
class Details:
    """What is known of a person who books."""

    name: str = ""
    email: str = ""
    phone: str = ""


def known_details(user_id: str) -> Details:
    """Name, address and phone of a signed-in patient, as the account has them."""
    query = select(User.name, User.email, User.phone).where(User.id == user_id)
    with reading() as connection:
        row = connection.execute(query).first()
    return Details(name=row[0], email=row[1], phone=row[2]) if row else Details()
