"""What do the templates get? One believable set of values for every page and every state of it.

The row classes here stand in for those of ``efoy.queries``: a page shows the same whoever fills it in.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace as Row
from typing import Any

from wtforms import (
    BooleanField,
    Form,
    PasswordField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice

from efoy.domain.money import Money
from efoy.domain.policy import Policy, Rung, ladder

Case = tuple[str, str, dict[str, Any]]

NOW = datetime(2026, 11, 19, 20, 6, tzinfo=UTC)
VISIT = datetime(2026, 11, 24, 14, 20, tzinfo=UTC)
TODAY = date(2026, 11, 19)
CLINIC = Row(
    name="Acacia Family Clinic",
    address="214 Juniper Street, Silver Spring, MD 20910",
    directions="Floor 2. There is a lift.",
    phone="(301) 555-0142",
    phone_hours="Monday to Friday, 8 am to 6 pm",
    email="desk@acacia.example",
    emergency_number="911",
    zone="America/New_York",
    zone_label="Eastern",
    currency="USD",
    statement_name="ACACIA CLINIC",
    colour="",
    logo_hash=None,
)
PATIENT = Row(name="Almaz Bekele", role="patient")
DOCTOR = Row(name="Dr Hana Tesfaye", role="doctor")
DESK = Row(id="v", name="Selam Abebe", role="desk")
ADMIN = Row(id="u", name="Ruth Okello", role="admin", email="ruth@example.org")
RULES = (Rung(minutes_before=1440, percent=100), Rung(minutes_before=120, percent=50))
POLICY = Policy(id=1, version=1, name="Usual rules", rungs=RULES)
SENTENCE = "Free to cancel until 24 hours before."


def usd(minor: int) -> Money:
    """Dollars and cents."""
    return Money(minor, "USD")


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """An instant in November 2026 by the clinic's clock."""
    return datetime(2026, 11, day, hour + 5, minute, tzinfo=UTC)


PRICE = usd(4500)


@dataclass(frozen=True, kw_only=True)
class Booking:
    """One booking, as the patient's pages need it."""

    ref: str = "7KM-4PX"
    status: str = "confirmed"
    starts_at: datetime = VISIT
    minutes: int = 20
    doctor_name: str = "Dr Hana Tesfaye"
    doctor_slug: str = "hana-tesfaye"
    specialty: str = "General practice"
    service_name: str = "See the doctor"
    service_slug: str = "see-the-doctor"
    place: str = "Juniper Street, floor 2"
    price: Money = PRICE
    visitor_name: str = "Almaz Bekele"
    visitor: str = ""
    email: str = "almaz@example.org"
    phone: str = "(240) 555-0117"
    hold_expires_at: datetime | None = NOW + timedelta(minutes=15)
    cancelled_at: datetime | None = None
    cancelled_by: str | None = None
    standing: str = "paid"
    paid: Money | None = PRICE
    refund: Any = None
    can_cancel: bool = False
    has_receipt: bool = True


BOOKING = Booking()
HELD = Booking(status="held", standing="unpaid", paid=None, has_receipt=False)
STEPS = ladder(POLICY, BOOKING.price, starts_at=VISIT, now=NOW)
CARD = "Visa ending 4242"
PAID = Row(
    amount=usd(4500),
    paid_at=NOW,
    card=CARD,
    statement_name="ACACIA CLINIC",
    receipt_number="R-2026-001842",
)


def refund(status: str = "pending", amount: Money | None = None) -> Row:
    """One refund, as the patient sees it."""
    return Row(
        amount=amount or usd(4500),
        status=status,
        card=CARD,
        requested_at=at(14, 10),
        sent_at=None if status == "requested" else at(14, 11),
        expected_on=date(2026, 11, 30),
        bank_reference="74811122233344455566677" if status == "succeeded" else "",
        by_hand=False,
    )


class VisitorForm(Form):
    """Who is coming."""

    who = StringField("Who")
    visitor_name = StringField("Name of who is coming")
    born_day = StringField("Day")
    born_month = StringField("Month")
    born_year = StringField("Year")


class PersonForm(Form):
    """Whoever fills in a form."""

    name = StringField("Your name")
    email = StringField("Email")
    phone = StringField("Mobile phone")


class DetailsForm(VisitorForm, PersonForm):
    """P3."""


class PayForm(Form):
    """P4."""

    reason = TextAreaField("What is the visit about?")


class SignInForm(Form):
    """A3."""

    email = StringField("Email")
    password = PasswordField("Password")


class RegisterForm(PersonForm):
    """A new account."""

    password = PasswordField("Password")


class AccountForm(Form):
    """My details."""

    name = StringField("Your name")
    phone = StringField("Mobile phone")


class WishesForm(Form):
    """How we write to somebody."""

    locale = SelectField("Language of our emails", choices=[SelectChoice("en", "English")])
    reminders = BooleanField("Remind me the day before a visit")


class ChangePasswordForm(Form):
    """A new password in place of the present one."""

    current = PasswordField("Present password")
    password = PasswordField("New password")


class RefundForm(Form):
    """C3, refund."""

    amount = StringField("Amount")
    reason = StringField("Reason")
    handed_by = StringField("Who hands it over")


class CancelForm(Form):
    """C3, cancel."""

    reason = StringField("Why?", id="cancel-reason")


def filled(form: type[Form], **data: Any) -> Form:
    """A form with values."""
    return form(data=data)


def wrong(form: type[Form], **errors: str) -> Form:
    """A form that came back with errors; whoever had to say who comes, chose a child."""
    shown = form(data={"name": "Almaz Bekele", "email": "almaz@example", "who": "child"})
    for name, words in errors.items():
        shown[name].errors = [words]
    return shown
