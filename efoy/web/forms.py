"""What may be typed into a form? Trimmed, bounded, without control characters, with clear words."""

from __future__ import annotations

import re
import secrets
import unicodedata
from typing import Any

import phonenumbers
from flask import request
from flask_babel import lazy_gettext as _l
from flask_wtf import CSRFProtect, FlaskForm
from flask_wtf.form import _Auto
from wtforms import EmailField, PasswordField, StringField, TelField, TextAreaField
from wtforms.validators import ValidationError

from efoy.web.context import clinic

csrf = CSRFProtect()
"""Checks every unsafe request; ``@csrf.exempt`` is for Stripe's messages alone."""
ADDRESS = re.compile(r"[^\s@<>(),;:\\\"\[\]]{1,64}@(?:[A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z0-9-]{2,63}")
PHONE = re.compile(r"[+]?[0-9 ()./-]{5,31}")
FORM_TOKEN = re.compile(r"[A-Za-z0-9_-]{8,64}")
LINES = {"\n", "\r", "\t"}


def new_form_token() -> str:
    """A one-time token for a form that moves a slot or money: a second post finds the first."""
    return secrets.token_urlsafe(16)


def form_token() -> str | None:
    """The token this request carries, if it looks like one of ours."""
    token = request.form.get("form_token", "")
    return token if FORM_TOKEN.fullmatch(token) else None


def has_controls(text: str, *, lines: bool = False) -> bool:
    """Whether ``text`` has characters nobody types: control codes, half surrogates."""
    allowed = LINES if lines else set()
    return any(unicodedata.category(c) in {"Cc", "Cs"} and c not in allowed for c in text)


def strip(value: str | None) -> str | None:
    """Without the blanks around it."""
    return value.strip() if isinstance(value, str) else value


class Words:
    """A text of ``least`` to ``most`` characters; ``missing`` says what to enter."""

    def __init__(self, missing: Any = None, *, most: int = 120, lines: bool = False) -> None:
        self.missing, self.most, self.lines = missing, most, lines

    def __call__(self, form: Any, field: Any) -> None:
        """Raise ValidationError with words for people."""
        text = field.data or ""
        if not text and self.missing:
            raise ValidationError(self.missing)
        if len(text) > self.most:
            raise ValidationError(_l("Use %(most)s characters at most", most=self.most))
        if has_controls(text, lines=self.lines):
            raise ValidationError(_l("Take out the characters that cannot be printed"))


class Address:
    """One e-mail address, as strict as mail servers are."""

    def __call__(self, form: Any, field: Any) -> None:
        """Raise ValidationError with words for people."""
        if len(field.data or "") > 254 or not ADDRESS.fullmatch(field.data or ""):
            raise ValidationError(_l("Enter an email address, like almaz@example.org"))


class Phone:
    """A telephone number that could exist, in the clinic's country or written with a plus."""

    def __call__(self, form: Any, field: Any) -> None:
        """Raise ValidationError with words for people."""
        text = field.data or ""
        if not PHONE.fullmatch(text) or not _dialable(text):
            raise ValidationError(_l("Enter a phone number we can reach you on, like 240 555 0117"))


def _dialable(text: str) -> bool:
    try:
        number = phonenumbers.parse(text, clinic().country)
    except phonenumbers.NumberParseException:
        return False
    return bool(phonenumbers.is_possible_number(number))


def name_field(label: Any = None, **more: Any) -> StringField:
    """A person's name."""
    rules = [Words(_l("Enter your name"), most=120)]
    return StringField(label or _l("Name"), rules, filters=[strip], **more)


def email_field(label: Any = None, **more: Any) -> EmailField:
    """An e-mail address."""
    return EmailField(label or _l("Email"), [Address()], filters=[strip], **more)


def phone_field(label: Any = None, **more: Any) -> TelField:
    """A telephone number."""
    return TelField(label or _l("Phone"), [Phone()], filters=[strip], **more)


def text_field(label: Any, *, most: int = 500, missing: Any = None, **more: Any) -> TextAreaField:
    """Some lines of text; empty unless ``missing`` says what to enter."""
    rules = [Words(missing, most=most, lines=True)]
    return TextAreaField(label, rules, filters=[strip], **more)


def password_field(label: Any = None, rules: Any = (), **more: Any) -> PasswordField:
    """A password, exactly as typed."""
    return PasswordField(label or _l("Password"), list(rules), **more)


class BaseForm(FlaskForm):
    """Every form of ours. The cross-site check is done for all requests before any form is read."""

    class Meta:
        """See above. Only fields of a form are read: neither files nor JSON are words."""

        csrf = False

        def wrap_formdata(self, form: Any, formdata: Any) -> Any:
            """What was typed: ``formdata`` where a view gives it, else this request's form."""
            if formdata is not _Auto:
                return formdata
            return request.form if request.method == "POST" else None


class ConfirmForm(BaseForm):
    """A button and nothing else."""
