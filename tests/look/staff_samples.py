"""Every page of doctors, the desk and the admin, in every state."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from efoy.queries.admin.month_days import MoneyDay
from efoy.queries.admin.payment_filter import PaymentFilter
from efoy.queries.doctor import DoctorVisit
from efoy.web.admin.chart import chart
from tests.look.desk_samples import DESK_PAGES, NO_FACTS
from tests.look.doctor_samples import HOURS_PAGES, WORDINGS
from tests.look.house_samples import HOUSE_PAGES
from tests.look.patient_samples import DOCTORS, NO_PAGES, PAGES
from tests.look.refund_samples import COLLEAGUES, LINE, NEED, PANEL, REFUND_PAGES, SECOND, WAITS
from tests.look.samples import (
    BOOKING,
    CARD,
    DESK,
    DOCTOR,
    NOW,
    TODAY,
    VISIT,
    CancelForm,
    Case,
    RefundForm,
    Row,
    at,
    filled,
    usd,
    wrong,
)


def _visit(hour: int, minute: int, name: str, **change: Any) -> Row:
    row = {
        "ref": f"V{hour}{minute:02d}",
        "starts_at": at(19, hour, minute),
        "ends_at": at(19, hour, minute) + timedelta(minutes=20),
        "minutes": 20,
        "kind": "visit",
        "status": "confirmed",
        "visitor_name": name,
        "service_name": "See the doctor",
        "reason": "",
        "paid": True,
        "arrived_at": None,
        "can_arrive": False,
        "can_mark": False,
        "can_undo": False,
    }
    return DoctorVisit(**{**row, **change})


VISITS = [
    _visit(9, 0, "Tigist Worku", status="attended", can_undo=True),
    _visit(9, 20, "Caleb Otieno", status="no_show", can_undo=True),
    _visit(
        15,
        0,
        "Samrawit Desta",
        can_mark=True,
        can_arrive=True,
        arrived_at=at(19, 14, 52),
        reason="Cough for two weeks, worse at night",
    ),
    _visit(15, 20, "Sara Lemma", can_mark=True, can_arrive=True),
    _visit(15, 40, "", kind="hold"),
    _visit(16, 0, "Nadia Osman", paid=False),
]
_DAY: dict[str, Any] = {
    "day": TODAY,
    "previous": date(2026, 11, 18),
    "next": date(2026, 11, 20),
    "is_today": True,
    "now_visit": VISITS[2],
    "visits": VISITS,
    "next_visit": None,
}
_SEEN = Row(
    ref="7KM-4PX",
    starts_at=VISIT,
    minutes=20,
    status="confirmed",
    visitor_name="Almaz Bekele",
    phone="(240) 555-0117",
    service_name="See the doctor",
    place="Juniper Street, floor 2",
    reason="Cough for two weeks, worse at night",
    paid=True,
    cancelled_at=None,
    cancelled_by=None,
    cancel_reason="",
    arrived_at=None,
    beside=False,
    can_arrive=True,
    can_mark=True,
    can_undo=False,
    note_position=0,
    notes=[],
)
_NOTED: dict[str, Any] = {"note_text": "", "note_error": "", "longest": 4000}
_NEEDS = [
    Row(
        **NEED,
        tone="bad",
        drawing="alert",
        fact="A refund did not arrive: $45.00",
        detail="Sara Lemma’s card is closed. Call her and pay it back another way.",
        action="Sort it out",
        url="/admin/refunds?tab=failed",
        close_url="",
    ),
    Row(
        **NEED,
        tone="",
        drawing="undo",
        fact="3 refunds to approve: $125.00",
        detail="Oldest: Daniel Kebede cancelled 16 minutes ago.",
        action="Review refunds",
        url="/admin/refunds",
        close_url="",
    ),
    Row(
        **NEED,
        tone="",
        drawing="clock",
        fact="Paid too late for 10:20 am: $55.00",
        detail="The time was gone, so all of it went back by itself.",
        action="See the booking",
        url="/admin/bookings/4RT-8NQ",
        close_url="/admin/needs/1/done",
    ),
]
for _n, _need in enumerate(_NEEDS):
    _need.id = f"{_n:026d}"
PAYMENTS = [
    Row(
        at=at(19, 15, 6),
        visitor_name="Almaz Bekele",
        booking_ref="7KM-4PX",
        card=CARD,
        status="paid",
        standing="paid",
        amount=usd(4500),
    ),
    Row(
        at=at(19, 15, 4),
        visitor_name="Daniel Kebede",
        booking_ref="4RT-8NQ",
        card="Visa ending 8210",
        status="paid",
        standing="refund_pending",
        amount=usd(7000),
    ),
    Row(
        at=at(19, 14, 51),
        visitor_name="Ibrahim Saleh",
        booking_ref="9WD-2HK",
        card="",
        status="open",
        standing="unpaid",
        amount=usd(8000),
    ),
    Row(
        at=at(19, 14, 15),
        visitor_name="Sara Lemma",
        booking_ref="3PX-6TC",
        card="Visa ending 1881",
        status="paid",
        standing="refund_failed",
        amount=usd(4500),
    ),
]
_TODAY: dict[str, Any] = {
    "day": TODAY,
    "checked_at": NOW,
    "summary": Row(visits=23, done=14, to_come=9),
    "needs": _NEEDS,
    "colleagues": COLLEAGUES,
    "glance": None,
    "chart": chart(
        [
            MoneyDay(
                day=TODAY - timedelta(days=29 - n),
                collected=usd(n * 4500 % 31000),
                refunded=usd(4500 if n % 7 == 3 else 0),
            )
            for n in range(30)
        ]
    ),
    "visits": [
        Row(
            ref="V1530",
            starts_at=at(19, 15, 30),
            visitor_name="Tigist Worku",
            doctor_name="Dr Layla Haddad",
            service_name="Women’s health",
            status="confirmed",
            standing="paid",
            paid=usd(7000),
            is_next=True,
        ),
        Row(
            ref="V1540",
            starts_at=at(19, 15, 40),
            visitor_name="Caleb Otieno",
            doctor_name="Dr Samuel Mwangi",
            service_name="Child visit",
            status="held",
            standing="unpaid",
            paid=None,
            is_next=False,
        ),
    ],
    "month": Row(
        collected=usd(1959500),
        payments=354,
        refunded=usd(85500),
        fees=usd(67446),
        kept=usd(1806554),
    ),
    "payments": PAYMENTS,
}
BOOKINGS = [
    Row(
        ref="7KM-4PX",
        starts_at=VISIT,
        visitor_name="Almaz Bekele",
        doctor_name="Dr Hana Tesfaye",
        service_name="See the doctor",
        status="confirmed",
        cancelled_by=None,
        standing="paid",
        price=usd(4500),
        beside=True,
    ),
    Row(
        ref="4RT-8NQ",
        starts_at=at(20, 9),
        visitor_name="Daniel Kebede",
        doctor_name="Dr Layla Haddad",
        service_name="Women’s health",
        status="cancelled",
        cancelled_by="patient",
        standing="refund_pending",
        price=usd(7000),
        beside=False,
    ),
    Row(
        ref="8MV-4RQ",
        starts_at=at(20, 10),
        visitor_name="Liya Haile",
        doctor_name="Dr Hana Tesfaye",
        service_name="See the doctor",
        status="held",
        cancelled_by=None,
        standing="unpaid",
        price=usd(4500),
        beside=False,
    ),
]
_FILTERS = Row(status="", doctor="", day=None)
_ADMIN_BOOKING = replace(
    BOOKING,
    ref="4RT-8NQ",
    status="cancelled",
    visitor_name="Daniel Kebede",
    doctor_name="Dr Layla Haddad",
    service_name="Women’s health",
    price=usd(7000),
    email="daniel@example.org",
    phone="(240) 555-0163",
    starts_at=at(20, 9),
    cancelled_at=at(19, 15, 4),
    cancelled_by="patient",
)
_TIMELINE = [
    Row(
        tone="now",
        drawing="undo",
        what="Refund waiting for the clinic",
        detail="Rules say half: $35.00",
        code="",
        who="",
        door="",
        at=at(19, 15, 4),
    ),
    Row(
        tone="bad",
        drawing="x",
        what="Cancelled by Daniel Kebede",
        detail="Reason: “The time doesn’t suit me”.",
        code="",
        who="Daniel Kebede",
        door="web",
        at=at(19, 15, 4),
    ),
    Row(
        tone="",
        drawing="receipt",
        what="Receipt R-2026-001791 sent",
        detail="To daniel@example.org",
        code="",
        who="",
        door="worker",
        at=at(12, 18, 41),
    ),
    Row(
        tone="ok",
        drawing="check",
        what="Payment received, $70.00",
        detail="",
        code="evt_1QJc9d",
        who="Stripe",
        door="webhook",
        at=at(12, 18, 41),
    ),
    Row(
        tone="",
        drawing="clock",
        what="Time held, sent to Stripe to pay",
        detail="",
        code="cs_test_b1Xw",
        who="",
        door="web",
        at=at(12, 18, 38),
    ),
]
_PANEL = Row(
    **PANEL,
    blocked="",
    available=usd(7000),
    rule=usd(3500),
    rule_percent=50,
    notice=timedelta(hours=17, minutes=56),
    cancelled=True,
    choice="policy",
    amount_text="",
    message="",
    form_token="t",
)
_BOOKED_BY = Row(**{**vars(_ADMIN_BOOKING), "booked_by": "Daniel Kebede"})
_MONEY = Row(
    paid=usd(7000),
    paid_at=at(12, 18, 41),
    card="Visa ending 8210",
    fee=usd(233),
    refunded=usd(0),
    on_the_way=usd(0),
    kept=usd(6767),
    payment_ref="pi_3Q8zR1",
    stripe_url="https://dashboard.stripe.com/test/payments/pi_3Q8zR1",
)
_C3: dict[str, Any] = {
    "booking": _BOOKED_BY,
    "desk": NO_FACTS,
    "standing": "paid",
    "money": _MONEY,
    "attempts": [],
    "refunds": [],
    "timeline": _TIMELINE,
    "panel": _PANEL,
    "ways": [("cash", "cash"), ("transfer", "bank transfer")],
    "form": filled(RefundForm, reason="patient"),
    "reasons": [
        ("patient", "Patient cancelled"),
        ("clinic", "Clinic cancelled"),
        ("twice", "Paid twice"),
        ("goodwill", "Goodwill"),
        ("other", "Other"),
    ],
    "can_cancel": False,
    "cancel_form": filled(CancelForm),
    "cancel_token": "t",
    "can_check": True,
}
_ATTEMPTS = [
    Row(at=at(12, 18, 41), status="paid", amount=usd(7000), words=""),
    Row(at=at(12, 18, 38), status="failed", amount=usd(7000), words="card declined"),
]
REFUNDS = [
    Row(
        **LINE,
        booking_ref="4RT-8NQ",
        visitor_name="Daniel Kebede",
        at=at(19, 15, 4),
        amount=usd(3500),
        status="requested",
        origin="policy",
        reason="Patient cancelled",
        who="",
        card="Visa ending 8210",
        words="",
    ),
    Row(
        **LINE,
        booking_ref="3PX-6TC",
        visitor_name="Sara Lemma",
        at=at(19, 14, 15),
        amount=usd(4500),
        status="failed",
        origin="admin",
        reason="Goodwill",
        who="Ruth Okello",
        card="Visa ending 1881",
        words="The card is closed.",
    ),
]

_WEEK: dict[str, Any] = {
    "starts_on": date(2026, 11, 16),
    "ends_on": date(2026, 11, 22),
    "previous": date(2026, 11, 9),
    "next": date(2026, 11, 23),
    "today": TODAY,
    "viewer": DOCTOR,
    "as_table": False,
    "days": [
        Row(on=date(2026, 11, 16 + n), works=n < 5, visits=VISITS if n in (0, 3) else [])
        for n in range(7)
    ],
    "hours": [
        (
            f"{hour}:00",
            [(n < 5, [v for v in VISITS if v.starts_at.hour == hour + 5]) for n in range(7)],
        )
        for hour in range(9, 17)
    ],
}
_SUMS = Row(collected=usd(1959500), refunded=usd(85500), fees=usd(67446), kept=usd(1806554))
_FILTERED: dict[str, Any] = {
    "filters": PaymentFilter(from_day=date(2026, 10, 21), to_day=TODAY, doctor="hana-tesfaye"),
    "filtered": True,
    "doctors": DOCTORS,
    "file_url": "/admin/payments.csv?doctor=hana-tesfaye",
}

STAFF_PAGES: list[Case] = [
    *HOUSE_PAGES,
    ("day", "doctor/day.html", {**_DAY, "viewer": DOCTOR}),
    (
        "day-empty",
        "doctor/day.html",
        {
            **_DAY,
            "visits": [],
            "now_visit": None,
            "next_visit": VISIT,
            "is_today": False,
            "viewer": DOCTOR,
        },
    ),
    (
        "day-empty-for-good",
        "doctor/day.html",
        {**_DAY, "visits": [], "now_visit": None, "viewer": DOCTOR},
    ),
    ("week", "doctor/week.html", _WEEK),
    ("week-table", "doctor/week.html", {**_WEEK, "as_table": True}),
    *HOURS_PAGES,
    (
        "visit",
        "doctor/visit.html",
        {
            **_NOTED,
            "visit": _SEEN,
            "viewer": DOCTOR,
            "earlier": [
                Row(
                    ref="2AA-3BB",
                    starts_at=at(3, 9),
                    service_name="See the doctor",
                    status="attended",
                )
            ],
        },
    ),
    (
        "visit-cancelled",
        "doctor/visit.html",
        {
            **_NOTED,
            "visit": Row(
                **{
                    **vars(_SEEN),
                    "status": "cancelled",
                    "cancelled_at": at(19, 9, 12),
                    "cancelled_by": "patient",
                    "cancel_reason": "The time doesn’t suit me",
                    "can_mark": False,
                    "can_arrive": False,
                    "reason": "",
                }
            ),
            "earlier": [],
            "viewer": DOCTOR,
        },
    ),
    (
        "visit-noted",
        "doctor/visit.html",
        {
            **_NOTED,
            "visit": Row(**{**vars(_SEEN), "note_position": 2, "notes": WORDINGS}),
            "note_text": "Better. Inhaler twice a day.\nLook again in March.",
            "note_error": "You changed this note in another window. Save again.",
            "earlier": [],
            "viewer": DOCTOR,
        },
    ),
    ("today", "admin/today.html", _TODAY),
    (
        "today-empty",
        "admin/today.html",
        {**_TODAY, "needs": [], "visits": [], "month": None, "chart": None, "payments": []},
    ),
    (
        "bookings",
        "admin/bookings.html",
        {
            "query": "",
            "filters": _FILTERS,
            "doctors": DOCTORS,
            "bookings": BOOKINGS,
            "pager": PAGES,
        },
    ),
    (
        "bookings-none",
        "admin/bookings.html",
        {
            "query": "xyz",
            "filters": Row(status="held", doctor="hana-tesfaye", day=TODAY),
            "doctors": DOCTORS,
            "bookings": [],
            "pager": NO_PAGES,
        },
    ),
    ("booking", "admin/booking.html", _C3),
    (
        "booking-error",
        "admin/booking.html",
        {
            **_C3,
            "form": wrong(RefundForm, amount="Enter an amount from $0.01 to $70.00"),
            "panel": Row(**{**vars(_PANEL), "choice": "other", "amount_text": "900"}),
            "attempts": _ATTEMPTS,
        },
    ),
    (
        "booking-refunded",
        "admin/booking.html",
        {
            **_C3,
            "standing": "refunded",
            "panel": Row(**{**vars(_PANEL), "blocked": "refunded", "available": usd(0)}),
            "refunds": [
                Row(
                    amount=usd(7000),
                    status="succeeded",
                    at=at(19, 16),
                    reason="Patient cancelled",
                    who="Ruth Okello",
                    words="",
                ),
                Row(
                    amount=usd(7000),
                    status="failed",
                    at=at(19, 15),
                    reason="Patient cancelled",
                    who="Ruth Okello",
                    words="The card is closed.",
                ),
            ],
        },
    ),
    (
        "booking-to-approve",
        "admin/booking.html",
        {
            **_C3,
            "standing": "refund_proposed",
            "panel": Row(**{**vars(_PANEL), "proposal": WAITS, "limit": usd(10000)}),
        },
    ),
    (
        "booking-by-hand",
        "admin/booking.html",
        {
            **_C3,
            "form": wrong(RefundForm, handed_by="Enter who hands the money over, and how"),
            "panel": Row(**{**vars(_PANEL), "by_hand": True, "choice": "nothing"}),
        },
    ),
    (
        "booking-waits-for-another",
        "admin/booking.html",
        {
            **_C3,
            "panel": Row(**{**vars(_PANEL), "proposal": WAITS, "blocked": "needs_another"}),
        },
    ),
    (
        "booking-asked",
        "admin/booking.html",
        {
            **_C3,
            "viewer": DESK,
            "money": None,
            "panel": Row(**{**vars(_PANEL), "proposal": WAITS, "blocked": "asked"}),
        },
    ),
    (
        "booking-disputed",
        "admin/booking.html",
        {**_C3, "standing": "disputed", "panel": Row(**{**vars(_PANEL), "blocked": "disputed"})},
    ),
    (
        "booking-confirmed",
        "admin/booking.html",
        {
            **_C3,
            "can_cancel": True,
            "booking": Row(**{**vars(_BOOKED_BY), "status": "confirmed", "cancelled_by": None}),
            "panel": Row(**{**vars(_PANEL), "cancelled": False}),
        },
    ),
    (
        "booking-held-desk",
        "admin/booking.html",
        {
            **_C3,
            "viewer": DESK,
            "money": None,
            "panel": None,
            "standing": "unpaid",
            "can_cancel": True,
            "attempts": [Row(at=NOW, status="open", amount=usd(7000), words="")],
            "booking": Row(
                **{
                    **vars(_BOOKED_BY),
                    "status": "held",
                    "cancelled_by": None,
                    "has_receipt": False,
                }
            ),
        },
    ),
    (
        "refund-review",
        "admin/refund_review.html",
        {
            "booking": _BOOKED_BY,
            "card": "Visa ending 8210",
            "amount": usd(3500),
            "available": usd(7000),
            "paid": usd(7000),
            "refunded_before": usd(0),
            "fee": usd(233),
            "reason": "patient",
            "reason_words": "Patient cancelled",
            "message": "Sorry it did not work out.",
            "form_token": "t",
            "proposal": "",
            "way": "",
            "handed_by": "",
            "by_hand": "",
            "only_asks": False,
            "needs_second": True,
        },
    ),
    (
        "payments",
        "admin/payments.html",
        {
            **_FILTERED,
            "payments": PAYMENTS,
            "pager": PAGES,
            "totals": Row(count=354, sums=[_SUMS]),
        },
    ),
    (
        "payments-none",
        "admin/payments.html",
        {
            **_FILTERED,
            "payments": [],
            "pager": NO_PAGES,
            "totals": Row(count=0, sums=[_SUMS]),
        },
    ),
    (
        "refunds",
        "admin/refunds.html",
        {
            "tab": "waiting",
            "counts": Row(waiting=1, moving=2, failed=1, done=40),
            "refunds": [*REFUNDS, SECOND],
            "pager": PAGES,
        },
    ),
    (
        "refunds-failed",
        "admin/refunds.html",
        {
            "tab": "failed",
            "counts": Row(waiting=1, moving=2, failed=1, done=40),
            "refunds": REFUNDS,
            "pager": PAGES,
        },
    ),
    (
        "refunds-none",
        "admin/refunds.html",
        {
            "tab": "failed",
            "counts": Row(waiting=0, moving=0, failed=0, done=0),
            "refunds": [],
            "pager": NO_PAGES,
        },
    ),
    (
        "health",
        "admin/health.html",
        {
            "checked_at": NOW,
            "checks": [
                Row(
                    name="Stripe’s messages",
                    ok=True,
                    words="The last one came 2 minutes ago.",
                    cure="",
                    since=None,
                ),
                Row(
                    name="Mail",
                    ok=False,
                    words="4 mails wait.",
                    cure="Look at the mail server’s settings.",
                    since=at(19, 9),
                ),
            ],
        },
    ),
    ("health-fine", "admin/health.html", {"checked_at": NOW, "checks": []}),
    *REFUND_PAGES,
    *DESK_PAGES,
]
