"""What does somebody type who books: who is coming, and why?"""

from __future__ import annotations

from flask import request
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict
from wtforms import SelectField
from wtforms.fields.choices import SelectChoice

from efoy.queries.patient import Details
from efoy.web.forms import BaseForm, email_field, name_field, phone_field, text_field
from efoy.web.login import viewer
from efoy.web.visitor_forms import VISITOR_FIELDS, VisitorForm

FIELDS = ("name", "email", "phone")
REASON_LENGTH = 500


class DetailsForm(VisitorForm):
    """Who books, and who is coming."""

    name = name_field(_l("Your name"))
    email = email_field(_l("Email"))
    phone = phone_field(_l("Mobile phone"))


class ReasonForm(BaseForm):
    """What the doctor should know; never sent to Stripe."""

    reason = text_field(_l("What is the visit about?"), most=REASON_LENGTH)


WHY = {
    "better": _l("I feel better"),
    "time": _l("The time doesn’t suit me"),
    "mistake": _l("I booked by mistake"),
    "cost": _l("Cost"),
    "other": _l("Something else"),
}
"""What somebody may say who cancels: words of ours, so that nothing about health is written."""


NO_WORD = _l("Choose a reason")


class CancelReasonForm(BaseForm):
    """Why a patient cancels, if they like to say."""

    reason = SelectField(
        _l("Why are you cancelling?"),
        choices=[SelectChoice(key, words) for key, words in {"": NO_WORD, **WHY}.items()],
        default="",
    )

    def words(self) -> str:
        """The reason as staff read it; empty where none was given."""
        return str(WHY.get(self.reason.data or "", ""))


def posted_details() -> DetailsForm:
    """The details of this post; what the account knows fills fields that were not sent at all."""
    known = own_details()
    given = {name: request.form.get(name, getattr(known, name)) for name in FIELDS}
    given |= {name: request.form.get(name, "") for name in VISITOR_FIELDS}
    return DetailsForm(formdata=MultiDict(given))


def own_details() -> Details:
    """What is known of the signed-in person; nothing of a guest."""
    who = viewer()
    return Details(name=who.name, email=who.email, phone=who.phone) if who else Details()


def filled_details(typed: dict[str, str]) -> DetailsForm:
    """The form with what was typed before, else with what the account knows."""
    known = own_details()
    data = {name: typed.get(name) or getattr(known, name) for name in FIELDS}
    data |= {name: typed[name] for name in VISITOR_FIELDS if typed.get(name)}
    return DetailsForm(formdata=None, data=data)
