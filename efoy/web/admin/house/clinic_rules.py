"""What may a clinic call itself, where, in which money and in which colour?"""

from __future__ import annotations

import re
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms.validators import ValidationError

from efoy.domain.colour import LEAST, WHITE, WRITTEN, contrast
from efoy.domain.money import UnusableCurrency, decimals

STATEMENT = re.compile(r"[A-Za-z0-9 .,&/()!?:;#@+$%_=^~|{}\[\]-]{5,22}")
COUNTRY = re.compile(r"[A-Z]{2}")


class Country:
    """Two capital letters, after ISO 3166."""

    def __call__(self, form: Any, field: Any) -> None:
        """Raise ValidationError with words for people."""
        if not COUNTRY.fullmatch(field.data or ""):
            raise ValidationError(_l("Enter two letters, like KE"))


class Currency:
    """One that can be charged in."""

    def __call__(self, form: Any, field: Any) -> None:
        """Raise ValidationError with words for people."""
        try:
            decimals(field.data or "")
        except UnusableCurrency:
            words = _l("Enter three letters of a currency we can charge in, like USD")
            raise ValidationError(words) from None


class Statement:
    """Stripe's rules: 5 to 22 Latin letters, digits and marks, one letter, few marks."""

    def __call__(self, form: Any, field: Any) -> None:
        """Raise ValidationError with words for people."""
        text = field.data or ""
        if not STATEMENT.fullmatch(text) or not re.search(r"[A-Za-z]", text):
            words = _l("Use 5 to 22 letters and digits, at least one letter, none of < > \\ ' \" *")
            raise ValidationError(words)


class Colour:
    """None, or one on which white words can be read."""

    def __call__(self, form: Any, field: Any) -> None:
        """Raise ValidationError with words for people, and the number."""
        text = (field.data or "").lower()
        field.data = text
        if not text:
            return
        if not WRITTEN.fullmatch(text):
            raise ValidationError(_l("Enter a colour like #0b5b43, or leave it empty"))
        ratio = contrast(text, WHITE)
        if ratio < LEAST:
            shown = f"{int(ratio * 100) / 100:.2f}"
            words = _(
                "White words on it reach %(ratio)s to 1. Choose a darker one: 4.5 to 1.",
                ratio=shown,
            )
            raise ValidationError(words)
