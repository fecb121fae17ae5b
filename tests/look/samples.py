"""What do the templates get? One believable set of values for every page and every state of it.

The row classes here stand in for those of ``efoy.queries``: a page shows the same whoever fills it in.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace as Row
from typing import Any

from wtforms import Form, PasswordField, SelectField, StringField, TextAreaField

from efoy.domain.money import Money
from efoy.domain.policy import Policy, Rung, ladder
from efoy.domain.receipt import ReceiptContent

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
)
PATIENT = Row(name="Almaz Bekele", role="patient")
DOCTOR = Row(name="Dr Hana Tesfaye", role="doctor")
DESK = Row(name="Selam Abebe", role="desk")
ADMIN = Row(name="Ruth Okello", role="admin")
RULES = (Rung(minutes_before=1440, percent=100), Rung(minutes_before=120, percent=50))
POLICY = Policy(id=1, version=1, name="Usual rules", rungs=RULES)
SENTENCE = "Free to cancel until 24 hours before."


def usd(minor: int) -> Money:
    """Dollars and cents."""
    return Money(minor, "USD")


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """An instant in November 2026 by the clinic's clock."""
    return datetime(2026, 11, day, hour + 5, minute, tzinfo=UTC)


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
    price: Money = usd(4500)
    visitor_name: str = "Almaz Bekele"
    email: str = "almaz@example.org"
    phone: str = "(240) 555-0117"
    hold_expires_at: datetime | None = NOW + timedelta(minutes=15)
    cancelled_at: datetime | None = None
    cancelled_by: str | None = None
    standing: str = "paid"
    paid: Money | None = usd(4500)
    refund: Any = None
    can_cancel: bool = False
    has_receipt: bool = True


BOOKING = Booking()
HELD = Booking(status="held", standing="unpaid", paid=None, has_receipt=False)
STEPS = ladder(POLICY, BOOKING.price, starts_at=VISIT, now=NOW)
CARD = "Visa ending 4242"
PAID = Row(
    amount=usd(4500), paid_at=NOW, card=CARD, statement_name="ACACIA CLINIC", receipt_number="R-2026-001842"
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
    )


class DetailsForm(Form):
    """P3."""

    name = StringField("Your name")
    email = StringField("Email")
    phone = StringField("Mobile phone")


class PayForm(Form):
    """P4."""

    reason = TextAreaField("What is the visit about?")


class SignInForm(Form):
    """A3."""

    email = StringField("Email")
    password = PasswordField("Password")


class RegisterForm(DetailsForm):
    """A new account."""

    password = PasswordField("Password")


class AccountForm(Form):
    """My details."""

    name = StringField("Your name")
    phone = StringField("Mobile phone")


class RefundForm(Form):
    """C3, refund."""

    amount = StringField("Amount")
    reason = SelectField("Reason", choices=[("patient", "Patient cancelled"), ("goodwill", "Goodwill")])


class CancelForm(Form):
    """C3, cancel."""

    reason = StringField("Why?", id="cancel-reason")


def filled(form: type[Form], **data: Any) -> Form:
    """A form with values."""
    return form(data=data)


def wrong(form: type[Form], **errors: str) -> Form:
    """A form that came back with errors."""
    shown = form(data={"name": "Almaz Bekele", "email": "almaz@example"})
    for name, words in errors.items():
        shown[name].errors = [words]
    return shown


def _offer(hour: int, minute: int, name: str = "Dr Hana Tesfaye") -> Row:
    return Row(
        doctor_slug="hana-tesfaye",
        doctor_name=name,
        service_slug="see-the-doctor",
        service_name="See the doctor",
        starts_at=at(24, hour, minute),
        price=usd(4500),
        form_token="t" * 22,
    )


OFFERS = [_offer(9, 40), _offer(10, 20), _offer(8, 40)]
KEPT = Row(name="Almaz Bekele", email="almaz@example.org", phone="(240) 555-0117")
CHOICE = BOOKING
WAITING = Row(doctor_name="Dr Hana Tesfaye", starts_at=VISIT)
SPECIALTIES = [
    Row(slug=slug, short_name=name)
    for slug, name in (
        ("general", "General"),
        ("children", "Children"),
        ("women", "Women’s health"),
        ("skin", "Skin"),
        ("mind", "Mental health"),
        ("heart", "Heart"),
    )
]


