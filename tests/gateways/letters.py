"""One letter of each kind, as the services write them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from efoy.domain.letter import CalendarEntry, Letter, Link, ReceiptPaper, RefundLine
from efoy.domain.money import Money
from efoy.domain.policy import Policy, Rung, ladder
from efoy.domain.receipt import ReceiptContent
from efoy.services.letters.facts import ClinicFacts, PaidFacts, VisitFacts

TEMPLATES = str(Path(__file__).parents[2] / "templates")
NOW = datetime(2026, 11, 19, 20, 6, tzinfo=UTC)
VISIT_AT = datetime(2026, 11, 24, 14, 20, tzinfo=UTC)
CLINIC = ClinicFacts(
    name="Acacia Family Clinic",
    address="214 Juniper Street, floor 2",
    phone="(301) 555-0142",
    email="clinic@example.org",
    emergency_number="911",
    zone="America/New_York",
    zone_label="Eastern Time",
    statement_name="ACACIA CLINIC",
)
VISIT = VisitFacts(
    ref="7KM-4PX",
    starts_at=VISIT_AT,
    minutes=20,
    doctor_name="Dr Hana Tesfaye",
    doctor_slug="hana-tesfaye",
    service_name="See the doctor",
    service_slug="see-the-doctor",
    place="214 Juniper Street, floor 2",
    first_name="Almaz",
    price=Money(4500, "USD"),
    ahead=True,
)
CONTENT = ReceiptContent(
    clinic_name="Acacia Family Clinic",
    clinic_address="214 Juniper Street, floor 2, Silver Spring, MD 20910",
    clinic_phone="(301) 555-0142",
    clinic_email="clinic@example.org",
    clinic_tax_text="Tax ID 00-0000000",
    zone="America/New_York",
    patient_name="Almaz Bekele",
    booking_ref="7KM-4PX",
    doctor_name="Dr Hana Tesfaye",
    service_name="See the doctor",
    minutes=20,
    visit_at=VISIT_AT.isoformat(),
    paid_at=NOW.isoformat(),
    amount=4500,
    currency="USD",
    tax_label="Tax (medical services, exempt)",
    tax_basis_points=0,
    method="stripe",
    card="Visa ending 4242",
    statement_name="ACACIA CLINIC",
)
RECEIPT = ReceiptPaper(number="R-2026-001842", content=CONTENT)
PAID = PaidFacts(
    amount=Money(4500, "USD"),
    card="Visa ending 4242",
    paid_at=NOW,
    back=Money(0, "USD"),
    paper=RECEIPT,
)
HALF = RefundLine(amount=2250, at=(NOW + timedelta(days=1)).isoformat(), status="succeeded")
HALF_BACK = replace(PAID, back=Money(2250, "USD"), paper=replace(RECEIPT, refunds=(HALF,)))
ALL_BACK = replace(PAID, back=Money(4500, "USD"))
RULES = Policy(
    id=1,
    version=1,
    name="Standard",
    rungs=(Rung(minutes_before=1440, percent=100), Rung(minutes_before=120, percent=50)),
)
ENTRY = CalendarEntry(
    uid="01kbooking",
    sequence=0,
    starts_at=VISIT_AT,
    ends_at=VISIT_AT + timedelta(minutes=20),
    zone="America/New_York",
    clinic_name="Acacia Family Clinic",
    clinic_address="214 Juniper Street, floor 2",
    booking_ref="7KM-4PX",
    url="/bookings/7KM-4PX",
    made_at=NOW,
    organizer="clinic@example.org",
    attendee="almaz@example.org",
)
NEAREST = tuple(VISIT_AT + timedelta(minutes=minutes) for minutes in (20, 40, 1440))
LINKS = {
    "pay": Link(path="/bookings/7KM-4PX?key={token}&to=review", kind="booking", key="7KM-4PX"),
    "take": Link(path="/offers/01koffer?key={token}", kind="offer", key="01koffer"),
    "decline": Link(path="/offers/01koffer/decline?key={token}", kind="offer", key="01koffer"),
    "leave": Link(path="/waiting/01kentry?key={token}", kind="waiting", key="01kentry"),
    "booking": Link(path="/bookings/7KM-4PX?key={token}", kind="booking", key="7KM-4PX"),
    "answer": Link(path="/bookings/7KM-4PX/answer?key={token}", kind="booking", key="7KM-4PX"),
    "times": Link(path="/doctors/hana-tesfaye?service=see-the-doctor"),
}
STEPS = ladder(RULES, VISIT.price, starts_at=VISIT_AT, now=NOW)


def letter(name: str, to: str = "almaz@example.org", **given) -> Letter:
    """The letter of that name with its usual content; ``given`` replaces parts of the context."""
    context = {"clinic": CLINIC, "visit": VISIT} | CONTEXTS[name] | given
    links = {"once": Link(path=f"/{name[:7]}/{{token}}", kind=name, key="01klink")}
    links |= LINKS | {"login": Link(path="/login"), "reset": Link(path="/reset")}
    links["admin"] = Link(path="/admin")
    if name == "pay_link":
        links["pay"] = Link(path="/pay/link/{token}", kind="pay", key="7KM-4PX")
    links["wish"] = Link(path="/refunds/wish/{token}", kind="refund_wish", key="01krefund")
    papers = {"receipt": RECEIPT, "calendar": ENTRY} if name == "booked" else {}
    return Letter(
        name=name,
        to=to,
        locale="en",
        message_key="01koutboxmessage",
        context=context,
        links=links,
        **papers,
    )


_CANCELLED = {"paid": PAID, "owed": Money(4500, "USD")}
CONTEXTS = {
    "booked": {"paid": PAID, "steps": STEPS},
    "cancelled_by_patient": _CANCELLED | {"outcome": "waiting", "reason": "", "nearest": ()},
    "cancelled_by_clinic": _CANCELLED
    | {"outcome": "under_way", "reason": "Dr Tesfaye is ill.", "nearest": NEAREST},
    "move_offered": {
        "paid": PAID,
        "reason": "Dr Tesfaye is ill.",
        "answer_by": NOW + timedelta(days=1),
        "nearest": NEAREST,
    },
    "visit_stands": {},
    "moved": {
        "was_at": VISIT_AT - timedelta(days=1),
        "was_with": "",
        "paid": None,
        "back": Money(1000, "USD"),
    },
    "move_not_made": {
        "amount": Money(1000, "USD"),
        "card": "Visa ending 4242",
        "refused": False,
        "was_cancelled": False,
    },
    "payment_failed": {"amount": Money(4500, "USD")},
    "paid_too_late": {"paid": ALL_BACK, "was_cancelled": False, "nearest": NEAREST},
    "paid_twice": {"paid": ALL_BACK, "was_cancelled": False, "nearest": ()},
    "refund_sent": {
        "paid": HALF_BACK,
        "amount": Money(2250, "USD"),
        "message": "With our regrets.",
        "bank_reference": "7481",
    },
    "refund_failed": {
        "paid": PAID,
        "amount": Money(2250, "USD"),
        "message": "",
        "bank_reference": "",
    },
    "refund_by_hand": {
        "paid": HALF_BACK,
        "amount": Money(2250, "USD"),
        "message": "With our regrets.",
        "bank_reference": "",
        "way": "cash",
        "handed_by": "Ruth Okello",
    },
    "refund_wish": {
        "paid": PAID,
        "amount": Money(2250, "USD"),
        "message": "",
        "bank_reference": "",
        "way": "stripe",
        "handed_by": "",
    },
    "reminder": {
        "tomorrow": True,
        "directions": "Behind the post office, second floor.",
        "step": STEPS[0],
    },
    "finish_payment": {"amount": Money(4500, "USD"), "until": NOW + timedelta(minutes=7)},
    "pay_link": {"until": NOW + timedelta(hours=24), "steps": STEPS},
    "time_opened": {"until": NOW + timedelta(minutes=20)},
    "find_booking": {},
    "confirm_address": {"until": NOW + timedelta(hours=24)},
    "reset_password": {"until": NOW + timedelta(minutes=30)},
    "already_registered": {},
    "invitation": {"until": NOW + timedelta(days=3), "role": "desk"},
    "admin_alert": {"kind": "parked_payment", "raised_at": NOW},
}
