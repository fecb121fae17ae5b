"""What may an admin type: a whole number, a share, an amount, a day, a colour?"""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import SelectField, SelectMultipleField, StringField
from wtforms.validators import ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from efoy.domain.errors import InvalidValue
from efoy.web.forms import Words, strip
from efoy.web.parameters import DAY, YEARS

SHARE = re.compile(r"([0-9]{1,2})(?:[.,]([0-9]{1,2}))?")
NUMBER = re.compile(r"[0-9]{1,6}")


class Whole:
    """A whole number from ``least`` to ``most``."""

    def __init__(self, least: int, most: int) -> None:
        self.least, self.most = least, most

    def __call__(self, form: Any, field: Any) -> None:
        """Raise ValidationError with words for people."""
        text = field.data or ""
        if not NUMBER.fullmatch(text) or not self.least <= int(text) <= self.most:
            words = _l(
                "Enter a whole number from %(least)s to %(most)s", least=self.least, most=self.most
            )
            raise ValidationError(words)


class Share:
    """A share in percent below a hundred, with up to two decimals."""

    def __call__(self, form: Any, field: Any) -> None:
        """Raise ValidationError with words for people."""
        if not SHARE.fullmatch(field.data or ""):
            raise ValidationError(_l("Enter a percentage, like 7.5"))


def whole_field(label: Any, least: int, most: int) -> StringField:
    """A whole number."""
    return StringField(label, [Whole(least, most)], filters=[strip])


def line_field(label: Any, missing: Any = None, *, most: int) -> StringField:
    """One line of text; empty unless ``missing`` says what to enter."""
    return StringField(label, [Words(missing, most=most)], filters=[strip])


def seen_field() -> StringField:
    """The edition of what the form showed."""
    return StringField()


class Chosen(SelectField):
    """One of a list that the page fills in; a number unless it is said otherwise."""

    def __init__(self, label: Any, coerce: Any = int, **more: Any) -> None:
        super().__init__(label, choices=[], coerce=coerce, **more)

    def pre_validate(self, form: Any) -> None:
        """Raise ValidationError with words for people."""
        if self.data not in {value for value, *_ in self.iter_choices()}:
            raise ValidationError(_l("Choose one of the list"))


class Ticked(SelectMultipleField):
    """Some of a list that the page fills in, as boxes to tick."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()

    def __init__(self, label: Any, **more: Any) -> None:
        super().__init__(label, choices=[], coerce=int, **more)

    def pre_validate(self, form: Any) -> None:
        """Raise ValidationError with words for people."""
        known = {value for value, *_ in self.iter_choices()}
        if not set(self.data or []) <= known:
            raise ValidationError(_l("Choose from the list"))


def basis_points(text: str) -> int:
    """``7.5`` percent as 750."""
    found = SHARE.fullmatch(text)
    if found is None:
        raise InvalidValue("tax", "not a share")
    return int(found[1]) * 100 + int((found[2] or "0").ljust(2, "0"))


def share_text(points: int) -> str:
    """750 as ``7.5``."""
    whole, rest = divmod(points, 100)
    return f"{whole}.{rest:02d}".rstrip("0").rstrip(".")


def day_typed(text: str | None) -> date | None:
    """``2026-11-24`` as a day, None for anything else."""
    if not DAY.fullmatch(text or ""):
        return None
    try:
        found = date.fromisoformat(text or "")
    except ValueError:
        return None
    return found if found.year in YEARS else None