def _doctor(name: str, specialty: str, languages: str, price: int, minutes: int, *times: list[datetime]) -> Row:
    flat = [when for day in times for when in day]
    return Row(
        slug=name.lower().replace(" ", "-").replace("dr-", "").replace("á", "a"),
        name=name,
        specialty=specialty,
        languages=languages,
        price=usd(price),
        minutes=minutes,
        service_slug="see-the-doctor",
        times=times,
        quick=flat[:3],
    )


DOCTORS = [
    _doctor("Dr Hana Tesfaye", "General practice", "Amharic, English", 4500, 20,
            [at(19, 16, 20), at(19, 17)], [at(20, 9), at(20, 10, 40)], [at(23, 8, 40), at(23, 9)], [at(24, 8, 40), at(24, 9, 20)]),
    _doctor("Dr Samuel Mwangi", "Children (pediatrics)", "English, Kiswahili", 5500, 20,
            [at(19, 16, 40)], [at(20, 8, 20), at(20, 8, 40)], [at(23, 13), at(23, 13, 20)], [at(24, 9), at(24, 11, 20)]),
    _doctor("Dr Layla Haddad", "Women’s health (gynecology)", "Arabic, English, French", 7000, 30,
            [], [at(20, 9), at(20, 14, 30)], [], [at(24, 10), at(24, 10, 30)]),
    _doctor("Dr Meron Alemu", "Mental health", "Amharic, English", 9000, 45,
            [], [], [at(23, 16), at(23, 17)], [at(24, 16)]),
    _doctor("Dr Tomás Rivera", "Skin (dermatology)", "English, Spanish", 8000, 20,
            [], [], [], [at(24, 13, 20), at(24, 13, 40)]),
    _doctor("Dr Yusuf Abdi", "Heart (cardiology)", "Somali, Arabic, English", 12000, 30, [], [], [], []),
]  # fmt: skip

PROFILE = Row(
    slug="hana-tesfaye",
    name="Dr Hana Tesfaye",
    specialty="General practice",
    languages="Amharic, English",
    about="Family doctor for 14 years. Sees adults and children over 5 for fever, cough, stomach problems, "
    "diabetes, blood pressure and check-ups.",
    licence="Maryland medical licence D0071234, checked by the clinic",
    place="Juniper Street, floor 2",
)
SERVICES = [
    Row(slug="see-the-doctor", name="See the doctor", detail="at the clinic", minutes=20, price=usd(4500)),
    Row(slug="video", name="Video visit", detail="on your phone", minutes=15, price=usd(3500)),
    Row(slug="check", name="Full health check", detail="blood pressure and sugar included", minutes=40, price=usd(8000)),
]
WEEK = Row(
    starts_on=date(2026, 11, 23),
    ends_on=date(2026, 11, 29),
    previous=date(2026, 11, 16),
    next=date(2026, 11, 30),
    days=[
        Row(on=date(2026, 11, 23 + n), free=free, open=is_open)
        for n, (free, is_open) in enumerate(
            [(4, True), (12, True), (9, True), (0, False), (7, True), (0, True), (0, False)]
        )
    ],
)
PARTS = [
    Row(name="morning", times=[at(24, 8, 40), VISIT, at(24, 9, 40), at(24, 10, 20), at(24, 11)]),
    Row(name="afternoon", times=[at(24, 13), at(24, 13, 20), at(24, 14, 40), at(24, 15), at(24, 16, 20)]),
    Row(name="evening", times=[at(24, 17, 20), at(24, 17, 40)]),
]
NO_PAGES = Row(first=0, last=0, total=0, previous_url=None, next_url=None)
PAGES = Row(first=21, last=40, total=312, previous_url="?page=1", next_url="?page=3")

