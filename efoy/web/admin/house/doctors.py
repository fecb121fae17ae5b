"""Which doctors can be booked? Add, describe, pause, invite, take off the list."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, flash, make_response, redirect, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from efoy.domain.errors import StaleEdition
from efoy.domain.house import DoctorFacts
from efoy.domain.role import Action
from efoy.queries.admin import doctors as query
from efoy.services import doctors
from efoy.services.doctors import StillBooked
from efoy.services.staff import AddressKnown
from efoy.web.access import actor, requires
from efoy.web.admin.house.fields import Chosen, Ticked, line_field, seen_field
from efoy.web.forms import BaseForm, email_field, text_field
from efoy.web.intake import repeated
from efoy.web.parameters import slug
from efoy.wiring import outside


class DoctorForm(BaseForm):
    """A doctor as patients see them."""

    name = line_field(_l("Name"), _l("Enter the doctor’s name"), most=80)
    specialty_id = Chosen(_l("Specialty"))
    languages = line_field(_l("Languages"), most=120)
    place = line_field(_l("Place"), most=120)
    about = text_field(_l("About"), most=2000)
    licence = line_field(_l("Licence"), most=80)
    services = Ticked(_l("Services"))
    seen = seen_field()

    def with_choices(self) -> DoctorForm:
        """The same, with what there is to choose."""
        self.specialty_id.choices = [(each.id, each.name) for each in query.specialty_choices()]
        self.services.choices = [(each.id, each.name) for each in query.service_choices()]
        return self

    def facts(self) -> DoctorFacts:
        """What was typed."""
        return DoctorFacts(
            name=self.name.data,
            specialty_id=self.specialty_id.data,
            languages=self.languages.data or "",
            place=self.place.data or "",
            about=(self.about.data or "").replace("\r\n", "\n"),
            licence=self.licence.data or "",
            services=tuple(sorted(self.services.data or [])),
        )


class InviteForm(BaseForm):
    """Where the link goes."""

    email = email_field()


def add_pages(bp: Blueprint) -> None:
    """Put these pages under /admin."""
    bp.add_url_rule("/admin/doctors", view_func=doctor_list)
    bp.add_url_rule("/admin/doctors/new", view_func=new_doctor)
    bp.add_url_rule("/admin/doctors/new", view_func=add_doctor, methods=["POST"])
    path = "/admin/doctors/<doctor>"
    bp.add_url_rule(path, view_func=doctor_page)
    bp.add_url_rule(path, view_func=save_doctor, methods=["POST"])
    bp.add_url_rule(f"{path}/pause", view_func=pause_doctor, methods=["POST"])
    bp.add_url_rule(f"{path}/resume", view_func=resume_doctor, methods=["POST"])
    bp.add_url_rule(f"{path}/remove", view_func=remove_doctor, methods=["POST"])
    bp.add_url_rule(f"{path}/invite", view_func=invite_doctor, methods=["POST"])


@requires(Action.SET_UP)
def doctor_list() -> ResponseReturnValue:
    """Every doctor."""
    return render_template("admin/doctors.html", doctors=query.doctor_list(outside().clock()))


@requires(Action.SET_UP)
def new_doctor() -> ResponseReturnValue:
    """An empty form."""
    return _new_page(DoctorForm(formdata=None).with_choices())


@requires(Action.SET_UP)
@repeated("services")
def add_doctor() -> ResponseReturnValue:
    """Somebody new, paused at first."""
    form = DoctorForm().with_choices()
    if not form.validate():
        return make_response(_new_page(form), 400)
    added = doctors.add_doctor(form.facts(), actor=actor(), now=outside().clock())
    flash(
        _(
            "%(name)s is on the list, and paused. Add hours, then start bookings.",
            name=form.name.data,
        )
    )
    return redirect(f"/admin/doctors/{added}", 303)


@requires(Action.SET_UP)
def doctor_page(doctor: str) -> ResponseReturnValue:
    """One doctor, with the visits to come."""
    return _page(slug(doctor))


@requires(Action.SET_UP)
@repeated("services")
def save_doctor(doctor: str) -> ResponseReturnValue:
    """Describe the doctor anew."""
    key, form = slug(doctor), DoctorForm().with_choices()
    query.doctor_file(key, outside().clock())
    if not form.validate():
        return make_response(_page(key, form=form), 400)
    now = outside().clock()
    try:
        doctors.save_doctor(key, form.facts(), seen=form.seen.data or "", actor=actor(), now=now)
    except StaleEdition:
        return make_response(_page(key, form=form, stale=True), 409)
    flash(_("Saved."))
    return redirect(f"/admin/doctors/{key}", 303)


@requires(Action.SET_UP)
def pause_doctor(doctor: str) -> ResponseReturnValue:
    """No new bookings; every visit that is booked stays."""
    return _pressed(doctor, doctors.pause_doctor, _("Paused: no new bookings are taken."))


@requires(Action.SET_UP)
def resume_doctor(doctor: str) -> ResponseReturnValue:
    """New bookings again."""
    return _pressed(doctor, doctors.resume_doctor, _("New bookings are taken again."))


@requires(Action.SET_UP)
def remove_doctor(doctor: str) -> ResponseReturnValue:
    """Off the list, where nobody is booked any more."""
    try:
        return _pressed(doctor, doctors.remove_doctor, _("Taken off the list."))
    except StillBooked:
        return make_response(_page(slug(doctor), refused=True), 409)


@requires(Action.SET_UP)
def invite_doctor(doctor: str) -> ResponseReturnValue:
    """A sign-in for the doctor, by a link in a mail."""
    key, form = slug(doctor), InviteForm()
    query.doctor_file(key, outside().clock())
    if not form.validate():
        return make_response(_page(key, invite=form), 400)
    try:
        now = outside().clock()
        doctors.invite_doctor(key, form.email.data, actor=actor(), now=now)
    except AddressKnown:
        form.email.errors = [_("Somebody has an account with this address already")]
        return make_response(_page(key, invite=form), 409)
    flash(_("The invitation is on its way to %(email)s.", email=form.email.data))
    return redirect(f"/admin/doctors/{key}", 303)


def _pressed(doctor: str, act: Callable[..., None], words: str) -> ResponseReturnValue:
    key = slug(doctor)
    act(key, actor=actor(), now=outside().clock())
    flash(words)
    return redirect(f"/admin/doctors/{key}", 303)


def _new_page(form: DoctorForm) -> str:
    return render_template("admin/doctor_new.html", form=form)


def _page(
    key: str,
    *,
    form: DoctorForm | None = None,
    invite: InviteForm | None = None,
    stale: bool = False,
    refused: bool = False,
) -> str:
    found = query.doctor_file(key, outside().clock())
    shown = form or DoctorForm(formdata=None, data=vars(found.facts)).with_choices()
    return render_template(
        "admin/doctor.html",
        doctor=found,
        form=shown,
        now_says=found.facts if stale else None,
        seen=found.seen if form is None or stale else form.seen.data,
        invite=invite or InviteForm(formdata=None),
        refused=refused,
    )
