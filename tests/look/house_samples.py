"""Every page on which an admin sets up the house, and those of files and the audit log."""

from __future__ import annotations

from datetime import date
from typing import Any

from wtforms import BooleanField, EmailField, Form, StringField, TextAreaField

from efoy.domain.policy import Policy, Rung, ladder
from efoy.web.admin.house.fields import Chosen, Ticked
from tests.look.samples import NOW, STEPS, TODAY, VISIT, Case, Row, at, usd

_SERVICES = [(1, "See the doctor"), (2, "Video visit"), (3, "Full health check")]
_DOCTORS = [(1, "Dr Hana Tesfaye"), (2, "Dr Samuel Mwangi")]


class DoctorForm(Form):
    """C12."""

    name = StringField("Name")
    specialty_id = Chosen("Specialty")
    languages = StringField("Languages")
    place = StringField("Place")
    about = TextAreaField("About")
    licence = StringField("Licence")
    services = Ticked("Services")


class ServiceForm(Form):
    """C13."""

    name = StringField("Name, in plain words")
    detail = StringField("Where or how")
    mode = Chosen("Mode", coerce=str)
    minutes = StringField("Length in minutes")
    buffer_minutes = StringField("Break after it in minutes")
    notice_minutes = StringField("Notice in minutes")
    horizon_days = StringField("Days ahead")
    tax_label = StringField("Tax on receipts")
    tax = StringField("Tax in percent, within the fee")
    rules = Chosen("Refund rules")
    doctors = Ticked("Who offers it")
    active = BooleanField("Patients can book it")
    amount = StringField("Fee")


class FeeForm(Form):
    """C13, a fee from a day on; the labels' ids are its own."""

    amount = StringField("Fee", id="fee-amount")
    valid_from = StringField("From", id="fee-from")
    doctor = Chosen("For", id="fee-doctor")
    same = BooleanField("This doctor takes the usual fee again", id="fee-same")


class InviteForm(Form):
    """An address."""

    email = EmailField("Email")


class NewPersonForm(InviteForm):
    """C16, somebody new."""

    name = StringField("Name")
    role = Chosen("Role", coerce=str)


class PersonForm(Form):
    """C16, somebody of the staff."""

    role = Chosen("Role", coerce=str)
    limit = StringField("May refund alone up to")


class ClinicForm(Form):
    """C15."""

    name = StringField("Name")
    address = StringField("Address")
    directions = StringField("Directions")
    phone = StringField("Phone")
    phone_hours = StringField("Phone hours")
    email = EmailField("Email")
    emergency_number = StringField("Emergency number")
    country = StringField("Country")
    currency = StringField("Currency")
    statement_name = StringField("Name on card statements")
    tax_text = StringField("Tax text on receipts")
    colour = StringField("Colour")
    doctors_see_totals = BooleanField("Doctors see their own totals")
    refund_limit = StringField("Refunds above this need a second person")


class ZoneForm(Form):
    """C15, the clocks."""

    zone = StringField("Time zone")
    zone_label = StringField("What people call it")
    sure = BooleanField("I have read what changes")


class RuleForm(Form):
    """C14."""

    name = StringField("Name")
    approval_mode = Chosen("When a patient cancels", coerce=str)

    def rows(self) -> list[tuple[Any, Any, Any]]:
        """The three fields of each row."""
        return [(self[f"until_{n}"], self[f"unit_{n}"], self[f"share_{n}"]) for n in range(6)]

    def shown_rows(self) -> int:
        """Two filled, one empty."""
        return 3


for _n in range(6):
    setattr(RuleForm, f"until_{_n}", StringField("Until"))
    setattr(RuleForm, f"unit_{_n}", StringField("Unit"))
    setattr(RuleForm, f"share_{_n}", StringField("Percent"))


