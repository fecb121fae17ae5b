"""Every page a patient sees, in every state."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Any

from efoy.domain.receipt import ReceiptContent
from tests.look import cancel_samples, move_samples
from tests.look.samples import (
    BOOKING,
    CARD,
    HELD,
    NOW,
    PAID,
    RULES,
    SENTENCE,
    STEPS,
    TODAY,
    VISIT,
    AccountForm,
    Case,
    ChangePasswordForm,
    DetailsForm,
    PayForm,
    RegisterForm,
    Row,
    SignInForm,
    VisitorForm,
    WishesForm,
    at,
    filled,
    refund,
    usd,
    wrong,
)


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
FAMILY = [
    Row(id="01kliya", name="Liya Bekele", born_on=date(2019, 5, 3)),
    Row(id="01kdawit", name="Dawit Bekele", born_on=date(1951, 1, 11)),
]
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


def _doctor(
    name: str, specialty: str, languages: str, price: int, minutes: int, *times: list[datetime]
) -> Row:
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
    _doctor(
        "Dr Hana Tesfaye",
        "General practice",
        "Amharic, English",
        4500,
        20,
        [at(19, 16, 20), at(19, 17)],
        [at(20, 9), at(20, 10, 40)],
        [at(23, 8, 40), at(23, 9)],
        [at(24, 8, 40), at(24, 9, 20)],
    ),
    _doctor(
        "Dr Samuel Mwangi",
        "Children (pediatrics)",
        "English, Kiswahili",
        5500,
        20,
        [at(19, 16, 40)],
        [at(20, 8, 20), at(20, 8, 40)],
        [at(23, 13), at(23, 13, 20)],
        [at(24, 9), at(24, 11, 20)],
    ),
    _doctor(
        "Dr Layla Haddad",
        "Women’s health (gynecology)",
        "Arabic, English, French",
        7000,
        30,
        [],
        [at(20, 9), at(20, 14, 30)],
        [],
        [at(24, 10), at(24, 10, 30)],
    ),
    _doctor(
        "Dr Meron Alemu",
        "Mental health",
        "Amharic, English",
        9000,
        45,
        [],
        [],
        [at(23, 16), at(23, 17)],
        [at(24, 16)],
    ),
    _doctor(
        "Dr Tomás Rivera",
        "Skin (dermatology)",
        "English, Spanish",
        8000,
        20,
        [],
        [],
        [],
        [at(24, 13, 20), at(24, 13, 40)],
    ),
    _doctor(
        "Dr Yusuf Abdi", "Heart (cardiology)", "Somali, Arabic, English", 12000, 30, [], [], [], []
    ),
]

PROFILE = Row(
    slug="hana-tesfaye",
    name="Dr Hana Tesfaye",
    specialty="General practice",
    languages="Amharic, English",
    about="Family doctor for 14 years. Sees adults and children over 5 for fever, cough, stomach "
    "problems, diabetes, blood pressure and check-ups.",
    licence="Maryland medical licence D0071234, checked by the clinic",
    place="Juniper Street, floor 2",
)
SERVICES = [
    Row(
        slug="see-the-doctor",
        name="See the doctor",
        detail="at the clinic",
        minutes=20,
        price=usd(4500),
    ),
    Row(slug="video", name="Video visit", detail="on your phone", minutes=15, price=usd(3500)),
    Row(
        slug="check",
        name="Full health check",
        detail="blood pressure and sugar included",
        minutes=40,
        price=usd(8000),
    ),
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
    Row(
        name="afternoon",
        times=[at(24, 13), at(24, 13, 20), at(24, 14, 40), at(24, 15), at(24, 16, 20)],
    ),
    Row(name="evening", times=[at(24, 17, 20), at(24, 17, 40)]),
]
NO_PAGES = Row(first=0, last=0, total=0, previous_url=None, next_url=None)
PAGES = Row(first=21, last=40, total=312, previous_url="?page=1", next_url="?page=3")

_DOCTOR_PAGE: dict[str, Any] = {
    "doctor": PROFILE,
    "services": SERVICES,
    "service": SERVICES[0],
    "rungs": RULES,
    "week": WEEK,
    "day": date(2026, 11, 24),
    "parts": PARTS,
    "elsewhere": [Row(place="Lakeside branch, room 4", first=PARTS[-1].times[0], last=VISIT)],
    "next_free": VISIT,
    "chosen": None,
    "error": "",
    "hold_minutes": 15,
}
_REVIEW: dict[str, Any] = {
    "booking": HELD,
    "form": filled(PayForm),
    "form_token": "t",
    "extend_token": "u",
    "can_extend": True,
    "policy_sentence": SENTENCE,
    "steps": STEPS,
    "tax_label": "Tax (medical services, exempt)",
    "tax": usd(0),
    "came_back": False,
}
_GONE: dict[str, Any] = {
    "why": "taken",
    "choice": CHOICE,
    "again": None,
    "nearest": OFFERS,
    "others": [_offer(9, 20, "Dr Samuel Mwangi")],
    "kept": KEPT,
}
_SHOW: dict[str, Any] = {
    "booking": BOOKING,
    "standing": "paid",
    "is_past": False,
    "fresh": True,
    "payment": PAID,
    "refunds": [],
    "steps": STEPS,
    "can_cancel": False,
    "can_move": False,
    "moving": None,
    "can_pay": False,
    "ended": None,
    "late_but_yours": False,
    "paid_twice": None,
    "history": [
        Row(what="paid", at=NOW, amount=usd(4500), to=None),
        Row(what="booked", at=NOW, amount=None, to=None),
    ],
}
CANCELLED = replace(
    BOOKING,
    status="cancelled",
    cancelled_at=at(14, 10),
    cancelled_by="patient",
    standing="refund_pending",
    refund=refund(),
    ref="9WD-2HK",
    starts_at=at(16, 11, 40),
)
_LIST: dict[str, Any] = {
    "tab": "upcoming",
    "counts": Row(upcoming=2, past=7, refunds=1),
    "bookings": [
        replace(BOOKING, can_cancel=True),
        replace(
            HELD,
            ref="3PX-6TC",
            standing="processing",
            doctor_name="Dr Meron Alemu",
            starts_at=at(27, 16),
        ),
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
    "receipt": Row(
        number="R-2026-001842", content=_CONTENT, amount=usd(4500), tax=usd(0), refunded=usd(0)
    ),
    "refunds": [],
    "standing": "paid",
    "payment_ref": "pi_3Q8zR1",
}
_ACCOUNT: dict[str, Any] = {
    "form": filled(AccountForm, name="Almaz Bekele", phone="(240) 555-0117"),
    "email": "almaz@example.org",
    "verified": False,
    "patient": True,
    "people": [],
    "person": filled(VisitorForm, who="child"),
    "wishes": filled(WishesForm, locale="en", reminders=True),
    "devices": [
        Row(id="1", signed_in_at=at(19, 9), seen_at=NOW, current=True),
        Row(id="2", signed_in_at=at(3, 9), seen_at=at(12, 9), current=False),
    ],
}
PATIENT_PAGES: list[Case] = [
    (
        "doctors",
        "booking/doctors.html",
        {
            "query": "",
            "specialty": "",
            "specialties": SPECIALTIES,
            "policy_sentence": SENTENCE,
            "today": TODAY,
            "days": [TODAY, date(2026, 11, 20), date(2026, 11, 23), date(2026, 11, 24)],
            "doctors": DOCTORS,
        },
    ),
    (
        "doctors-none",
        "booking/doctors.html",
        {
            "query": "xyz <b>",
            "specialty": "skin",
            "specialties": SPECIALTIES,
            "policy_sentence": SENTENCE,
            "today": TODAY,
            "days": [TODAY],
            "doctors": [],
        },
    ),
    ("doctor", "booking/doctor.html", {**_DOCTOR_PAGE, "chosen": VISIT}),
    ("doctor-error", "booking/doctor.html", {**_DOCTOR_PAGE, "error": "Choose a time"}),
    (
        "doctor-full",
        "booking/doctor.html",
        {
            **_DOCTOR_PAGE,
            "day": None,
            "parts": [],
            "week": Row(**{**vars(WEEK), "previous": None, "next": None}),
        },
    ),
    (
        "details",
        "booking/details.html",
        {
            "choice": CHOICE,
            "form": filled(DetailsForm),
            "known_visitors": [],
            "form_token": "t",
            "hold_minutes": 15,
            "viewer": None,
        },
    ),
    (
        "details-family",
        "booking/details.html",
        {
            "choice": CHOICE,
            "form": filled(DetailsForm, who="01kliya", **vars(KEPT)),
            "known_visitors": FAMILY,
            "form_token": "t",
            "hold_minutes": 15,
        },
    ),
    (
        "details-error",
        "booking/details.html",
        {
            "choice": CHOICE,
            "known_visitors": [],
            "form_token": "t",
            "hold_minutes": 15,
            "form": wrong(
                DetailsForm,
                visitor_name="Enter the name of who is coming",
                born_day="Enter the date of birth, like 3 5 2019",
                email="Enter an email address, like almaz@example.org",
                phone="Enter a phone number we can reach you on, like 240 555 0117",
            ),
        },
    ),
    ("review", "booking/review.html", _REVIEW),
    ("review-back", "booking/review.html", {**_REVIEW, "came_back": True, "can_extend": False}),
    ("gone-taken", "booking/gone.html", _GONE),
    (
        "gone-over",
        "booking/gone.html",
        {**_GONE, "why": "over", "again": _offer(9, 20), "others": []},
    ),
    ("gone-nothing", "booking/gone.html", {**_GONE, "nearest": [], "others": []}),
    ("booked", "booking/show.html", _SHOW),
    (
        "upcoming",
        "booking/show.html",
        {
            **_SHOW,
            "fresh": False,
            "can_cancel": True,
            "late_but_yours": True,
            "paid_twice": usd(4500),
        },
    ),
    (
        "held",
        "booking/show.html",
        {**_SHOW, "booking": HELD, "standing": "unpaid", "payment": None, "can_pay": True},
    ),
    (
        "processing",
        "booking/show.html",
        {**_SHOW, "booking": HELD, "standing": "processing", "payment": None},
    ),
    (
        "expired",
        "booking/show.html",
        {
            **_SHOW,
            "booking": replace(HELD, status="expired"),
            "standing": "unpaid",
            "payment": None,
            "history": [],
        },
    ),
    (
        "expired-paid-late",
        "booking/show.html",
        {
            **_SHOW,
            "booking": replace(HELD, status="expired"),
            "standing": "refund_pending",
            "refunds": [refund()],
        },
    ),
    (
        "cancelled",
        "booking/show.html",
        {**_SHOW, "booking": CANCELLED, "standing": "refunded", "refunds": [refund("succeeded")]},
    ),
    (
        "refund-failed",
        "booking/show.html",
        {**_SHOW, "booking": CANCELLED, "standing": "refund_failed", "refunds": [refund("failed")]},
    ),
    (
        "attended",
        "booking/show.html",
        {**_SHOW, "booking": replace(BOOKING, status="attended"), "is_past": True},
    ),
    (
        "missed",
        "booking/show.html",
        {**_SHOW, "booking": replace(BOOKING, status="no_show"), "is_past": True},
    ),
    ("list", "booking/list.html", _LIST),
    (
        "list-past",
        "booking/list.html",
        {**_LIST, "tab": "past", "bookings": [replace(BOOKING, status="attended")], "pager": PAGES},
    ),
    (
        "list-empty",
        "booking/list.html",
        {
            **_LIST,
            "bookings": [],
            "recently_cancelled": [],
            "counts": Row(upcoming=0, past=0, refunds=0),
        },
    ),
    (
        "list-refunds",
        "booking/list.html",
        {**_LIST, "tab": "refunds", "bookings": [CANCELLED], "recently_cancelled": []},
    ),
    ("receipt", "booking/receipt.html", _RECEIPT),
    (
        "receipt-refunded",
        "booking/receipt.html",
        {
            **_RECEIPT,
            "standing": "partly_refunded",
            "receipt": Row(**{**vars(_RECEIPT["receipt"]), "refunded": usd(2250)}),
            "refunds": [
                Row(number="C-2026-000017", amount=usd(2250), status="succeeded", at=at(20, 9)),
                Row(number="", amount=usd(2250), status="failed", at=at(19, 18)),
            ],
        },
    ),
    *move_samples.moving(_DOCTOR_PAGE, _SHOW),
    *cancel_samples.ASKING,
    *cancel_samples.results(_SHOW),
    ("checking", "checkout/checking.html", {"booking": HELD, "bank": False, "slow": False}),
    ("checking-slow", "checkout/checking.html", {"booking": HELD, "bank": False, "slow": True}),
    ("checking-bank", "checkout/checking.html", {"booking": HELD, "bank": True, "slow": True}),
    (
        "checking-stranger",
        "checkout/checking.html",
        {"booking": None, "bank": False, "slow": False, "viewer": None},
    ),
    *[
        (
            f"not-paid-{why}",
            "checkout/not_paid.html",
            {"booking": HELD, "why": why, "form_token": "t"},
        )
        for why in (
            "left",
            "declined",
            "insufficient_funds",
            "expired_card",
            "incorrect_cvc",
            "authentication_failed",
            "bank_refused",
        )
    ],
    (
        "too-late",
        "checkout/too_late.html",
        {"booking": HELD, "amount": usd(4500), "card": CARD, "nearest": OFFERS},
    ),
    ("unavailable", "checkout/unavailable.html", {"booking": HELD, "form_token": "t"}),
    (
        "login",
        "account/login.html",
        {"form": filled(SignInForm), "next": "/bookings", "kept": WAITING, "viewer": None},
    ),
    (
        "login-error",
        "account/login.html",
        {
            "form": wrong(SignInForm, password="Email or password is not right"),
            "next": "",
            "kept": None,
            "viewer": None,
        },
    ),
    (
        "register",
        "account/register.html",
        {
            "form": filled(RegisterForm),
            "next": "",
            "kept": WAITING,
            "password_length": 12,
            "viewer": None,
        },
    ),
    (
        "check-mail",
        "account/check_mail.html",
        {"kind": "confirm", "email": "almaz@example.org", "minutes": 30, "viewer": None},
    ),
    (
        "check-mail-reset",
        "account/check_mail.html",
        {"kind": "reset", "email": "almaz@example.org", "minutes": 30, "viewer": None},
    ),
    ("reset", "account/reset.html", {"form": filled(SignInForm), "viewer": None}),
    (
        "new-password",
        "account/new_password.html",
        {"form": filled(SignInForm), "password_length": 12, "first": False, "viewer": None},
    ),
    (
        "confirm",
        "account/confirm.html",
        {"form": filled(SignInForm), "ask_password": False, "viewer": None},
    ),
    (
        "confirm-elsewhere",
        "account/confirm.html",
        {
            "form": wrong(SignInForm, password="Enter the password you chose for this account"),
            "ask_password": True,
            "viewer": None,
        },
    ),
    ("confirmed", "account/confirmed.html", {"next": ""}),
    (
        "password",
        "account/password.html",
        {"form": wrong(ChangePasswordForm, current="Enter it again"), "password_length": 12},
    ),
    ("account", "account/account.html", _ACCOUNT),
    (
        "account-family",
        "account/account.html",
        {
            **_ACCOUNT,
            "verified": True,
            "people": FAMILY,
            "person": wrong(
                VisitorForm,
                visitor_name="Enter the name of who is coming",
                born_day="Enter the date of birth, like 3 5 2019",
            ),
        },
    ),
    ("account-staff", "account/account.html", {**_ACCOUNT, "patient": False}),
    ("privacy", "pages/privacy.html", {}),
    (
        "terms",
        "pages/terms.html",
        {"policies": [Row(name="Usual rules", sentence=SENTENCE, rungs=RULES, sample=usd(4500))]},
    ),
    (
        "help",
        "pages/help.html",
        {"policies": [Row(name="Usual rules", sentence=SENTENCE, rungs=RULES, sample=usd(4500))]},
    ),
    (
        "credit-note",
        "booking/credit_note.html",
        {
            "note": Row(
                number="C-2026-000017",
                content=Row(
                    receipt=_CONTENT, receipt_number="R-2026-001842", returned_at=at(20, 9)
                ),
                amount=usd(2250),
                tax=usd(0),
                status="succeeded",
            )
        },
    ),
    (
        "payments",
        "account/payments.html",
        {
            "payments": [
                Row(
                    ref="7KM-4PX",
                    doctor_name="Dr Hana Tesfaye",
                    visitor_name="Liya Bekele",
                    starts_at=at(24, 9),
                    paid_at=at(19, 15),
                    receipt="R-2026-001842",
                    amount=usd(4500),
                    net=usd(2250),
                    refunds=[
                        Row(
                            number="C-2026-000017",
                            amount=usd(2250),
                            status="succeeded",
                            at=at(20, 9),
                        )
                    ],
                )
            ],
            "pager": Row(total=0, first=1, last=1, previous_url=None, next_url=None),
        },
    ),
    ("accessibility", "pages/accessibility.html", {}),
    *[
        (f"error-{code}", f"errors/{code}.html", {})
        for code in (400, 403, 404, 409, 410, 413, 422, 429, 500, 503)
    ],
    (
        "error-400-kept",
        "errors/400.html",
        {"kept": Row(path="/register", fields=[("name", "Almaz Bekele"), ("phone", "")])},
    ),
]