_DOCTOR_PAGE: dict[str, Any] = {
    "doctor": PROFILE, "services": SERVICES, "service": SERVICES[0], "rungs": RULES, "week": WEEK,
    "day": date(2026, 11, 24), "parts": PARTS, "next_free": VISIT, "chosen": None, "error": "", "hold_minutes": 15,
}  # fmt: skip
_REVIEW: dict[str, Any] = {
    "booking": HELD, "form": filled(PayForm), "form_token": "t", "extend_token": "u", "can_extend": True,
    "policy_sentence": SENTENCE, "steps": STEPS, "tax_label": "Tax (medical services, exempt)", "tax": usd(0),
    "came_back": False,
}  # fmt: skip
_GONE: dict[str, Any] = {
    "why": "taken", "choice": CHOICE, "again": None, "nearest": OFFERS, "others": [_offer(9, 20, "Dr Samuel Mwangi")],
    "kept": KEPT,
}  # fmt: skip
_SHOW: dict[str, Any] = {
    "booking": BOOKING, "standing": "paid", "is_past": False, "fresh": True, "payment": PAID, "refunds": [],
    "steps": STEPS, "can_cancel": False, "can_pay": False, "late_but_yours": False, "paid_twice": None,
    "history": [Row(what="paid", at=NOW, amount=usd(4500)), Row(what="booked", at=NOW, amount=None)],
}  # fmt: skip
CANCELLED = replace(BOOKING, status="cancelled", cancelled_at=at(14, 10), cancelled_by="patient", standing="refund_pending",
                    refund=refund(), ref="9WD-2HK", starts_at=at(16, 11, 40))  # fmt: skip
_LIST: dict[str, Any] = {
    "tab": "upcoming",
    "counts": Row(upcoming=2, past=7, refunds=1),
    "bookings": [
        replace(BOOKING, can_cancel=True),
        replace(HELD, ref="3PX-6TC", standing="processing", doctor_name="Dr Meron Alemu", starts_at=at(27, 16)),
        replace(HELD, ref="8MV-4RQ", starts_at=at(28, 9)),
    ],
    "recently_cancelled": [CANCELLED],
    "pager": NO_PAGES,
}
_CONTENT = ReceiptContent(
    clinic_name="Acacia Family Clinic LLC",
    clinic_address="214 Juniper Street, floor 2, Silver Spring, MD 20910",
    clinic_phone="(301) 555-0142",
    clinic_email="desk@acacia.example",
    clinic_tax_text="Tax ID 00-0000000",
    zone="America/New_York",
    patient_name="Almaz Bekele",
    booking_ref="7KM-4PX",
    doctor_name="Dr Hana Tesfaye",
    service_name="See the doctor",
    minutes=20,
    visit_at="2026-11-24T14:20:00+00:00",
    paid_at="2026-11-19T20:06:00+00:00",
    amount=4500,
    currency="USD",
    tax_label="Tax (medical services, exempt)",
    tax_basis_points=0,
    method="stripe",
    card=CARD,
    statement_name="ACACIA CLINIC",
)
_RECEIPT: dict[str, Any] = {
    "receipt": Row(number="R-2026-001842", content=_CONTENT, amount=usd(4500), tax=usd(0), refunded=usd(0)),
    "refunds": [],
    "standing": "paid",
    "payment_ref": "pi_3Q8zR1",
}
_QUOTE = Row(amount=usd(2250), paid=usd(4500), keeps=usd(2250), percent=50, paid_at=NOW, card=CARD)