def _chosen(form: Form, **errors: str) -> Form:
    """With something to choose, and perhaps something wrong."""
    choices = {
        "specialty_id": [(1, "General practice")],
        "services": _SERVICES,
        "doctors": _DOCTORS,
        "rules": [(1, "Standard"), (2, "Strict")],
        "mode": [("clinic", "At the clinic"), ("video", "By video")],
        "doctor": [(0, "every doctor without a fee of their own"), *_DOCTORS],
        "role": [("desk", "Front desk"), ("admin", "Clinic admin")],
    }
    for name, found in choices.items():
        if name in form:
            form[name].choices = found
    for name, words in errors.items():
        form[name].errors = [words]
    return form


def _rules(**errors: str) -> RuleForm:
    typed = {"until_0": "24", "share_0": "100", "until_1": "2", "share_1": "50"}
    form = RuleForm(data={"name": "Standard", **typed})
    form.approval_mode.choices = [("approval", "The clinic approves what goes back")]
    for name, words in errors.items():
        form[name].errors = [words]
    return form


_LINES = [
    Row(
        slug="hana-tesfaye",
        name="Dr Hana Tesfaye",
        specialty="General practice",
        place="Juniper Street, floor 2",
        active=True,
        removed=False,
        services=3,
        has_hours=True,
        coming=14,
        sign_in="joined",
    ),
    Row(
        slug="meron-alemu",
        name="Dr Meron Alemu",
        specialty="Mental health",
        place="",
        active=True,
        removed=False,
        services=0,
        has_hours=False,
        coming=0,
        sign_in="invited",
    ),
    Row(
        slug="yusuf-abdi",
        name="Dr Yusuf Abdi",
        specialty="Heart (cardiology)",
        place="Juniper Street, floor 2",
        active=False,
        removed=False,
        services=1,
        has_hours=True,
        coming=2,
        sign_in="none",
    ),
]
_FACTS = Row(
    name="Dr Hana Tesfaye",
    languages="Amharic, English",
    place="Juniper Street, floor 2",
    about="Family doctor for 14 years.",
    licence="D0071234",
    services=(1, 2),
)
_COMING = [
    Row(
        ref="7KM-4PX",
        starts_at=VISIT,
        visitor_name="Almaz Bekele",
        service_name="See the doctor",
        doctor_name="Dr Hana Tesfaye",
        status="confirmed",
    )
]
_DOCTOR = Row(
    id=1,
    slug="hana-tesfaye",
    facts=_FACTS,
    seen="a",
    active=True,
    removed=False,
    has_hours=True,
    user_id="u1",
    email="hana@example.org",
    sign_in="joined",
    coming=14,
    visits=_COMING,
)


def _doctor(**change: Any) -> dict[str, Any]:
    return {
        "doctor": Row(**{**vars(_DOCTOR), **change}),
        "form": _chosen(DoctorForm(data=vars(_FACTS))),
        "seen": "a",
        "now_says": None,
        "invite": InviteForm(),
        "refused": False,
    }


_SERVICE = Row(
    id=1,
    slug="see-the-doctor",
    facts=Row(name="See the doctor", minutes=20, detail="", buffer_minutes=0, notice_minutes=60),
    seen="a",
    fee=usd(4500),
    own_fees=[Row(doctor="Dr Hana Tesfaye", amount=usd(5500))],
    fees=[
        Row(id=2, doctor="", amount=usd(5000), valid_from=date(2026, 12, 1), coming=True),
        Row(id=1, doctor="Dr Samuel Mwangi", amount=None, valid_from=TODAY, coming=False),
    ],
    booked=14,
)
_SERVICE_PAGE: dict[str, Any] = {
    "service": _SERVICE,
    "form": _chosen(ServiceForm(data={"name": "See the doctor", "minutes": "20", "tax": "0"})),
    "fee_form": _chosen(FeeForm(data={"valid_from": "2026-11-19"})),
    "seen": "a",
    "now_says": None,
    "today": TODAY,
}
_POLICY = Policy(
    id=1,
    version=2,
    name="Standard",
    rungs=(Rung(minutes_before=1440, percent=100), Rung(minutes_before=120, percent=50)),
)
_RULES = Row(
    first=1,
    facts=Row(name="Standard", approval_mode="approval"),
    newest=Row(policy=_POLICY, since=NOW),
    versions=[Row(policy=_POLICY, since=NOW), Row(policy=_POLICY, since=at(2, 9))],
    services=["See the doctor", "Video visit"],
    sample=usd(4500),
)
_SAMPLE = {
    "starts_at": VISIT,
    "price": usd(4500),
    "steps": list(ladder(_POLICY, usd(4500), starts_at=VISIT, now=NOW)) or STEPS,
    "words": "Free to cancel until 24 hours before.",
}
_PERSON = Row(
    id="u1",
    name="Ruth Okello",
    email="ruth@clinic.example",
    role="admin",
    state="joined",
    last_seen=NOW,
    invited_until=None,
    doctor_slug=None,
    limit=usd(10000),
    seen="a",
)


