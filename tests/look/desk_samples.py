"""C6, C7 and the desk's own pages: a busy day and an empty one, money by hand, links, the wall."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from markupsafe import Markup
from wtforms import StringField

from efoy.domain.booking import BookingStatus
from efoy.domain.payment import Standing
from efoy.gateways.square_code import draw
from efoy.queries.desk.beside import There
from efoy.queries.desk.choosing import Choosing, StripDay, Visit
from efoy.queries.desk.day import DeskVisit, DoctorToday
from efoy.queries.desk.people import Found, Person
from efoy.queries.desk.waiting import HandedOver, UnpaidLink
from efoy.web.desk.grid import Cell
from tests.look.samples import DESK, NOW, Case, Form, Row, at, filled, usd, wrong

DAY = date(2026, 11, 19)
NO_FACTS = Row(
    made_by="",
    overbooked_reason="",
    free_reason="",
    pay_by=None,
    taken_by="",
    taken_how=None,
    taken_note="",
)


class PersonForm(Form):
    """A new patient."""

    name, phone, email = StringField("Name"), StringField("Mobile phone"), StringField("Email")


class PayForm(Form):
    """How it is paid."""

    way, minutes = StringField("How is it paid?"), StringField("The link works for")
    reason, note = StringField("Why is it free?"), StringField("Note about the money")


class TakeForm(Form):
    """Money by hand."""

    method, note = StringField("How was it paid?"), StringField("Note about the money")


def visit(hour: int, name: str, **change: Any) -> DeskVisit:
    """A visit of the day."""
    row: dict[str, Any] = {
        "ref": f"7KM-4P{hour % 10}",
        "doctor_id": 1,
        "doctor_name": "Dr Hana Tesfaye",
        "service_name": "See the doctor",
        "starts_at": at(19, hour),
        "ends_at": at(19, hour) + timedelta(minutes=20),
        "visitor_name": name,
        "phone": "(240) 555-0117",
        "status": BookingStatus.CONFIRMED,
        "arrived": False,
        "beside": False,
        "free": False,
        "standing": Standing.PAID,
        "price": usd(4500),
        "paid": usd(4500),
        "hold_expires_at": None,
    }
    return DeskVisit(**(row | change))


HELD = {"status": BookingStatus.HELD, "paid": None, "hold_expires_at": at(19, 16)}
VISITS = [
    visit(15, "Tigist Worku", arrived=True),
    visit(16, "Caleb Otieno"),
    visit(16, "Bereket Tadesse", beside=True),
    visit(17, "Nadia Osman", **HELD),
]
HANA = DoctorToday(
    slug="hana-tesfaye",
    name="Dr Hana Tesfaye",
    service_slug="short-visit",
    minutes=15,
    here=True,
    visits=VISITS,
    free=[at(19, 17, 20), at(19, 17, 40)],
)
LINK = UnpaidLink(
    ref="7KM-4PX",
    visitor_name="Amina Yusuf",
    phone="(240) 555-0156",
    starts_at=at(24, 9, 20),
    doctor_name="Dr Hana Tesfaye",
    price=usd(4500),
    until=at(19, 18),
    paying=False,
)
HANDED = HandedOver(
    ref="7KM-4PX",
    visitor_name="Yonas Girma",
    phone="(240) 555-0133",
    starts_at=at(20, 9),
    doctor_name="Dr Hana Tesfaye",
    since=NOW,
)
BARS = [Row(kind=kind, x="20.00%", width="3.00%") for kind in ("done", "here", "come", "free")]
GLANCE = Row(
    hours=["8 am", "10 am", "12 pm"], rows=[Row(name="Dr Tesfaye", bars=BARS)], now="60.00%"
)
TODAY = {
    "viewer": DESK,
    "day": DAY,
    "now": NOW,
    "needs": [],
    "doctors": [HANA],
    "glance": GLANCE,
    "visits": VISITS,
    "links": [LINK],
    "handed": [HANDED],
}
SEE = Visit(
    doctor_slug="hana-tesfaye",
    doctor_name="Dr Hana Tesfaye",
    service_slug="see-the-doctor",
    service_name="See the doctor",
    minutes=20,
    price=usd(4500),
)
CHOICE = Choosing(
    visits=[SEE],
    chosen=SEE,
    day=DAY,
    days=[StripDay(on=DAY + timedelta(days=n), open=n != 3, free=5) for n in range(7)],
    free=[at(19, 17, 20), at(19, 17, 40)],
    taken=[at(19, 16)],
)
DANIEL = Person(
    id="p", name="Daniel Kebede", email="", phone="(240) 555-0118", locale="en", last_visit=NOW
)
DRAFT = {
    "doctor": "hana-tesfaye",
    "service": "see-the-doctor",
    "at": None,
    "patient": None,
    "person": filled(PersonForm),
    "pay": filled(PayForm, way="link", minutes="120"),
    "beside": frozenset(),
    "beside_reason": "",
    "faults": [],
    "name": "Tirunesh Abebe",
    "phone": "240 555 0119",
    "email": "",
}
NEW = {
    "viewer": DESK,
    "draft": Row(**DRAFT),
    "query": "",
    "found": None,
    "choice": CHOICE,
    "now": NOW,
    "form_token": "t",
}
WRONG = Row(
    **{
        **DRAFT,
        "at": at(19, 16),
        "person": wrong(PersonForm, phone="Enter a phone number"),
        "faults": ["Choose a time"],
    }
)
THERE = There(
    ref="7KM-4PX",
    visitor_name="Almaz Bekele",
    starts_at=at(19, 16),
    ends_at=at(19, 16, 20),
    status=BookingStatus.CONFIRMED,
)
OFFER = Row(**{**vars(SEE), "starts_at": at(19, 16, 40)})
TAKEN = {
    "viewer": DESK,
    "draft": Row(**{**DRAFT, "at": at(19, 16)}),
    "there": [THERE],
    "left": Row(wish=OFFER, nearest=[OFFER], others=[OFFER]),
    "again": True,
    "form_token": "t",
}
BOOKING = Row(
    ref="7KM-4PX",
    status="held",
    visitor_name="Amina Yusuf",
    email="amina@example.org",
    starts_at=at(24, 9, 20),
    doctor_name="Dr Hana Tesfaye",
    price=usd(4500),
    payment=Row(method="stripe", amount=usd(4500), card="Visa ending 4242"),
    unsettled=True,
)
TAKE = {
    "viewer": DESK,
    "booking": BOOKING,
    "form": filled(TakeForm, method="cash"),
    "form_token": "t",
}
LINES = [Cell(at=each.starts_at, visit=each) for each in VISITS]
LINES.append(Cell(at=at(19, 17, 20), visit=None, doctor="hana-tesfaye", service="short-visit"))
WALL = {
    "viewer": DESK,
    "columns": [("Dr Hana Tesfaye", "hana-tesfaye")],
    "rows": [("4 pm", [LINES])],
    "day": DAY,
    "today": DAY,
    "before": DAY - timedelta(days=1),
    "after": DAY + timedelta(days=1),
    "doctor": "",
    "doctors": [Row(slug="hana-tesfaye", name="Dr Hana Tesfaye")],
}
DESK_PAGES: list[Case] = [
    ("desk-today", "desk/today.html", TODAY),
    (
        "desk-today-empty",
        "desk/today.html",
        {**TODAY, "doctors": [], "visits": [], "links": [], "handed": []},
    ),
    ("desk-new", "desk/new.html", NEW),
    (
        "desk-new-found",
        "desk/new.html",
        {**NEW, "query": "daniel", "found": Found(people=[DANIEL], page=2, more=True)},
    ),
    (
        "desk-new-nobody",
        "desk/new.html",
        {**NEW, "query": "xyz <b>", "found": Found(people=[], page=1, more=False)},
    ),
    ("desk-new-known", "desk/new.html", {**NEW, "draft": Row(**{**DRAFT, "patient": DANIEL})}),
    ("desk-new-wrong", "desk/new.html", {**NEW, "draft": WRONG}),
    ("desk-new-nothing", "desk/new.html", {**NEW, "choice": None}),
    ("desk-taken", "desk/taken.html", TAKEN),
    (
        "desk-not-offered",
        "desk/taken.html",
        {**TAKEN, "there": [], "left": None, "again": False},
    ),
    ("desk-take", "desk/take.html", TAKE),
    (
        "desk-take-wrong",
        "desk/take.html",
        {**TAKE, "form": wrong(TakeForm, method="Choose cash or card terminal")},
    ),
    *(
        (f"desk-no-money-{why}", "desk/no_money.html", {**TAKE, "why": why})
        for why in ("paid", "over", "waiting")
    ),
    (
        "desk-link",
        "desk/link.html",
        {
            "viewer": DESK,
            "booking": BOOKING,
            "address": "https://clinic.example/pay/link/abc.def",
            "code": Markup(draw("https://clinic.example/pay/link/abc.def")),
            "until": at(19, 18),
        },
    ),
    ("desk-schedule", "desk/schedule.html", WALL),
    (
        "desk-schedule-week",
        "desk/schedule.html",
        {**WALL, "columns": [(DAY, "")], "doctor": "hana-tesfaye"},
    ),
    ("desk-schedule-empty", "desk/schedule.html", {**WALL, "columns": [], "rows": []}),
]
