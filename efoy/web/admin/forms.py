"""What may staff type: an amount in the booking's currency, a reason, a message?"""

from __future__ import annotations

import re
from typing import Any

from flask import request
from flask_babel import lazy_gettext as _l
from wtforms import StringField
from wtforms.validators import ValidationError

from efoy.domain.errors import InvalidValue
from efoy.domain.money import WHOLE_UNITS_TIMES_HUNDRED, Money, decimals
from efoy.queries.admin.booking import BookingFile
from efoy.services.refunds import REASONS
from efoy.web.forms import BaseForm, Words, strip, text_field

LONGEST_MESSAGE, LONGEST_REASON, LONGEST_NAME = 500, 200, 120
MINOR = re.compile(r"[0-9]{1,10}")
POLICY, FULL, OTHER, NOTHING = "policy", "full", "other", "nothing"


def typed_amount(text: str, currency: str) -> Money | None:
    """``45`` or ``45.00`` as an amount, None for anything else: exact, with ASCII digits only."""
    places = decimals(currency)
    cents = rf"(?:\.([0-9]{{{places}}}))?" if places else "()"
    found = re.fullmatch(rf"([0-9]{{1,8}}){cents}", text)
    if found is None:
        return None
    minor = int(found[1] + (found[2] or "0" * places))
    if currency in WHOLE_UNITS_TIMES_HUNDRED and minor % 100:
        return None
    return Money(minor, currency)


def minor_amount(name: str, text: str | None) -> int:
    """Whole minor units that a page of ours wrote into a hidden field; raises InvalidValue."""
    if not MINOR.fullmatch(text or ""):
        raise InvalidValue(name, "not an amount")
    return int(text or "")


class Reason:
    """One of the reasons a refund may have."""

    def __call__(self, form: Any, field: Any) -> None:
        """Raise ValidationError with words for people."""
        if field.data not in REASONS:
            raise ValidationError(_l("Choose a reason"))


class RefundForm(BaseForm):
    """How much goes back, and why. ``available`` is what the page showed, in minor units."""

    choice = StringField()
    amount = StringField(_l("Amount"), filters=[strip])
    reason = StringField(_l("Reason"), [Reason()], filters=[strip])
    message = text_field(_l("Message to the patient"), most=LONGEST_MESSAGE)
    available = StringField()
    way = StringField()
    handed_by = StringField(_l("Who hands it over"), filters=[strip])


class ConfirmRefundForm(BaseForm):
    """The reviewed refund, as the review page wrote it; an amount of 0 gives nothing."""

    amount_minor = StringField()
    available = StringField()
    reason = StringField(_l("Reason"), [Reason()], filters=[strip])
    message = text_field(_l("Message to the patient"), most=LONGEST_MESSAGE)
    proposal = StringField()
    nothing = StringField()
    way = StringField()
    handed_by = StringField(_l("Who hands it over"), [Words(most=LONGEST_NAME)], filters=[strip])


class CancelForm(BaseForm):
    """Why the clinic cancels."""

    reason = StringField(
        _l("Reason"),
        [Words(_l("Say why the booking is cancelled"), most=LONGEST_REASON)],
        filters=[strip],
    )


def typed_before(found: BookingFile) -> RefundForm | None:
    """What was typed into the panel or stood on the review, for a page that came back; else None.

    A reviewed amount returns as another amount, for the choices may mean other sums by now.
    """
    if "available" not in request.form:
        return None
    if "choice" in request.form or "amount" in request.form:
        return RefundForm()
    minor = request.form.get("amount_minor", "")
    known = MINOR.fullmatch(minor) and int(minor)
    amount = plain(Money(int(minor), found.price.currency)) if known else ""
    kept = {name: request.form.get(name, "") for name in ("reason", "message", "way", "handed_by")}
    return RefundForm(formdata=None, data=kept | {"choice": OTHER, "amount": amount})


def plain(amount: Money) -> str:
    """An amount as it is typed: ``45.00``."""
    places = decimals(amount.currency)
    whole, rest = divmod(amount.minor, 10**places)
    return f"{whole}.{rest:0{places}d}" if places else str(whole)