def _person(**change: Any) -> Row:
    return Row(**{**vars(_PERSON), **change})


_PEOPLE = [
    _PERSON,
    _person(name="Selam Abebe", role="desk", limit=None, email="desk@clinic.example"),
    _person(name="Hana Tesfaye", role="doctor", limit=None, state="invited", last_seen=None),
    _person(name="Bekele Worku", limit=None, state="disabled"),
]


def _one(person: Row, **change: Any) -> dict[str, Any]:
    shown = {
        "person": person,
        "form": _chosen(PersonForm(data={"role": "admin", "limit": "100.00"})),
        "seen": "a",
        "stale": False,
        "refused": "",
        "oneself": False,
        "now": NOW,
    }
    return {**shown, **change}


_CLINIC = Row(
    zone="America/New_York", zone_label="Eastern", logo_hash=None, has_payments=True, seen="a"
)
_SAYS = Row(
    name="Acacia Family Clinic",
    address="214 Juniper Street",
    phone="(301) 555-0142",
    email="desk@acacia.example",
    currency="USD",
    statement_name="ACACIA CLINIC",
    tax_text="",
    colour="",
)


def _clinic(**change: Any) -> dict[str, Any]:
    shown = {
        "file": _CLINIC,
        "form": ClinicForm(data={**vars(_SAYS), "country": "US"}),
        "seen": "a",
        "now_says": None,
        "logo_error": "",
    }
    return {**shown, **change}


_LOG = [
    Row(
        at=NOW,
        who="Ruth Okello",
        role="admin",
        door="web",
        kind="Service",
        key="1",
        event="fee from a day on",
        changes=[("fee from 2026-12-01", "–", "5000 USD")],
    ),
    Row(
        at=at(19, 14),
        who="",
        role="system",
        door="webhook",
        kind="Payment",
        key="7b2k9xw4m1q8n5r3t6v0z2c4f6",
        event="captured",
        changes=[("", "open", "paid")],
    ),
]
_NO_FILTER = Row(person="", kind="", day=None)
_AUDIT: dict[str, Any] = {
    "filters": _NO_FILTER,
    "filtered": False,
    "people": [("u1", "Ruth Okello")],
    "kinds": [("service", "Service"), ("payment", "Payment")],
    "lines": _LOG,
    "newer_url": "/admin/audit?after=90",
    "older_url": "/admin/audit?before=50",
    "file_url": "/admin/audit.csv",
}
_FILES = [
    ("bookings", "Bookings", "Visits that begin in these days"),
    ("payments", "Payments", "Payments of these days"),
    ("refunds", "Refunds", "Refunds asked for in these days"),
    ("ledger", "Ledger", "Every entry of the books"),
]

