"""The pages on which a doctor keeps hours, bookings, profile and calendar, in every state."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from wtforms import Form, StringField, TextAreaField

from efoy.domain.booking import BookingStatus
from efoy.domain.hours import BookedVisit
from efoy.domain.slot import Opening, Visit
from efoy.queries.hours_page import ExtraRow, HoursDoctor, HoursService, preview
from efoy.queries.visit_notes import Wording
from efoy.web.hours_form import TypedRow, row_of
from tests.look.samples import ADMIN, DESK, DOCTOR, NOW, TODAY, Case, Row, at, usd

_HANA = HoursDoctor(
    id=1, slug="hana-tesfaye", name="Dr Hana Tesfaye", place="Juniper Street, floor 2", version=3
)
_SERVICES = [
    HoursService(id=1, name="See the doctor", visit=Visit(minutes=20, service=1)),
    HoursService(id=2, name="Video visit", visit=Visit(minutes=15, service=2)),
    HoursService(id=3, name="Full health check", visit=Visit(minutes=40, service=3)),
]
_OPENINGS = [
    *(
        Opening(weekday=day, from_minute=520, to_minute=1080, break_from=720, break_to=780)
        for day in range(4)
    ),
    Opening(
        weekday=4,
        from_minute=540,
        to_minute=720,
        place="Lakeside branch",
        services=frozenset({1}),
        valid_from=date(2027, 1, 4),
    ),
]
_BOOKED = BookedVisit(
    id="b1",
    ref="7KM-4PX",
    name="Almaz Bekele",
    starts_at=at(24, 9, 20),
    ends_at=at(24, 9, 40),
    service=1,
    service_name="See the doctor",
    place="Juniper Street, floor 2",
    held=False,
)
_HELD = replace(_BOOKED, id="b2", ref="", name="", starts_at=at(24, 10), held=True)
_EXTRA = [
    ExtraRow(
        id=7,
        starts_at=at(28, 9),
        ends_at=at(28, 12),
        place="Lakeside branch",
        services=frozenset({2}),
    ),
    ExtraRow(id=8, starts_at=at(29, 9), ends_at=at(29, 11), place="", services=frozenset()),
]
_OPENS = preview(_OPENINGS, _SERVICES, zone="America/New_York", today=TODAY)
_HOURS: dict[str, Any] = {
    "doctor": _HANA,
    "base": "/doctor",
    "own": True,
    "rows": [row_of(one) for one in _OPENINGS],
    "services": _SERVICES,
    "preview": _OPENS,
    "change_walls": ("2:00 am", "3:00 am"),
    "clash": (),
    "saved": (),
    "stale": False,
    "outside": [],
    "extra": _EXTRA,
    "can_add": True,
    "fresh": True,
    "viewer": DOCTOR,
}
_DESKS: dict[str, Any] = {
    **_HOURS,
    "base": "/admin/doctors/hana-tesfaye",
    "own": False,
    "fresh": False,
    "viewer": DESK,
}
_WRONG = [
    TypedRow(day="0", start="9", end="17:00", errors={"start": "Enter a time, like 9:20"}),
    TypedRow(day="1", start="9:00", end="8:00", place="x", errors={"end": "The end is too early"}),
    TypedRow(day="2", start="9:00", end="12:00", errors={"since": "Enter a day, like 2026-11-24"}),
]
_BESIDE: dict[str, Any] = {
    "doctor": _HANA,
    "base": "/doctor",
    "own": True,
    "extra": _EXTRA,
    "services": _SERVICES,
    "typed": dict.fromkeys(("on", "start", "end", "place"), ""),
    "ticks": frozenset(),
    "errors": {},
    "clash": (),
    "leaving": 0,
    "viewer": DOCTOR,
}
WORDINGS = [
    Wording(position=2, body="Better. Inhaler twice a day.", written_at=at(19, 15)),
    Wording(position=1, body="", written_at=at(18, 15)),
]


class ProfileForm(Form):
    """D7."""

    about = TextAreaField("About me")
    languages = StringField("Languages")


_PROFILE: dict[str, Any] = {
    "doctor": Row(
        slug="hana-tesfaye",
        name="Dr Hana Tesfaye",
        specialty="General practice",
        place="Juniper Street, floor 2",
        languages="Amharic, English",
        about="Family doctor for 14 years.",
        licence="Maryland medical licence D0071234, checked by the clinic",
        bookable=True,
    ),
    "form": ProfileForm(data={"about": "Family doctor for 14 years.", "languages": "Amharic"}),
    "viewer": DOCTOR,
}
_LISTED = [
    Row(
        ref="7KM-4PX",
        starts_at=at(24, 9, 20),
        visitor_name="Almaz Bekele",
        service_name="See the doctor",
        status=status,
    )
    for status in (BookingStatus.CONFIRMED, BookingStatus.ATTENDED, BookingStatus.NO_SHOW)
]
_ONE_PAGE = Row(first=1, last=3, total=3, previous_url=None, next_url=None)
_BOOKINGS: dict[str, Any] = {
    "first": None,
    "last": None,
    "bookings": _LISTED,
    "done": 1,
    "missed": 1,
    "totals": None,
    "pager": _ONE_PAGE,
    "viewer": DOCTOR,
}
_NO_PAGE = Row(first=0, last=0, total=0, previous_url=None, next_url=None)
TOTALS_PAGE = "own-bookings-totals"
"""The one page of a doctor that shows money, where the clinic wants it."""
HOURS_PAGES: list[Case] = [
    ("hours", "doctor/hours.html", _HOURS),
    ("hours-none", "doctor/hours.html", {**_HOURS, "rows": [], "preview": None, "extra": []}),
    ("hours-wrong", "doctor/hours.html", {**_HOURS, "rows": _WRONG, "preview": None}),
    (
        "hours-clash",
        "doctor/hours.html",
        {**_DESKS, "clash": (_BOOKED, replace(_BOOKED, id="b3", place="Lakeside"), _HELD)},
    ),
    ("hours-clash-own", "doctor/hours.html", {**_HOURS, "clash": (_BOOKED,), "fresh": False}),
    (
        "hours-stale",
        "doctor/hours.html",
        {**_DESKS, "stale": True, "saved": _HOURS["rows"][:2], "viewer": ADMIN},
    ),
    ("hours-outside", "doctor/hours.html", {**_HOURS, "outside": [_BOOKED, _HELD]}),
    ("extra-hours", "doctor/extra_hours.html", _BESIDE),
    (
        "extra-hours-wrong",
        "doctor/extra_hours.html",
        {**_BESIDE, "extra": [], "errors": {"on": "Enter a day, like 2026-11-24"}},
    ),
    (
        "extra-hours-clash",
        "doctor/extra_hours.html",
        {**_BESIDE, "own": False, "clash": (_BOOKED,), "leaving": 7, "viewer": DESK},
    ),
    ("own-bookings", "doctor/bookings.html", _BOOKINGS),
    (
        "own-bookings-none",
        "doctor/bookings.html",
        {**_BOOKINGS, "bookings": [], "first": TODAY, "last": TODAY, "pager": _NO_PAGE},
    ),
    (
        TOTALS_PAGE,
        "doctor/bookings.html",
        {**_BOOKINGS, "totals": Row(paid=usd(9000), back=usd(4500), left=usd(4500))},
    ),
    ("profile", "doctor/profile.html", _PROFILE),
    (
        "profile-paused",
        "doctor/profile.html",
        {**_PROFILE, "doctor": Row(**{**vars(_PROFILE["doctor"]), "bookable": False})},
    ),
    ("calendar", "doctor/calendar.html", {"made_at": None, "address": "", "viewer": DOCTOR}),
    (
        "calendar-new",
        "doctor/calendar.html",
        {"made_at": NOW, "address": "https://clinic.example/x.ics", "viewer": DOCTOR},
    ),
]
