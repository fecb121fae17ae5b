"""Which kinds of visit are there, how long, under which rules, with whom?"""

from __future__ import annotations

from datetime import datetime

from flask import Blueprint, flash, make_response, redirect, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, StringField

from efoy.domain.errors import StaleEdition
from efoy.domain.house import ServiceFacts
from efoy.domain.role import Action
from efoy.queries.admin import doctors as people
from efoy.queries.admin import services as query
from efoy.queries.admin.rules import rule_choices
from efoy.queries.clinic_day import day_of
from efoy.services import visit_kinds
from efoy.web.access import actor, requires
from efoy.web.admin.forms import typed_amount
from efoy.web.admin.house.amounts import least_words
from efoy.web.admin.house.fees import FeeForm, amount_field
from efoy.web.admin.house.fields import (
    Chosen,
    Share,
    Ticked,
    basis_points,
    line_field,
    seen_field,
    share_text,
    whole_field,
)
from efoy.web.context import clinic
from efoy.web.forms import BaseForm, strip
from efoy.web.intake import repeated
from efoy.web.parameters import slug
from efoy.wiring import outside


class ServiceForm(BaseForm):
    """A kind of visit without its fee."""

    name = line_field(_l("Name, in plain words"), _l("Enter a name, like See the doctor"), most=80)
    detail = line_field(_l("Where or how"), most=160)
    mode = Chosen(_l("Mode"), coerce=str)
    minutes = whole_field(_l("Length in minutes"), 5, 480)
    buffer_minutes = whole_field(_l("Break after it in minutes"), 0, 240)
    notice_minutes = whole_field(_l("Notice in minutes"), 0, 20160)
    horizon_days = whole_field(_l("Days ahead"), 1, 365)
    tax_label = line_field(_l("Tax on receipts"), most=60)
    tax = StringField(_l("Tax in percent, within the fee"), [Share()], filters=[strip])
    rules = Chosen(_l("Refund rules"))
    doctors = Ticked(_l("Who offers it"))
    active = BooleanField(_l("Patients can book it"))
    seen = seen_field()

    def with_choices(self) -> ServiceForm:
        """The same, with what there is to choose."""
        modes = {"clinic": _("At the clinic"), "video": _("By video")}
        self.mode.choices = [(mode, modes[mode]) for mode in visit_kinds.MODES]
        self.rules.choices = [(each.id, each.name) for each in rule_choices()]
        self.doctors.choices = [(each.id, each.name) for each in people.doctor_choices_by_id()]
        return self

    def facts(self) -> ServiceFacts:
        """What was typed."""
        return ServiceFacts(
            name=self.name.data,
            detail=self.detail.data or "",
            mode=self.mode.data,
            minutes=int(self.minutes.data),
            buffer_minutes=int(self.buffer_minutes.data),
            notice_minutes=int(self.notice_minutes.data),
            horizon_days=int(self.horizon_days.data),
            tax_label=self.tax_label.data or "",
            tax_basis_points=basis_points(self.tax.data),
            rules=self.rules.data,
            doctors=tuple(sorted(self.doctors.data or [])),
            active=bool(self.active.data),
        )


class NewServiceForm(ServiceForm):
    """A kind of visit with its first fee."""

    amount = amount_field()


FRESH = {
    "mode": "clinic",
    "minutes": "20",
    "buffer_minutes": "0",
    "notice_minutes": "60",
    "horizon_days": "60",
    "tax": "0",
    "active": True,
}


def add_pages(bp: Blueprint) -> None:
    """Put these pages under /admin."""
    bp.add_url_rule("/admin/services", view_func=service_list)
    bp.add_url_rule("/admin/services/new", view_func=new_service)
    bp.add_url_rule("/admin/services/new", view_func=add_service, methods=["POST"])
    bp.add_url_rule("/admin/services/<service>", view_func=service_page)
    bp.add_url_rule("/admin/services/<service>", view_func=save_service, methods=["POST"])


@requires(Action.SET_UP)
def service_list() -> ResponseReturnValue:
    """Every kind of visit with its fee."""
    return render_template("admin/services.html", services=query.service_list(outside().clock()))


@requires(Action.SET_UP)
def new_service() -> ResponseReturnValue:
    """A form with what is usual."""
    return _new_page(NewServiceForm(formdata=None, data=FRESH))


@requires(Action.SET_UP)
@repeated("doctors")
def add_service() -> ResponseReturnValue:
    """A new kind of visit."""
    form, currency = NewServiceForm(), clinic().currency
    form.with_choices()
    fee = typed_amount(form.amount.data or "", currency)
    good = form.validate()
    if fee is None or not fee.chargeable():
        form.amount.errors = [least_words(currency)]
    elif good:
        now = outside().clock()
        added = visit_kinds.add_service(form.facts(), fee.minor, actor=actor(), now=now)
        flash(_("%(name)s is on the list.", name=form.name.data))
        return redirect(f"/admin/services/{added}", 303)
    return make_response(_new_page(form), 400)


@requires(Action.SET_UP)
def service_page(service: str) -> ResponseReturnValue:
    """One kind of visit, with its fees."""
    return page(slug(service), now=outside().clock())


@requires(Action.SET_UP)
@repeated("doctors")
def save_service(service: str) -> ResponseReturnValue:
    """Change it, for new bookings."""
    key, form, now = slug(service), ServiceForm().with_choices(), outside().clock()
    query.service_file(key, now)
    if not form.validate():
        return make_response(page(key, form=form, now=now), 400)
    try:
        visit_kinds.save_service(
            key, form.facts(), seen=form.seen.data or "", actor=actor(), now=now
        )
    except StaleEdition:
        return make_response(page(key, form=form, stale=True, now=now), 409)
    flash(_("Saved. It holds for new bookings; those there are stay as they are."))
    return redirect(f"/admin/services/{key}", 303)


def _new_page(form: NewServiceForm) -> str:
    form.with_choices()
    return render_template("admin/service_new.html", form=form)


def page(
    key: str,
    *,
    now: datetime,
    form: ServiceForm | None = None,
    fee: FeeForm | None = None,
    stale: bool = False,
) -> str:
    """One kind of visit, with what was typed into a form that came back."""
    found = query.service_file(key, now)
    shown = form or ServiceForm(formdata=None, data=_typed(found.facts))
    today = day_of(now, clinic().zone)
    fresh = FeeForm(formdata=None, data={"valid_from": today.isoformat()})
    return render_template(
        "admin/service.html",
        service=found,
        form=shown.with_choices(),
        now_says=found.facts if stale else None,
        seen=found.seen if form is None or stale else form.seen.data,
        fee_form=(fee or fresh).with_choices(found.facts.doctors),
        today=today,
    )


def _typed(facts: ServiceFacts) -> dict[str, object]:
    """The facts as they stand in the fields."""
    numbers = ("minutes", "buffer_minutes", "notice_minutes", "horizon_days")
    written = {name: str(getattr(facts, name)) for name in numbers}
    return vars(facts) | written | {"tax": share_text(facts.tax_basis_points)}