HOUSE_PAGES: list[Case] = [
    ("doctors-set", "admin/doctors.html", {"doctors": _LINES}),
    ("doctors-set-none", "admin/doctors.html", {"doctors": []}),
    ("doctor-new", "admin/doctor_new.html", {"form": _chosen(DoctorForm())}),
    ("doctor-set", "admin/doctor.html", _doctor()),
    ("doctor-paused", "admin/doctor.html", _doctor(active=False, sign_in="none", user_id=None)),
    ("doctor-free", "admin/doctor.html", _doctor(active=False, coming=0, visits=[])),
    ("doctor-stale", "admin/doctor.html", {**_doctor(), "now_says": _FACTS, "refused": True}),
    (
        "services",
        "admin/services.html",
        {
            "services": [
                Row(
                    slug="see-the-doctor",
                    name="See the doctor",
                    minutes=20,
                    mode="clinic",
                    active=True,
                    fee=usd(4500),
                    next_fee=usd(5000),
                    next_on=date(2026, 12, 1),
                    rules="Standard",
                    doctors=2,
                )
            ]
        },
    ),
    ("services-none", "admin/services.html", {"services": []}),
    ("service-new", "admin/service_new.html", {"form": _chosen(ServiceForm())}),
    ("service", "admin/service.html", _SERVICE_PAGE),
    (
        "service-wrong",
        "admin/service.html",
        {
            **_SERVICE_PAGE,
            "fee_form": _chosen(FeeForm(), amount="Enter an amount from $0.50 to $999,999.99"),
        },
    ),
    (
        "policies",
        "admin/policies.html",
        {"rules": [(_RULES, "Free to cancel until 24 hours before.")]},
    ),
    ("policies-none", "admin/policies.html", {"rules": []}),
    (
        "policy",
        "admin/policy.html",
        {"rules": _RULES, "form": _rules(), "seen": "a", "now_says": None, "sample": _SAMPLE},
    ),
    (
        "policy-wrong",
        "admin/policy.html",
        {
            "rules": _RULES,
            "form": _rules(share_1="Enter a share from 0 to 100"),
            "seen": "a",
            "now_says": None,
            "sample": None,
        },
    ),
    (
        "policy-stale",
        "admin/policy.html",
        {"rules": _RULES, "form": _rules(), "seen": "b", "now_says": _POLICY, "sample": _SAMPLE},
    ),
    (
        "policy-new",
        "admin/policy.html",
        {"rules": None, "form": _rules(), "seen": "", "now_says": None, "sample": None},
    ),
    ("people", "admin/people.html", {"people": _PEOPLE}),
    ("person-new", "admin/person_new.html", {"form": _chosen(NewPersonForm())}),
    ("person", "admin/person.html", _one(_PERSON)),
    ("person-oneself", "admin/person.html", _one(_PERSON, oneself=True)),
    (
        "person-invited",
        "admin/person.html",
        _one(_person(state="invited", last_seen=None, invited_until=VISIT)),
    ),
    (
        "person-refused",
        "admin/person.html",
        _one(_person(state="disabled"), refused="This is the last admin.", stale=False),
    ),
    ("person-stale", "admin/person.html", _one(_PERSON, stale=True)),
    ("clinic", "admin/clinic.html", _clinic()),
    ("clinic-stale", "admin/clinic.html", _clinic(now_says=_SAYS)),
    ("clinic-logo", "admin/clinic.html", _clinic(logo_error="Choose a PNG picture")),
    (
        "zone",
        "admin/zone.html",
        {
            "file": _CLINIC,
            "form": ZoneForm(data={"zone": "Africa/Nairobi"}),
            "stale": False,
            "count": 14,
            "visits": [(_COMING[0], "Tue 24 Nov, 5:20 pm")],
            "zones": ["Africa/Nairobi", "America/New_York"],
        },
    ),
    ("exports", "admin/exports.html", {"files": _FILES}),
    ("audit", "admin/audit.html", _AUDIT),
    (
        "audit-none",
        "admin/audit.html",
        {**_AUDIT, "lines": [], "filtered": True, "newer_url": None, "older_url": None},
    ),
]
