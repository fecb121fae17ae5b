"""Who works here, and what may they do? Invited, enabled and disabled by an admin."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, flash, make_response, redirect, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import StringField

from efoy.domain.errors import Conflict, InvalidValue, LastAdmin, StaleEdition
from efoy.domain.house import PersonFacts
from efoy.domain.money import Money
from efoy.domain.role import Action, Role
from efoy.queries.admin import staff as query
from efoy.services import staff
from efoy.services.staff import AddressKnown, OwnRole
from efoy.web.access import actor, requires
from efoy.web.admin.forms import typed_amount
from efoy.web.admin.house.fields import Chosen, line_field, seen_field
from efoy.web.context import clinic
from efoy.web.forms import BaseForm, email_field, strip
from efoy.web.login import viewer
from efoy.web.proof import ask_password
from efoy.wiring import outside
from efoy.wording import amount_text


class InviteForm(BaseForm):
    """Somebody new."""

    name = line_field(_l("Name"), _l("Enter the person’s name"), most=120)
    email = email_field()
    role = Chosen(_l("Role"), coerce=str)

    def with_choices(self) -> InviteForm:
        """The same, with the roles; a doctor is invited from the page of the doctor."""
        self.role.choices = _roles(Role.DESK, Role.ADMIN)
        return self


class PersonForm(BaseForm):
    """Role and limit of somebody of the staff."""

    role = Chosen(_l("Role"), coerce=str)
    limit = StringField(_l("May refund alone up to"), filters=[strip])
    seen = seen_field()

    def for_person(self, person: query.StaffPerson) -> PersonForm:
        """The same, with the roles this person can have."""
        roles = (Role.DOCTOR,) if person.role is Role.DOCTOR else (Role.DESK, Role.ADMIN)
        self.role.choices = _roles(*roles)
        return self

    def facts(self, currency: str) -> PersonFacts | None:
        """What was typed; None, with words at the field, where the limit is no amount."""
        amount = typed_amount(self.limit.data or "", currency)
        if amount is None and self.limit.data:
            self.limit.errors = [_("Enter an amount, like 100.00, or leave it empty")]
            return None
        return PersonFacts(
            role=Role(self.role.data), refund_limit_minor=None if amount is None else amount.minor
        )


def _roles(*roles: Role) -> list[tuple[str, str]]:
    words = {Role.DESK: _("Front desk"), Role.ADMIN: _("Clinic admin"), Role.DOCTOR: _("Doctor")}
    return [(str(role), words[role]) for role in roles]


def add_pages(bp: Blueprint) -> None:
    """Put these pages under /admin."""
    bp.add_url_rule("/admin/people", view_func=people)
    bp.add_url_rule("/admin/people/new", view_func=new_person)
    bp.add_url_rule("/admin/people/new", view_func=invite_person, methods=["POST"])
    path = "/admin/people/<person>"
    bp.add_url_rule(path, view_func=person_page)
    bp.add_url_rule(path, view_func=set_person, methods=["POST"])
    bp.add_url_rule(f"{path}/invite", view_func=invite_again, methods=["POST"])
    bp.add_url_rule(f"{path}/disable", view_func=disable_person, methods=["POST"])
    bp.add_url_rule(f"{path}/enable", view_func=enable_person, methods=["POST"])


@requires(Action.RUN_STAFF)
def people() -> ResponseReturnValue:
    """Everyone of the staff."""
    return render_template("admin/people.html", people=query.staff_list())


@requires(Action.RUN_STAFF)
def new_person() -> ResponseReturnValue:
    """An empty form."""
    return _new_page(InviteForm(formdata=None))


@requires(Action.RUN_STAFF)
def invite_person() -> ResponseReturnValue:
    """Send the link."""
    form = InviteForm().with_choices()
    if not form.validate():
        return make_response(_new_page(form), 400)
    name, email, role = form.name.data, form.email.data, Role(form.role.data)
    try:
        staff.invite_person(name, email, role, actor=actor(), now=outside().clock())
    except AddressKnown:
        form.email.errors = [_("Somebody has an account with this address already")]
        return make_response(_new_page(form), 409)
    flash(_("The invitation is on its way to %(email)s.", email=email))
    return redirect("/admin/people", 303)


@requires(Action.RUN_STAFF)
def person_page(person: str) -> ResponseReturnValue:
    """One person."""
    return _page(person)


@requires(Action.RUN_STAFF)
def set_person(person: str) -> ResponseReturnValue:
    """Change role and limit."""
    found, form = query.staff_person(person[:26]), PersonForm()
    facts = form.facts(clinic().currency) if form.for_person(found).validate() else None
    if facts is None:
        return make_response(_page(person, form=form), 400)
    if facts.role is not found.role:
        asked = ask_password(lambda: make_response(_page(person, form=form)))
        if asked is not None:
            return asked
    return _set(found, facts, form)


def _set(found: query.StaffPerson, facts: PersonFacts, form: PersonForm) -> ResponseReturnValue:
    person, seen = found.id, form.seen.data or ""
    try:
        staff.set_person(found.id, facts, seen=seen, actor=actor(), now=outside().clock())
    except StaleEdition:
        return make_response(_page(person, form=form, stale=True), 409)
    except (Conflict, OwnRole) as error:
        return _refused(person, error, form)
    flash(_("Saved."))
    return redirect("/admin/people", 303)


@requires(Action.RUN_STAFF)
def invite_again(person: str) -> ResponseReturnValue:
    """A fresh link; the older one stops working."""
    try:
        return _pressed(person, staff.invite_again, _("A new invitation is on its way."))
    except InvalidValue:
        flash(_("Enough invitations went there. Try again in a quarter of an hour."), "error")
        return redirect(f"/admin/people/{person[:26]}", 303)


@requires(Action.RUN_STAFF)
def disable_person(person: str) -> ResponseReturnValue:
    """Nobody signs in as this person any more."""
    try:
        words = _("They cannot sign in any more, and are signed out everywhere.")
        return _pressed(person, staff.disable_person, words)
    except (LastAdmin, OwnRole) as error:
        return _refused(person, error, None)


@requires(Action.RUN_STAFF)
def enable_person(person: str) -> ResponseReturnValue:
    """They may sign in again."""
    return _pressed(person, staff.enable_person, _("They may sign in again."))


def _pressed(person: str, act: Callable[..., None], words: str) -> ResponseReturnValue:
    act(person[:26], actor=actor(), now=outside().clock())
    flash(words)
    return redirect(f"/admin/people/{person[:26]}", 303)


def _refused(person: str, error: Exception, form: PersonForm | None) -> ResponseReturnValue:
    """Say at the person why it cannot be."""
    words = _("A doctor’s sign-in belongs to the doctor. Change it on the doctor’s page.")
    if isinstance(error, LastAdmin):
        words = _("This is the last admin. Make somebody else an admin first.")
    if isinstance(error, OwnRole):
        words = _("Nobody changes their own role or limit. Ask another admin.")
    status = 403 if isinstance(error, OwnRole) else 409
    return make_response(_page(person, form=form, refused=words), status)


def _new_page(form: InviteForm) -> str:
    return render_template("admin/person_new.html", form=form.with_choices())


def _page(
    person: str, *, form: PersonForm | None = None, stale: bool = False, refused: str = ""
) -> str:
    found, who = query.staff_person(person[:26]), viewer()
    limit = found.facts.refund_limit_minor
    currency = clinic().currency
    typed = {
        "role": str(found.role),
        "limit": "" if limit is None else amount_text(Money(limit, currency)),
    }
    shown = form or PersonForm(formdata=None, data=typed)
    return render_template(
        "admin/person.html",
        person=found,
        form=shown.for_person(found),
        seen=found.seen if form is None or stale else form.seen.data,
        stale=stale,
        refused=refused,
        oneself=who is not None and who.id == found.id,
        now=outside().clock(),
    )