PATIENT_PAGES: list[Case] = [
    ("doctors", "booking/doctors.html", {
        "query": "", "specialty": "", "specialties": SPECIALTIES, "policy_sentence": SENTENCE, "today": TODAY,
        "days": [TODAY, date(2026, 11, 20), date(2026, 11, 23), date(2026, 11, 24)], "doctors": DOCTORS}),
    ("doctors-none", "booking/doctors.html", {
        "query": "xyz <b>", "specialty": "skin", "specialties": SPECIALTIES, "policy_sentence": SENTENCE, "today": TODAY,
        "days": [TODAY], "doctors": []}),
    ("doctor", "booking/doctor.html", {**_DOCTOR_PAGE, "chosen": VISIT}),
    ("doctor-error", "booking/doctor.html", {**_DOCTOR_PAGE, "error": "Choose a time"}),
    ("doctor-full", "booking/doctor.html", {
        **_DOCTOR_PAGE, "day": None, "parts": [], "week": Row(**{**vars(WEEK), "previous": None, "next": None})}),
    ("details", "booking/details.html", {
        "choice": CHOICE, "form": filled(DetailsForm), "form_token": "t", "hold_minutes": 15, "viewer": None}),
    ("details-error", "booking/details.html", {
        "choice": CHOICE, "form_token": "t", "hold_minutes": 15,
        "form": wrong(DetailsForm, email="Enter an email address, like almaz@example.org",
                      phone="Enter a phone number we can reach you on, like 240 555 0117")}),
    ("review", "booking/review.html", _REVIEW),
    ("review-back", "booking/review.html", {**_REVIEW, "came_back": True, "can_extend": False}),
    ("gone-taken", "booking/gone.html", _GONE),
    ("gone-over", "booking/gone.html", {**_GONE, "why": "over", "again": _offer(9, 20), "others": []}),
    ("gone-nothing", "booking/gone.html", {**_GONE, "nearest": [], "others": []}),
    ("booked", "booking/show.html", _SHOW),
    ("upcoming", "booking/show.html", {**_SHOW, "fresh": False, "can_cancel": True, "late_but_yours": True,
                                       "paid_twice": usd(4500)}),
    ("held", "booking/show.html", {**_SHOW, "booking": HELD, "standing": "unpaid", "payment": None, "can_pay": True}),
    ("processing", "booking/show.html", {**_SHOW, "booking": HELD, "standing": "processing", "payment": None}),
    ("expired", "booking/show.html", {
        **_SHOW, "booking": replace(HELD, status="expired"), "standing": "unpaid", "payment": None, "history": []}),
    ("expired-paid-late", "booking/show.html", {
        **_SHOW, "booking": replace(HELD, status="expired"), "standing": "refund_pending", "refunds": [refund()]}),
    ("cancelled", "booking/show.html", {
        **_SHOW, "booking": CANCELLED, "standing": "refunded", "refunds": [refund("succeeded")]}),
    ("refund-failed", "booking/show.html", {
        **_SHOW, "booking": CANCELLED, "standing": "refund_failed", "refunds": [refund("failed")]}),
    ("attended", "booking/show.html", {**_SHOW, "booking": replace(BOOKING, status="attended"), "is_past": True}),
    ("missed", "booking/show.html", {**_SHOW, "booking": replace(BOOKING, status="no_show"), "is_past": True}),
    ("list", "booking/list.html", _LIST),
    ("list-past", "booking/list.html", {
        **_LIST, "tab": "past", "bookings": [replace(BOOKING, status="attended")], "pager": PAGES}),
    ("list-empty", "booking/list.html", {
        **_LIST, "bookings": [], "recently_cancelled": [], "counts": Row(upcoming=0, past=0, refunds=0)}),
    ("list-refunds", "booking/list.html", {**_LIST, "tab": "refunds", "bookings": [CANCELLED], "recently_cancelled": []}),
    ("receipt", "booking/receipt.html", _RECEIPT),
    ("receipt-refunded", "booking/receipt.html", {
        **_RECEIPT, "standing": "partly_refunded",
        "receipt": Row(**{**vars(_RECEIPT["receipt"]), "refunded": usd(2250)}),
        "refunds": [Row(number="C-2026-000017", amount=usd(2250), status="succeeded", at=at(20, 9)),
                    Row(number="", amount=usd(2250), status="failed", at=at(19, 18))]}),
    ("let-go", "booking/cancel.html", {
        "booking": HELD, "quote": None, "steps": [], "form_token": "t", "changed": False}),
    ("cancel", "booking/cancel.html", {
        "booking": BOOKING, "quote": _QUOTE, "steps": STEPS, "form_token": "t", "changed": True}),
    ("cancel-nothing", "booking/cancel.html", {
        "booking": BOOKING, "quote": Row(**{**vars(_QUOTE), "amount": usd(0), "percent": 0, "keeps": usd(4500)}),
        "steps": STEPS, "form_token": "t", "changed": False}),
    ("checking", "checkout/checking.html", {"booking": HELD, "bank": False, "slow": False}),
    ("checking-slow", "checkout/checking.html", {"booking": HELD, "bank": False, "slow": True}),
    ("checking-bank", "checkout/checking.html", {"booking": HELD, "bank": True, "slow": True}),
    ("checking-stranger", "checkout/checking.html", {"booking": None, "bank": False, "slow": False, "viewer": None}),
    *[
        (f"not-paid-{why}", "checkout/not_paid.html", {"booking": HELD, "why": why, "form_token": "t"})
        for why in ("left", "declined", "insufficient_funds", "expired_card", "incorrect_cvc",
                    "authentication_failed", "bank_refused")
    ],
    ("too-late", "checkout/too_late.html", {"booking": HELD, "amount": usd(4500), "card": CARD, "nearest": OFFERS}),
    ("unavailable", "checkout/unavailable.html", {"booking": HELD, "form_token": "t"}),
    ("login", "account/login.html", {"form": filled(SignInForm), "next": "/bookings", "kept": WAITING, "viewer": None}),
    ("login-error", "account/login.html", {
        "form": wrong(SignInForm, password="Email or password is not right"), "next": "", "kept": None, "viewer": None}),
    ("register", "account/register.html", {
        "form": filled(RegisterForm), "next": "", "kept": WAITING, "password_length": 12, "viewer": None}),
    ("check-mail", "account/check_mail.html", {
        "kind": "confirm", "email": "almaz@example.org", "minutes": 30, "viewer": None}),
    ("check-mail-reset", "account/check_mail.html", {
        "kind": "reset", "email": "almaz@example.org", "minutes": 30, "viewer": None}),
    ("reset", "account/reset.html", {"form": filled(SignInForm), "viewer": None}),
    ("new-password", "account/new_password.html", {
        "form": filled(SignInForm), "password_length": 12, "first": False, "viewer": None}),
    ("confirmed", "account/confirmed.html", {"next": ""}),
    ("account", "account/account.html", {
        "form": filled(AccountForm, name="Almaz Bekele", phone="(240) 555-0117"), "email": "almaz@example.org",
        "verified": False,
        "devices": [Row(id="1", words="Chrome on Android", seen_at=NOW, current=True),
                    Row(id="2", words="Firefox on Linux", seen_at=at(12, 9), current=False)]}),
    ("privacy", "pages/privacy.html", {}),
    ("terms", "pages/terms.html", {
        "policies": [Row(name="Usual rules", sentence=SENTENCE, rungs=RULES, sample=usd(4500))]}),
    ("accessibility", "pages/accessibility.html", {}),
    *[(f"error-{code}", f"errors/{code}.html", {})
      for code in (400, 403, 404, 409, 410, 413, 422, 429, 500, 503)],
]  # fmt: skip


