"""Who is it for: whoever books, their child, somebody else, or one of those they booked for?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import StringField
from wtforms.validators import ValidationError

from efoy.domain.visitor import OLDEST, BookedFor, VisitorWish
from efoy.queries.visitors import KnownVisitor, visitors_of
from efoy.web.forms import BaseForm, Words, strip
from efoy.web.login import viewer
from efoy.wiring import outside

BORN = ("born_day", "born_month", "born_year")
VISITOR_FIELDS = ("who", "visitor_name", *BORN)


def known_visitors() -> Sequence[KnownVisitor]:
    """Those the signed-in person booked for before; nobody for a guest."""
    who = viewer()
    return visitors_of(who.id) if who else ()


class VisitorForm(BaseForm):
    """Part of a form: whom the visit is for, with name and date of birth where they are needed."""

    who = StringField(default=BookedFor.ME, filters=[strip])
    visitor_name = StringField(_l("Name of who is coming"), [Words(most=120)], filters=[strip])
    born_day = StringField(_l("Day"), filters=[strip])
    born_month = StringField(_l("Month"), filters=[strip])
    born_year = StringField(_l("Year"), filters=[strip])

    @property
    def for_new_visitor(self) -> bool:
        """Whether somebody comes whose name and date of birth must be typed."""
        return self.who.data in {BookedFor.CHILD, BookedFor.OTHER}

    def validate_who(self, field: Any) -> None:
        """One of the choices: a word of ours, or somebody of one's own account."""
        if field.data in {None, ""}:
            field.data = str(BookedFor.ME)
        known = {each.id for each in known_visitors()} if len(field.data) > 8 else set()
        if field.data not in {*BookedFor, *known}:
            raise ValidationError(_("Choose who is coming"))

    def validate_visitor_name(self, field: Any) -> None:
        """Needed for somebody new."""
        if self.for_new_visitor and not field.data:
            raise ValidationError(_("Enter the name of who is coming"))

    def validate_born_day(self, field: Any) -> None:
        """The three boxes together are a day in the past."""
        if self.for_new_visitor and self.born_on() is None:
            raise ValidationError(_("Enter the date of birth, like 3 5 2019"))

    def born_on(self) -> date | None:
        """The day in the three boxes, or None where they are none."""
        texts = [self[name].data or "" for name in BORN]
        if not all(text.isascii() and text.isdigit() and len(text) <= 4 for text in texts):
            return None
        day, month, year = map(int, texts)
        today = outside().clock().date()
        try:
            born = date(year, month, day)
        except ValueError:
            return None
        return born if today.year - OLDEST <= born.year and born <= today else None

    def visitor(self) -> VisitorWish | None:
        """Who comes, when it is not whoever fills in the form; the form must be valid."""
        if self.who.data == BookedFor.ME:
            return None
        for each in known_visitors():
            if each.id == self.who.data:
                return VisitorWish(kind=each.kind, name=each.name, born_on=each.born_on)
        born = self.born_on()
        assert born is not None  # the form is valid
        return VisitorWish(
            kind=BookedFor(self.who.data), name=self.visitor_name.data or "", born_on=born
        )
