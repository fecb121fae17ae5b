"""From which day on does a visit cost what? Booked visits keep their fee."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from flask import Blueprint, flash, make_response, redirect
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, StringField

from efoy.domain.errors import InvalidValue
from efoy.domain.money import Money
from efoy.domain.role import Action
from efoy.queries.admin import services as query
from efoy.queries.admin.doctors import doctor_choices_by_id
from efoy.services import fees
from efoy.web.access import actor, requires
from efoy.web.admin.forms import typed_amount
from efoy.web.admin.house.amounts import least_words
from efoy.web.admin.house.fields import Chosen, day_typed
from efoy.web.context import clinic, locale
from efoy.web.forms import BaseForm, strip
from efoy.web.parameters import slug
from efoy.wiring import outside
from efoy.wording import day_short, money


def amount_field() -> StringField:
    """A fee in the clinic's currency."""
    return StringField(_l("Fee"), filters=[strip])


class FeeForm(BaseForm):
    """A fee from a day on, of everybody (0) or one doctor; ``same`` ends that one's own."""

    amount = amount_field()
    valid_from = StringField(_l("From"), filters=[strip])
    doctor = Chosen(_l("For"))
    same = BooleanField(_l("This doctor takes the usual fee again"))

    def with_choices(self, offered_by: Sequence[int]) -> FeeForm:
        """The same, with the doctors who offer it."""
        mine = [each for each in doctor_choices_by_id() if each.id in offered_by]
        every = (0, _("every doctor without a fee of their own"))
        self.doctor.choices = [every] + [(each.id, each.name) for each in mine]
        return self

    def change(self, currency: str) -> fees.FeeChange | None:
        """What was typed; None, with errors at the fields, where it is no fee from a day."""
        day, amount = day_typed(self.valid_from.data), self._amount(currency)
        if day is None:
            self.valid_from.errors = [_("Choose a day")]
        if amount is None and not self.same.data:
            self.amount.errors = [least_words(currency)]
        if self.same.data and not self.doctor.data:
            self.doctor.errors = [_("Choose the doctor who takes the usual fee again")]
        if day is None or self.errors:
            return None
        return _change(self.doctor.data, None if self.same.data else amount, day)

    def _amount(self, currency: str) -> Money | None:
        found = typed_amount(self.amount.data or "", currency)
        return found if found is not None and found.chargeable() else None


def _change(doctor: int, amount: Money | None, day: date) -> fees.FeeChange:
    minor = None if amount is None else amount.minor
    return fees.FeeChange(doctor_id=doctor or None, minor=minor, valid_from=day)


def add_pages(bp: Blueprint) -> None:
    """Put these pages under /admin."""
    path = "/admin/services/<service>/fee"
    bp.add_url_rule(path, view_func=change_fee, methods=["POST"])
    bp.add_url_rule(f"{path}/<int:fee>/withdraw", view_func=withdraw_fee, methods=["POST"])


@requires(Action.SET_UP)
def change_fee(service: str) -> ResponseReturnValue:
    """Another fee from a day on."""
    key, now = slug(service), outside().clock()
    found = query.service_file(key, now)
    form = FeeForm().with_choices(found.facts.doctors)
    form.validate()
    change = form.change(found.fee.currency)
    if change is None:
        return _again(key, form, now)
    try:
        fees.change_fee(found.id, change, actor=actor(), now=now)
    except InvalidValue as error:
        if error.field != "valid_from":
            raise
        form.valid_from.errors = [_("Choose today or a day to come, within five years")]
        return _again(key, form, now)
    flash(_told(found, change))
    return redirect(f"/admin/services/{key}", 303)


def _told(found: query.ServiceFile, change: fees.FeeChange) -> str:
    day = day_short(change.valid_from, clinic().zone, locale())
    if change.minor is None:
        return _("From %(day)s on the usual fee holds again.", day=day)
    amount = money(Money(change.minor, found.fee.currency), locale())
    words = _("From %(day)s on it costs %(amount)s.", day=day, amount=amount)
    return f"{words} {booked_words(found.booked)}".strip()


def booked_words(count: int) -> str:
    """``14 people already booked keep the old fee.``; nothing where nobody is booked."""
    if not count:
        return ""
    if count == 1:
        return _("1 person already booked keeps the old fee.")
    return _("%(count)s people already booked keep the old fee.", count=count)


def _again(key: str, form: FeeForm, now: datetime) -> ResponseReturnValue:
    from efoy.web.admin.house.services import page  # the page is theirs

    return make_response(page(key, fee=form, now=now), 400)


@requires(Action.SET_UP)
def withdraw_fee(service: str, fee: int) -> ResponseReturnValue:
    """Take back a fee that has not come yet."""
    key, now = slug(service), outside().clock()
    found = query.service_file(key, now)
    fees.withdraw_fee(found.id, fee, actor=actor(), now=now)
    flash(_("Taken back. The fee before it goes on."))
    return redirect(f"/admin/services/{key}", 303)
