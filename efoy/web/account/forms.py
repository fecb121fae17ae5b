"""What is typed on the pages about accounts?"""

from __future__ import annotations

from typing import Any

from babel import Locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, PasswordField, SelectField
from wtforms.validators import ValidationError

from efoy.domain.password import LONGEST, SHORTEST, too_easy
from efoy.queries.people import Account
from efoy.web.context import LANGUAGES
from efoy.web.forms import BaseForm, email_field, name_field, password_field, phone_field

WRONG = _l(
    "That email and password do not go together. After ten wrong tries, signing in pauses "
    "for five minutes"
)


class NewPassword:
    """Long enough, not too long, and not among the first a guesser tries."""

    def __init__(self, *known: str) -> None:
        self.known = known

    def __call__(self, form: Any, field: Any) -> None:
        """Raise ValidationError with words for people."""
        text = field.data or ""
        if len(text) < SHORTEST:
            raise ValidationError(_("Use at least %(count)s characters", count=SHORTEST))
        if len(text) > LONGEST:
            raise ValidationError(_("Use %(most)s characters at most", most=LONGEST))
        known = tuple(str(form[name].data or "") for name in ("email", "name") if name in form)
        if too_easy(text, known=(*known, *self.known)):
            raise ValidationError(_("That password is easy to guess. Choose another"))


class SignInForm(BaseForm):
    """Address and password."""

    email = email_field()
    password = password_field()

    def validate_password(self, field: PasswordField) -> None:
        """Something was typed, and not a book."""
        if not field.data:
            raise ValidationError(_("Enter your password"))
        if len(field.data) > LONGEST:
            raise ValidationError(WRONG)


class RegisterForm(BaseForm):
    """A new account."""

    name = name_field()
    email = email_field()
    phone = phone_field()
    password = password_field(rules=[NewPassword()])


class ResetForm(BaseForm):
    """Whose password is forgotten."""

    email = email_field()


class NewPasswordForm(BaseForm):
    """The new password."""

    password = password_field(rules=[NewPassword()])


class ConfirmedForm(BaseForm):
    """Proof that whoever opened the mail made the account."""

    password = password_field()


class DetailsForm(BaseForm):
    """One's own name and number."""

    name = name_field()
    phone = phone_field()


class WishesForm(BaseForm):
    """How somebody wants to hear from us."""

    locale = SelectField(_l("Language of our emails"))
    reminders = BooleanField(_l("Remind me the day before a visit"))


def wishes_form(mine: Account | None = None) -> WishesForm:
    """The form with what is kept, or with what was sent."""
    data = {"locale": mine.locale, "reminders": mine.reminders} if mine else None
    form = WishesForm(formdata=None, data=data) if mine else WishesForm()
    form.locale.choices = [(code, Locale.parse(code).display_name) for code in LANGUAGES]
    return form


class ChangePasswordForm(BaseForm):
    """The present password, and the next one."""

    current = password_field(_l("Present password"))
    password = password_field(_l("New password"), rules=[NewPassword()])
