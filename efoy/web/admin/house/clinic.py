"""What does the clinic say about itself? Names, place, money on statements, zone, logo, colour."""

from __future__ import annotations

import re
from zoneinfo import available_timezones

from flask import Blueprint, flash, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, StringField

from efoy.domain.errors import InvalidValue, StaleEdition
from efoy.domain.house import ClinicFacts
from efoy.domain.money import Money
from efoy.domain.role import Action
from efoy.queries.admin import clinic_file as query
from efoy.services import clinic as clinics
from efoy.services.clinic import CurrencyLocked
from efoy.web.access import actor, requires
from efoy.web.admin.forms import typed_amount
from efoy.web.admin.house.clinic_rules import Colour, Country, Currency, Statement
from efoy.web.admin.house.fields import line_field, seen_field
from efoy.web.context import locale
from efoy.web.forms import BaseForm, email_field, phone_field, strip
from efoy.web.intake import large
from efoy.wiring import PICTURE_BYTES, drawn_afresh, outside
from efoy.wording import amount_text, datetime_short

ZONE = re.compile(r"[A-Za-z0-9_+/-]{1,40}")


class ClinicForm(BaseForm):
    """What every page, mail and receipt says."""

    name = line_field(_l("Name"), _l("Enter the clinic’s name"), most=80)
    address = line_field(_l("Address"), _l("Enter the address"), most=200)
    directions = line_field(_l("Directions"), most=300)
    phone = phone_field(_l("Phone"))
    phone_hours = line_field(_l("Phone hours"), most=80)
    email = email_field(_l("Email"))
    emergency_number = line_field(_l("Emergency number"), _l("Enter the number"), most=16)
    country = StringField(_l("Country"), [Country()], filters=[strip])
    currency = StringField(_l("Currency"), [Currency()], filters=[strip])
    statement_name = StringField(_l("Name on card statements"), [Statement()], filters=[strip])
    tax_text = line_field(_l("Tax text on receipts"), most=120)
    colour = StringField(_l("Colour"), [Colour()], filters=[strip])
    doctors_see_totals = BooleanField(_l("Doctors see their own totals"))
    refund_limit = StringField(_l("Refunds above this need a second person"), filters=[strip])
    seen = seen_field()

    def facts(self) -> ClinicFacts | None:
        """What was typed; None, with words at the field, where the limit is no amount."""
        limit = typed_amount(self.refund_limit.data or "", self.currency.data)
        if limit is None and self.refund_limit.data:
            self.refund_limit.errors = [_("Enter an amount, like 100.00, or leave it empty")]
            return None
        typed = {name: self[name].data for name in ClinicFacts.__dataclass_fields__ if name in self}
        return ClinicFacts(**typed, refund_limit_minor=None if limit is None else limit.minor)


class ZoneForm(BaseForm):
    """Where the clinic's clocks are; ``seen`` is the zone the form showed."""

    zone = line_field(_l("Time zone"), _l("Choose a time zone"), most=40)
    zone_label = line_field(_l("What people call it"), most=40)
    sure = BooleanField(_l("I have read what changes"))
    seen = seen_field()

    def good(self) -> bool:
        """Whether there is such a zone, and somebody has read what it changes."""
        self.validate()
        if not _exists(self.zone.data or ""):
            self.zone.errors = [_("Choose a time zone from the list, like Africa/Nairobi")]
        if not self.sure.data:
            self.sure.errors = [_("Read what changes, then tick the box")]
        return not self.errors


def _exists(zone: str) -> bool:
    return ZONE.fullmatch(zone) is not None and zone in available_timezones()


def add_pages(bp: Blueprint) -> None:
    """Put these pages under /admin."""
    bp.add_url_rule("/admin/clinic", view_func=clinic_page)
    bp.add_url_rule("/admin/clinic", view_func=save_clinic, methods=["POST"])
    bp.add_url_rule("/admin/clinic/zone", view_func=zone_page)
    bp.add_url_rule("/admin/clinic/zone", view_func=move_clocks, methods=["POST"])
    bp.add_url_rule("/admin/clinic/logo", view_func=set_logo, methods=["POST"])
    bp.add_url_rule("/admin/clinic/logo/remove", view_func=drop_logo, methods=["POST"])