def _visit(hour: int, minute: int, name: str, **change: Any) -> Row:
    row = {
        "ref": f"V{hour}{minute:02d}", "starts_at": at(19, hour, minute), "ends_at": at(19, hour, minute) + timedelta(minutes=20),
        "minutes": 20, "kind": "visit", "status": "confirmed", "visitor_name": name, "service_name": "See the doctor",
        "reason": "", "paid": True, "can_mark": False, "can_undo": False,
    }  # fmt: skip
    return Row(**{**row, **change})


VISITS = [
    _visit(9, 0, "Tigist Worku", status="attended", can_undo=True),
    _visit(9, 20, "Caleb Otieno", status="no_show", can_undo=True),
    _visit(15, 0, "Samrawit Desta", can_mark=True, reason="Cough for two weeks, worse at night"),
    _visit(15, 40, "", kind="hold"),
    _visit(16, 0, "Nadia Osman", paid=False),
]
_DAY: dict[str, Any] = {
    "day": TODAY, "previous": date(2026, 11, 18), "next": date(2026, 11, 20), "is_today": True, "now_ref": "V1500",
    "visits": VISITS, "next_visit": None,
}  # fmt: skip
_SEEN = Row(
    ref="7KM-4PX", starts_at=VISIT, minutes=20, status="confirmed", visitor_name="Almaz Bekele",
    phone="(240) 555-0117", email="almaz@example.org", service_name="See the doctor", place="Juniper Street, floor 2",
    reason="Cough for two weeks, worse at night", paid=True, cancelled_at=None, cancelled_by=None, can_mark=True,
    can_undo=False,
)  # fmt: skip
_NEEDS = [
    Row(tone="bad", drawing="alert", fact="A refund did not arrive: $45.00", detail="Sara Lemma’s card is closed. "
        "Call her and pay it back another way.", action="Sort it out", url="/admin/refunds?tab=failed"),
    Row(tone="", drawing="undo", fact="3 refunds to approve: $125.00", detail="Oldest: Daniel Kebede cancelled 16 "
        "minutes ago.", action="Review refunds", url="/admin/refunds"),
    Row(tone="", drawing="clock", fact="Paid too late for 10:20 am: $55.00", detail="The time was gone, so all of it "
        "went back by itself.", action="See the booking", url="/admin/bookings/4RT-8NQ"),
]  # fmt: skip
PAYMENTS = [
    Row(at=at(19, 15, 6), visitor_name="Almaz Bekele", booking_ref="7KM-4PX", card=CARD, status="paid", standing="paid",
        amount=usd(4500)),
    Row(at=at(19, 15, 4), visitor_name="Daniel Kebede", booking_ref="4RT-8NQ", card="Visa ending 8210", status="paid",
        standing="refund_pending", amount=usd(7000)),
    Row(at=at(19, 14, 51), visitor_name="Ibrahim Saleh", booking_ref="9WD-2HK", card="", status="open",
        standing="unpaid", amount=usd(8000)),
    Row(at=at(19, 14, 15), visitor_name="Sara Lemma", booking_ref="3PX-6TC", card="Visa ending 1881", status="paid",
        standing="refund_failed", amount=usd(4500)),
]  # fmt: skip
_TODAY: dict[str, Any] = {
    "day": TODAY, "checked_at": NOW, "summary": Row(visits=23, done=14, to_come=9), "needs": _NEEDS,
    "visits": [
        Row(ref="V1530", starts_at=at(19, 15, 30), visitor_name="Tigist Worku", doctor_name="Dr Layla Haddad",
            service_name="Women’s health", status="confirmed", standing="paid", paid=usd(7000), is_next=True),
        Row(ref="V1540", starts_at=at(19, 15, 40), visitor_name="Caleb Otieno", doctor_name="Dr Samuel Mwangi",
            service_name="Child visit", status="held", standing="unpaid", paid=None, is_next=False),
    ],
    "month": Row(collected=usd(1959500), payments=354, refunded=usd(85500), fees=usd(67446), kept=usd(1806554)),
    "payments": PAYMENTS,
}  # fmt: skip
BOOKINGS = [
    Row(ref="7KM-4PX", starts_at=VISIT, visitor_name="Almaz Bekele", doctor_name="Dr Hana Tesfaye",
        service_name="See the doctor", status="confirmed", cancelled_by=None, standing="paid", price=usd(4500)),
    Row(ref="4RT-8NQ", starts_at=at(20, 9), visitor_name="Daniel Kebede", doctor_name="Dr Layla Haddad",
        service_name="Women’s health", status="cancelled", cancelled_by="patient", standing="refund_pending",
        price=usd(7000)),
    Row(ref="8MV-4RQ", starts_at=at(20, 10), visitor_name="Liya Haile", doctor_name="Dr Hana Tesfaye",
        service_name="See the doctor", status="held", cancelled_by=None, standing="unpaid", price=usd(4500)),
]  # fmt: skip
_FILTERS = Row(status="", doctor="", day=None)
_ADMIN_BOOKING = replace(
    BOOKING, ref="4RT-8NQ", status="cancelled", visitor_name="Daniel Kebede", doctor_name="Dr Layla Haddad",
    service_name="Women’s health", price=usd(7000), email="daniel@example.org", phone="(240) 555-0163",
    starts_at=at(20, 9), cancelled_at=at(19, 15, 4), cancelled_by="patient",
)  # fmt: skip
_TIMELINE = [
    Row(tone="now", drawing="undo", what="Refund waiting for the clinic", detail="Rules say half: $35.00", code="",
        who="", door="", at=at(19, 15, 4)),
    Row(tone="bad", drawing="x", what="Cancelled by Daniel Kebede", detail="Reason: “The time doesn’t suit me”.",
        code="", who="Daniel Kebede", door="web", at=at(19, 15, 4)),
    Row(tone="", drawing="receipt", what="Receipt R-2026-001791 sent", detail="To daniel@example.org", code="", who="",
        door="worker", at=at(12, 18, 41)),
    Row(tone="ok", drawing="check", what="Payment received, $70.00", detail="", code="evt_1QJc9d", who="Stripe",
        door="webhook", at=at(12, 18, 41)),
    Row(tone="", drawing="clock", what="Time held, sent to Stripe to pay", detail="", code="cs_test_b1Xw", who="",
        door="web", at=at(12, 18, 38)),
]  # fmt: skip
_PANEL = Row(
    blocked="", available=usd(7000), rule=usd(3500), rule_percent=50, notice=timedelta(hours=17, minutes=56),
    cancelled=True, choice="policy", amount_text="", message="", form_token="t",
)  # fmt: skip
_BOOKED_BY = Row(**{**vars(_ADMIN_BOOKING), "booked_by": "Daniel Kebede"})
_MONEY = Row(
    paid=usd(7000), paid_at=at(12, 18, 41), card="Visa ending 8210", fee=usd(233), refunded=usd(0), on_the_way=usd(0),
    kept=usd(6767), payment_ref="pi_3Q8zR1", stripe_url="https://dashboard.stripe.com/test/payments/pi_3Q8zR1",
)  # fmt: skip
_C3: dict[str, Any] = {
    "booking": _BOOKED_BY, "standing": "paid", "money": _MONEY, "attempts": [], "refunds": [], "timeline": _TIMELINE,
    "panel": _PANEL, "form": filled(RefundForm, reason="patient"),
    "reasons": [("patient", "Patient cancelled"), ("clinic", "Clinic cancelled"), ("twice", "Paid twice"),
                ("goodwill", "Goodwill"), ("other", "Other")],
    "can_cancel": False, "cancel_form": filled(CancelForm), "cancel_token": "t", "can_check": True,
}  # fmt: skip
_ATTEMPTS = [
    Row(at=at(12, 18, 41), status="paid", amount=usd(7000), words=""),
    Row(at=at(12, 18, 38), status="failed", amount=usd(7000), words="card declined"),
]
REFUNDS = [
    Row(booking_ref="4RT-8NQ", visitor_name="Daniel Kebede", at=at(19, 15, 4), amount=usd(3500), status="requested",
        origin="policy", reason="Patient cancelled", who="", card="Visa ending 8210", words=""),
    Row(booking_ref="3PX-6TC", visitor_name="Sara Lemma", at=at(19, 14, 15), amount=usd(4500), status="failed",
        origin="admin", reason="Goodwill", who="Ruth Okello", card="Visa ending 1881", words="The card is closed."),
]  # fmt: skip

