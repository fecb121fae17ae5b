"""What may this reader see of a booking? One scoped look-up: foreign and missing are the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    Integer,
    RowMapping,
    Select,
    bindparam,
    literal,
    or_,
    select,
)

from efoy.domain.booking import BookingStatus
from efoy.domain.errors import NotFound
from efoy.domain.money import Money
from efoy.domain.policy import Policy
from efoy.domain.receipt import tax_within
from efoy.domain.reference import is_reference
from efoy.models.base import reading
from efoy.models.booking import Booking
from efoy.models.clinic import Doctor, Service, Specialty
from efoy.models.hours import PLACE
from efoy.models.payment import Payment


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
        """The condition that leaves only this reader's bookings, for queries made on the spot."""
        return _reach(self.values())

    def values(self) -> dict[str, Any]:
        """The values of ``SCOPE`` that leave only this reader's bookings."""
        return {
            "reader_patient": self.patient_id,
            "reader_browser": self.browser_hash,
            "reader_granted": list(self.granted),
            "reader_doctor": self.doctor_id,
            "reader_everyone": int(self.everyone),
        }


def _reach(given: Mapping[str, Any] | None = None) -> ColumnElement[bool]:
    """Only what a reader may see: of the values given now, or of those a statement is run with."""

    def value(name: str, **more: Any) -> BindParameter[Any]:
        return bindparam(name, **more) if given is None else bindparam(name, given[name], **more)

    return or_(
        # a value that is absent is NULL, and nothing equals NULL
        Booking.patient_id == value("reader_patient"),
        Booking.browser_hash == value("reader_browser"),
        Booking.ref.in_(value("reader_granted", expanding=True)),
        Booking.doctor_id == value("reader_doctor"),
        literal(1, Integer) == value("reader_everyone", type_=Integer),
    )


SCOPE = _reach()
"""Part of every look-up of a booking by somebody, with ``Reader.values``."""


@dataclass(frozen=True, kw_only=True)
class Details:
    """What is known of a person who books, and of whom they book for (empty: themselves)."""

    name: str = ""
    email: str = ""
    phone: str = ""
    who: str = ""
    visitor_name: str = ""
    born_day: str = ""
    born_month: str = ""
    born_year: str = ""


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
    booker_name: str = ""
    visitor_born_on: date | None = None

    @property
    def booked_by(self) -> str:
        """Who made the booking: whoever comes, or who booked for them."""
        return self.booker_name or self.visitor_name

    @property
    def details(self) -> Details:
        """What was typed for it, to book another time with."""
        own = Details(name=self.booked_by, email=self.email, phone=self.phone)
        born = self.visitor_born_on
        if born is None:
            return own
        return replace(
            own,
            who="other",
            visitor_name=self.visitor_name,
            born_day=str(born.day),
            born_month=str(born.month),
            born_year=str(born.year),
        )

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
        PLACE,
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
        Booking.booker_name,
        Booking.visitor_born_on,
    )
    .join_from(Booking, Doctor, Doctor.id == Booking.doctor_id)
    .join(Service, Service.id == Booking.service_id)
    .join(Specialty, Specialty.id == Doctor.specialty_id)
)
_SCOPED = BOOKINGS.where(SCOPE)
_BY_REF = _SCOPED.where(Booking.ref == bindparam("asked"))
_ID_BY_REF = select(Booking.id).where(SCOPE, Booking.ref == bindparam("asked"))
_WITH_PAYMENT = _SCOPED.add_columns(Payment.id.label("payment_id")).join(
    Payment, Payment.booking_id == Booking.id
)
_BY_CHECKOUT = _WITH_PAYMENT.where(Payment.checkout_ref == bindparam("asked"))
_BY_PAYMENT = _WITH_PAYMENT.where(Payment.id == bindparam("asked"))
_OWN_AT = _SCOPED.where(
    Doctor.slug == bindparam("doctor"),
    Service.slug == bindparam("service"),
    Booking.starts_at == bindparam("starts_at"),
    Booking.status.in_([BookingStatus.HELD, BookingStatus.CONFIRMED]),
).limit(1)
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
    return view_of(_found(connection, _BY_REF, reader, asked=ref))


def find_booking(reader: Reader, ref: str) -> BookingView:
    """The same, on its own connection."""
    with reading() as connection:
        return read_booking(connection, reader, ref)


def find_booking_id(reader: Reader, ref: str) -> str:
    """Which booking that is, under the same conditions, where nothing of it is shown."""
    if not is_reference(ref):
        raise NotFound("booking")
    with reading() as connection:
        return str(_found(connection, _ID_BY_REF, reader, asked=ref)["id"])


def _found(
    connection: Connection, query: Select[*tuple[Any, ...]], reader: Reader, *, asked: str
) -> RowMapping:
    row = connection.execute(query, {"asked": asked, **reader.values()}).mappings().first()
    if row is None:
        raise NotFound("booking")
    return row


def booking_of_checkout(reader: Reader, checkout_ref: str) -> tuple[BookingView, str]:
    """The booking a checkout belongs to and the payment's id; raises NotFound, Stripe unasked."""
    return _paid_with(_BY_CHECKOUT, reader, checkout_ref)


def booking_of_payment(reader: Reader, payment_id: str) -> tuple[BookingView, str]:
    """The booking a payment was started for; raises NotFound."""
    return _paid_with(_BY_PAYMENT, reader, payment_id)


def _paid_with(
    query: Select[*tuple[Any, ...]], reader: Reader, asked: str
) -> tuple[BookingView, str]:
    with reading() as connection:
        row = _found(connection, query, reader, asked=asked)
    return view_of(row), str(row["payment_id"])


def own_booking_at(
    reader: Reader, doctor: str, service: str, starts_at: datetime
) -> BookingView | None:
    """The reader's own live booking of that very time, where there is one.

    For the second tab and the back button: they find the first result.
    """
    asked = {"doctor": doctor, "service": service, "starts_at": starts_at}
    with reading() as connection:
        row = connection.execute(_OWN_AT, asked | reader.values()).mappings().first()
    return None if row is None else view_of(row)