@requires(Action.SET_UP)
def clinic_page() -> ResponseReturnValue:
    """The clinic."""
    return _page()


@requires(Action.SET_UP)
def save_clinic() -> ResponseReturnValue:
    """Say it anew."""
    form = ClinicForm()
    facts = form.facts() if form.validate() else None
    if facts is None:
        return make_response(_page(form=form), 400)
    try:
        now = outside().clock()
        clinics.save_clinic(facts, seen=form.seen.data or "", actor=actor(), now=now)
    except StaleEdition:
        return make_response(_page(form=form, stale=True), 409)
    except CurrencyLocked:
        form.currency.errors = [_("There are payments, so the currency stays")]
        return make_response(_page(form=form), 409)
    except InvalidValue as error:
        if error.field != "currency":
            raise
        form.currency.errors = [_("A fee could not be charged in this currency. Change it first")]
        return make_response(_page(form=form), 400)
    flash(_("Saved."))
    return redirect("/admin/clinic", 303)


@requires(Action.SET_UP)
def zone_page() -> ResponseReturnValue:
    """What another zone would change."""
    return _zone_page(ZoneForm(formdata=None))


@requires(Action.SET_UP)
def move_clocks() -> ResponseReturnValue:
    """Another zone: asked for once without the tick to see what changes."""
    form = ZoneForm()
    if not form.good():
        return make_response(_zone_page(form), 400)
    label, seen = form.zone_label.data or "", form.seen.data or ""
    try:
        clinics.move_clocks(form.zone.data, label, seen=seen, actor=actor(), now=outside().clock())
    except StaleEdition:
        return make_response(_zone_page(form, stale=True), 409)
    flash(_("The clinic’s clocks are moved."))
    return redirect("/admin/clinic", 303)


@requires(Action.SET_UP)
@large(PICTURE_BYTES)
def set_logo() -> ResponseReturnValue:
    """A picture for every page."""
    sent = request.files.get("logo")
    body = sent.read() if sent is not None else b""
    try:
        if not body:
            raise InvalidValue("logo", "none")
        drawn = drawn_afresh(body)
    except InvalidValue as error:
        return make_response(_page(logo_error=_logo_words(error.problem)), 400)
    clinics.set_logo(drawn.body, drawn.size, actor=actor(), now=outside().clock())
    flash(_("The logo is on every page."))
    return redirect("/admin/clinic", 303)


@requires(Action.SET_UP)
def drop_logo() -> ResponseReturnValue:
    """Our own flower again."""
    clinics.drop_logo(actor=actor(), now=outside().clock())
    flash(_("The logo is taken away."))
    return redirect("/admin/clinic", 303)


def _logo_words(problem: str) -> str:
    words = {
        "none": _("Choose a file"),
        "too large": _("Choose a file of 256 KB at most"),
        "size": _("Choose a picture from 32 to 2048 dots wide and high"),
        "moving": _("Choose a picture that does not move"),
    }
    return words.get(problem, _("Choose a PNG picture. Other kinds, SVG too, are not taken"))


def _page(*, form: ClinicForm | None = None, stale: bool = False, logo_error: str = "") -> str:
    found = query.clinic_file()
    limit = found.facts.refund_limit_minor
    typed = vars(found.facts) | {
        "refund_limit": "" if limit is None else amount_text(Money(limit, found.facts.currency))
    }
    return render_template(
        "admin/clinic.html",
        file=found,
        form=form or ClinicForm(formdata=None, data=typed),
        now_says=found.facts if stale else None,
        seen=found.seen if form is None or stale else form.seen.data,
        logo_error=logo_error,
    )


def _zone_page(form: ZoneForm, *, stale: bool = False) -> str:
    found = query.clinic_file()
    count, visits = query.moved_clocks(outside().clock())
    chosen = form.zone.data or ""
    new = chosen if _exists(chosen) and chosen != found.zone else ""
    return render_template(
        "admin/zone.html",
        file=found,
        form=form,
        stale=stale,
        count=count,
        visits=[(each, new and datetime_short(each.starts_at, new, locale())) for each in visits],
        zones=sorted(zone for zone in available_timezones() if "/" in zone and zone[:3] != "Etc"),
    )
