"""The pages on which a booking is found again: reference and address, and always one answer."""

from __future__ import annotations

import re
from typing import Any

from flask import Blueprint, make_response, redirect, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import StringField
from wtforms.validators import ValidationError

from efoy.domain.reference import is_reference
from efoy.services.finding import send_the_way
from efoy.web.access import actor, public
from efoy.web.forms import BaseForm, email_field, strip
from efoy.web.limits import limit_find
from efoy.web.steady import steady
from efoy.wiring import outside

bp = Blueprint("finding", __name__)
BLANKS = re.compile(r"[\s-]+")


def as_reference(text: str | None) -> str:
    """A reference as it is kept, however it was typed: small letters, blanks, no dash."""
    letters = BLANKS.sub("", text or "").upper()[:12]
    return f"{letters[:3]}-{letters[3:]}"


class FindForm(BaseForm):
    """What stands on a confirmation: the reference, and the address it went to."""

    ref = StringField(_l("Booking reference"), filters=[strip])
    email = email_field()

    def validate_ref(self, field: Any) -> None:
        """Six letters and digits; whether there is such a booking is not said."""
        if not is_reference(as_reference(field.data)):
            raise ValidationError(_("Enter the reference, like 7KM-4PX"))


@bp.get("/find")
@public
def find() -> ResponseReturnValue:
    """Reference and address."""
    return render_template("finding/find.html", form=FindForm(formdata=None))


@bp.post("/find")
@limit_find
@public
@steady
def send() -> ResponseReturnValue:
    """Send the link if the two fit; the answer is the same either way."""
    form = FindForm()
    if not form.validate():
        return make_response(render_template("finding/find.html", form=form), 400)
    ref, now = as_reference(form.ref.data), outside().clock()
    send_the_way(ref, form.email.data or "", actor=actor(), now=now)
    return redirect("/find/sent", 303)


@bp.get("/find/sent")
@public
def sent() -> ResponseReturnValue:
    """Where to look now."""
    return render_template("finding/sent.html")
