"""What does somebody type who waits for a time: which days, which part, for whom?"""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import request
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict
from wtforms import SelectMultipleField, StringField
from wtforms.validators import ValidationError

from efoy.domain.waiting import DayPart
from efoy.web.booking_forms import FIELDS, DetailsForm, own_details
from efoy.web.forms import strip
from efoy.web.visitor_forms import VISITOR_FIELDS


class JoinForm(DetailsForm):
    """Who waits, for whom, on which days."""

    when = StringField(default="any", filters=[strip])
    part = StringField(default=DayPart.ANY, filters=[strip])
    days = SelectMultipleField(choices=[], validate_choice=False)

    def validate_part(self, field: Any) -> None:
        """One of three words."""
        if field.data not in set(DayPart):
            raise ValidationError(_("Choose a part of the day"))

    def validate_when(self, field: Any) -> None:
        """Any day, or at least one that was chosen."""
        if field.data not in {"any", "chosen"}:
            raise ValidationError(_("Choose days"))
        if field.data == "chosen" and not self.chosen_days():
            raise ValidationError(_("Choose at least one day"))

    def chosen_days(self) -> tuple[date, ...]:
        """The days that were ticked; none for any day. What is no date is left out."""
        if self.when.data != "chosen":
            return ()
        found = [day_of(text) for text in self.days.data or ()]
        return tuple(sorted({day for day in found if day is not None}))


def day_of(text: str) -> date | None:
    """The date of a text like ``2026-11-24``, or None."""
    try:
        return date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        return None


def posted_join() -> JoinForm:
    """The same for the waiting list, with the days that were ticked."""
    known = own_details()
    given = MultiDict(
        {name: request.form.get(name, getattr(known, name)) for name in FIELDS}
        | {name: request.form.get(name, "") for name in VISITOR_FIELDS}
        | {name: request.form.get(name, "any") for name in ("when", "part")}
    )
    given.setlist("days", request.form.getlist("days"))
    return JoinForm(formdata=given)


def filled_join() -> JoinForm:
    """The empty form of the waiting list, with what the account knows."""
    known = own_details()
    return JoinForm(formdata=None, data={name: getattr(known, name) for name in FIELDS})