STAFF_PAGES: list[Case] = [
    ("day", "doctor/day.html", {**_DAY, "viewer": DOCTOR}),
    ("day-empty", "doctor/day.html", {**_DAY, "visits": [], "next_visit": VISIT, "is_today": False, "viewer": DOCTOR}),
    ("day-empty-for-good", "doctor/day.html", {**_DAY, "visits": [], "viewer": DOCTOR}),
    ("week", "doctor/week.html", {
        "starts_on": date(2026, 11, 16), "ends_on": date(2026, 11, 22), "previous": date(2026, 11, 9),
        "next": date(2026, 11, 23), "today": TODAY, "viewer": DOCTOR,
        "days": [Row(on=date(2026, 11, 16 + n), works=n < 5, visits=VISITS if n in (0, 3) else []) for n in range(7)]}),
    ("visit", "doctor/visit.html", {
        "visit": _SEEN, "viewer": DOCTOR,
        "earlier": [Row(ref="2AA-3BB", starts_at=at(3, 9), service_name="See the doctor", status="attended")]}),
    ("visit-cancelled", "doctor/visit.html", {
        "visit": Row(**{**vars(_SEEN), "status": "cancelled", "cancelled_at": at(19, 9, 12), "cancelled_by": "patient",
                        "can_mark": False, "reason": ""}), "earlier": [], "viewer": DOCTOR}),
    ("today", "admin/today.html", _TODAY),
    ("today-desk", "admin/today.html", {
        **_TODAY, "needs": [], "visits": [], "month": None, "payments": None, "viewer": DESK}),
    ("bookings", "admin/bookings.html", {
        "query": "", "filters": _FILTERS, "doctors": DOCTORS, "bookings": BOOKINGS, "pager": PAGES}),
    ("bookings-none", "admin/bookings.html", {
        "query": "xyz", "filters": Row(status="held", doctor="hana-tesfaye", day=TODAY), "doctors": DOCTORS,
        "bookings": [], "pager": NO_PAGES}),
    ("booking", "admin/booking.html", _C3),
    ("booking-error", "admin/booking.html", {
        **_C3, "form": wrong(RefundForm, amount="Enter an amount from $0.01 to $70.00"),
        "panel": Row(**{**vars(_PANEL), "choice": "other", "amount_text": "900"}), "attempts": _ATTEMPTS}),
    ("booking-refunded", "admin/booking.html", {
        **_C3, "standing": "refunded", "panel": Row(**{**vars(_PANEL), "blocked": "refunded", "available": usd(0)}),
        "refunds": [Row(amount=usd(7000), status="succeeded", at=at(19, 16), reason="Patient cancelled",
                        who="Ruth Okello", words=""),
                    Row(amount=usd(7000), status="failed", at=at(19, 15), reason="Patient cancelled",
                        who="Ruth Okello", words="The card is closed.")]}),
    ("booking-disputed", "admin/booking.html", {
        **_C3, "standing": "disputed", "panel": Row(**{**vars(_PANEL), "blocked": "disputed"})}),
    ("booking-confirmed", "admin/booking.html", {
        **_C3, "can_cancel": True, "booking": Row(**{**vars(_BOOKED_BY), "status": "confirmed", "cancelled_by": None}),
        "panel": Row(**{**vars(_PANEL), "cancelled": False})}),
    ("booking-held-desk", "admin/booking.html", {
        **_C3, "viewer": DESK, "money": None, "panel": None, "standing": "unpaid", "can_cancel": True,
        "attempts": [Row(at=NOW, status="open", amount=usd(7000), words="")],
        "booking": Row(**{**vars(_BOOKED_BY), "status": "held", "cancelled_by": None})}),
    ("refund-review", "admin/refund_review.html", {
        "booking": _BOOKED_BY, "card": "Visa ending 8210", "amount": usd(3500), "available": usd(7000),
        "paid": usd(7000), "refunded_before": usd(0), "fee": usd(233), "reason": "patient",
        "reason_words": "Patient cancelled", "message": "Sorry it did not work out.", "form_token": "t"}),
    ("payments", "admin/payments.html", {
        "filters": Row(from_day=date(2026, 10, 21), to_day=TODAY, status="paid"), "payments": PAYMENTS, "pager": PAGES,
        "totals": Row(collected=usd(1959500), refunded=usd(85500), fees=usd(67446), count=354)}),
    ("payments-none", "admin/payments.html", {
        "filters": Row(from_day=None, to_day=None, status=""), "payments": [], "pager": NO_PAGES,
        "totals": Row(collected=usd(0), refunded=usd(0), fees=usd(0), count=0)}),
    ("refunds", "admin/refunds.html", {
        "tab": "waiting", "counts": Row(waiting=1, moving=2, failed=1, done=40), "refunds": REFUNDS, "pager": PAGES}),
    ("refunds-none", "admin/refunds.html", {
        "tab": "failed", "counts": Row(waiting=0, moving=0, failed=0, done=0), "refunds": [], "pager": NO_PAGES}),
    ("health", "admin/health.html", {
        "checked_at": NOW,
        "checks": [Row(name="Stripe’s messages", ok=True, words="The last one came 2 minutes ago.", cure="", since=None),
                   Row(name="Mail", ok=False, words="4 mails wait.", cure="Look at the mail server’s settings.",
                       since=at(19, 9))]}),
    ("health-fine", "admin/health.html", {"checked_at": NOW, "checks": []}),
]  # fmt: skip
