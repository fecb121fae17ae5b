"""What was chosen and typed for a new booking so far: out of an address, or out of a form."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, datetime

from flask import request
from flask_babel import gettext as _

from efoy.domain.errors import (
    Conflict,
    InvalidValue,
    NotFound,
    OverlappingBooking,
)
from efoy.domain.reference import is_reference
from efoy.queries.clinic_day import day_of
from efoy.queries.desk.people import Person, one_person
from efoy.web.context import clinic
from efoy.web.desk.forms import LONGEST, PayForm, PersonForm
from efoy.web.parameters import instant, slug

PERSON = re.compile(r"[0-9a-z-]{4,40}")
MOST_BESIDE = 20


@dataclass
class Draft:
    """A booking on its way. ``beside`` are the references the page named, ``faults`` what is
    wrong with the whole of it; the forms know what is wrong with their fields."""

    doctor: str
    service: str
    at: datetime | None
    patient: Person | None
    person: PersonForm
    pay: PayForm
    beside: frozenset[str] = frozenset()
    beside_reason: str = ""
    faults: list[str] = field(default_factory=list)

    @property
    def starts_at(self) -> datetime:
        """The chosen time; only asked when there is one."""
        if self.at is None:
            raise InvalidValue("starts_at", _("Choose a time"))
        return self.at

    @property
    def day(self) -> date | None:
        """The day of the chosen time."""
        return day_of(self.at, clinic().zone) if self.at else None

    @property
    def name(self) -> str:
        """Who is coming."""
        return self.patient.name if self.patient else self.person.name.data or ""

    @property
    def email(self) -> str:
        """Where mail goes; empty for nowhere."""
        return self.patient.email if self.patient else self.person.email.data or ""

    @property
    def phone(self) -> str:
        """Where to call."""
        return self.patient.phone if self.patient else self.person.phone.data or ""

    @property
    def locale(self) -> str:
        """The language of the mails."""
        return self.patient.locale if self.patient else "en"

    def complete(self) -> bool:
        """Whether all is there and right; else the faults are noted."""
        right = self.pay.validate()
        if self.patient is None:
            right = self.person.validate() and right
        if self.at is None:
            self.faults.append(_("Choose a time"))
        if self.beside and not self.beside_reason:
            self.faults.append(_("Say why two people are booked at once"))
        return right and not self.faults

    def refuse(self, error: Conflict | InvalidValue) -> None:
        """Note why it was refused."""
        self.faults.append(_why(error))


def _why(error: Conflict | InvalidValue) -> str:
    if isinstance(error, OverlappingBooking):
        return _("This patient has another visit at that time.")
    if isinstance(error, InvalidValue) and error.field == "pay_by":
        return _(
            "The visit is too soon for a pay link. Take the money here, or choose a later time."
        )
    if isinstance(error, InvalidValue):
        return _("Check what was typed.")
    return _("This patient has three unpaid times already. Let one of them be paid or go first.")


def asked_draft() -> Draft:
    """The draft that an address describes: nothing personal stands in it."""
    args = request.args
    return Draft(
        doctor=_slug(args.get("doctor", "")),
        service=_slug(args.get("service", "")),
        at=instant(args.get("starts_at", "")),
        patient=_person(args.get("patient", "")),
        person=PersonForm(formdata=None),
        pay=PayForm(formdata=None, data={"way": "link", "minutes": "120"}),
    )


def posted_draft() -> Draft:
    """The draft that a form carries; ``take`` is a button that names another visit and time."""
    form = request.form
    doctor, service, at = form.get("doctor", ""), form.get("service", ""), form.get("starts_at", "")
    if form.get("take"):
        doctor, service, at = [*form["take"].split("|"), "", ""][:3]
    refs = form.get("beside", "").split(",")[:MOST_BESIDE]
    return Draft(
        doctor=_slug(doctor),
        service=_slug(service),
        at=instant(at),
        patient=_person(form.get("patient", "")),
        person=PersonForm(),
        pay=PayForm(),
        beside=frozenset(ref for ref in refs if is_reference(ref)),
        beside_reason=form.get("beside_reason", "").strip()[:LONGEST],
    )


def _slug(text: str) -> str:
    return slug(text) if text else ""


def _person(user_id: str) -> Person | None:
    """The patient of that id, None for none; somebody else is not found."""
    if not user_id:
        return None
    if not PERSON.fullmatch(user_id):
        raise NotFound("patient")
    return one_person(user_id)
