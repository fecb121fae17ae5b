"""What does the desk type: who is coming, how it is paid, and why it is as it is?"""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import StringField
from wtforms.validators import ValidationError

from efoy.services.desk_booking import Way
from efoy.web.forms import Address, BaseForm, Phone, Words, strip

LONGEST = 200
MINUTES = (30, 60, 120, 240, 480, 1440)
"""For how long a pay link may keep a time."""


class OrNothing:
    """The rule, unless the field is empty."""

    def __init__(self, rule: Any) -> None:
        self.rule = rule

    def __call__(self, form: Any, field: Any) -> None:
        """Raise ValidationError with words for people."""
        if field.data:
            self.rule(form, field)


class NamedWhen:
    """A reason, where the choice asks for one."""

    def __init__(self, way: Way, missing: Any) -> None:
        self.way, self.words, self.missing = way, Words(most=LONGEST), missing

    def __call__(self, form: Any, field: Any) -> None:
        """Raise ValidationError with words for people."""
        if form.way.data == self.way and not field.data:
            raise ValidationError(self.missing)
        self.words(form, field)


class PersonForm(BaseForm):
    """A patient who is new here; the address may be missing, then nothing is mailed."""

    name = StringField(_l("Name"), [Words(_l("Enter the patient’s name"))], filters=[strip])
    phone = StringField(_l("Mobile phone"), [Phone()], filters=[strip])
    email = StringField(_l("Email"), [OrNothing(Address())], filters=[strip])


class PayForm(BaseForm):
    """How the visit gets paid."""

    way = StringField(_l("How is it paid?"))
    minutes = StringField(_l("The link works for"))
    reason = StringField(
        _l("Why is it free?"),
        [NamedWhen(Way.FREE, _l("Say why the visit is free"))],
        filters=[strip],
    )
    note = StringField(_l("Note about the money"), [Words(most=LONGEST)], filters=[strip])

    def validate_way(self, field: Any) -> None:
        """One of the four."""
        if field.data not in set(Way):
            raise ValidationError(_l("Choose how it is paid"))

    def validate_minutes(self, field: Any) -> None:
        """One of the list."""
        if field.data not in {str(each) for each in MINUTES}:
            raise ValidationError(_l("Choose how long the link works"))


class TakeForm(BaseForm):
    """Money handed over for a visit that is held."""

    method = StringField(_l("How was it paid?"))
    note = StringField(_l("Note about the money"), [Words(most=LONGEST)], filters=[strip])

    def validate_method(self, field: Any) -> None:
        """Cash or terminal."""
        if field.data not in {"cash", "terminal"}:
            raise ValidationError(_l("Choose cash or card terminal"))
