"""Where does somebody look after their own account?"""

from __future__ import annotations

from flask import flash, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from efoy.domain.errors import WrongCredentials
from efoy.domain.password import SHORTEST
from efoy.domain.role import Role
from efoy.domain.signin import lasts
from efoy.domain.visitor import BookedFor
from efoy.queries import people
from efoy.services import accounts
from efoy.web.access import actor, signed_in
from efoy.web.account.blueprint import bp, now
from efoy.web.account.forms import ChangePasswordForm, DetailsForm, wishes_form
from efoy.web.limits import limit_link, limited_sign_in
from efoy.web.login import Viewer, viewer
from efoy.web.visitor_forms import VisitorForm, known_visitors


def me() -> Viewer:
    who = viewer()
    assert who is not None  # the page is for people who are signed in
    return who


@bp.get("/account")
@signed_in
def account() -> ResponseReturnValue:
    """One's own details, and where one is signed in."""
    return account_page()


@bp.post("/account")
@signed_in
def save_account() -> ResponseReturnValue:
    """Change one's own name and number."""
    form = DetailsForm()
    if not form.validate():
        return make_response(account_page(form), 400)
    accounts.update_account(
        me().id, name=form.name.data, phone=form.phone.data, actor=actor(), now=now()
    )
    flash(_("Your details are saved."))
    return redirect("/account", 303)


def account_page(form: DetailsForm | None = None, person: VisitorForm | None = None) -> str:
    """One's own account; ``form`` and ``person`` with what was typed, when it must be changed."""
    who = me()
    mine = people.account(who.id)
    own = {"name": mine.name, "phone": mine.phone}
    devices = [
        it
        for it in people.devices(who.id, who.session_hash)
        if lasts(who.role, signed_in_at=it.signed_in_at, seen_at=it.seen_at, now=now())
    ]
    return render_template(
        "account/account.html",
        form=form or DetailsForm(formdata=None, data=own),
        email=mine.email,
        verified=mine.verified,
        devices=devices,
        people=known_visitors() if who.role is Role.PATIENT else (),
        person=person or VisitorForm(formdata=None, data={"who": BookedFor.CHILD}),
        wishes=wishes_form(mine),
        patient=who.role is Role.PATIENT,
    )


@bp.post("/account/confirm")
@limit_link
@signed_in
def send_confirm() -> ResponseReturnValue:
    """Send the confirmation link again."""
    accounts.send_confirmation(me().id, actor=actor(), now=now())
    flash(_("The link is on its way."))
    return redirect("/account", 303)


@bp.post("/account/sign-out-others")
@signed_in
def sign_out_others() -> ResponseReturnValue:
    """End every sign-in but this one, or the one the form names."""
    who, only = me(), request.form.get("device")
    keep = None if only else who.session_hash
    accounts.end_sessions(who.id, keep=keep, only=only, actor=actor(), now=now())
    flash(_("Signed out everywhere else.") if only is None else _("Signed out there."))
    return redirect("/account", 303)


@bp.get("/account/password")
@signed_in
def password() -> ResponseReturnValue:
    """Change one's own password."""
    return _password_page(ChangePasswordForm(formdata=None))


@bp.post("/account/password")
@limited_sign_in
@signed_in
def change_password() -> ResponseReturnValue:
    """Change it: the present one is asked for, other sign-ins end."""
    form, who = ChangePasswordForm(), me()
    if not form.validate():
        return make_response(_password_page(form), 400)
    try:
        accounts.change_password(
            who.id,
            form.current.data or "",
            form.password.data,
            keep=who.session_hash,
            actor=actor(),
            now=now(),
        )
    except WrongCredentials:
        form.current.errors = [_("That is not your present password")]
        return make_response(_password_page(form), 400)
    flash(_("Your password is changed. Every other device is signed out."))
    return redirect("/account", 303)


def _password_page(form: ChangePasswordForm) -> str:
    return render_template("account/password.html", form=form, password_length=SHORTEST)
