"""The pages on which somebody gets an account, signs in and out, and looks after it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Blueprint, flash, make_response, redirect, render_template, request
from flask import session as cookie
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import PasswordField
from wtforms.validators import ValidationError

from efoy.domain.errors import AddressUnconfirmed, LinkUsed, WrongCredentials
from efoy.domain.password import LONGEST, SHORTEST, too_easy
from efoy.domain.role import Role
from efoy.domain.signin import lasts
from efoy.queries import people
from efoy.services import accounts
from efoy.web import kept
from efoy.web.access import actor, public, signed_in
from efoy.web.context import locale
from efoy.web.forms import (
    BaseForm,
    email_field,
    name_field,
    password_field,
    phone_field,
)
from efoy.web.limits import limit_link, limit_register, limit_reset, limit_sign_in
from efoy.web.links import read_link, safe_next, wanted_page
from efoy.web.login import Viewer, forget, remember, signed_in_here_before, viewer
from efoy.web.steady import steady
from efoy.wiring import outside

bp = Blueprint("account", __name__)
HOME = {Role.PATIENT: "/bookings", Role.DOCTOR: "/doctor", Role.DESK: "/desk", Role.ADMIN: "/admin"}
ASKED_RESET = "asked_reset"
REGISTERED = "registered"
"""In the cookie: the confirmation link this browser asked for, and where it wanted to go."""
WRONG = _l(
    "That email and password do not go together. After ten wrong tries, signing in pauses "
    "for 15 minutes"
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


class ChangePasswordForm(BaseForm):
    """The present password, and the next one."""

    current = password_field(_l("Present password"))
    password = password_field(_l("New password"), rules=[NewPassword()])


def _limited(view: Any) -> Any:
    for limit in limit_sign_in:
        view = limit(view)
    return view


def _now() -> datetime:
    return outside().clock()


# ---------------------------------------------------------------- signing in and out


@bp.get("/login")
@public
def login() -> ResponseReturnValue:
    """The sign-in page; somebody signed in already goes on."""
    who = viewer()
    if who is not None:
        return redirect(wanted_page() or HOME[who.role], 303)
    return sign_in_page()


@bp.post("/login")
@_limited
@public
@steady
def sign_in() -> ResponseReturnValue:
    """Check address and password, then go where the person wanted to go."""
    form = SignInForm()
    if not form.validate():
        return make_response(sign_in_page(form), 400)
    here = signed_in_here_before()
    try:
        found = accounts.sign_in(
            form.email.data, form.password.data, now=_now(), known_here=here, actor=actor()
        )
    except WrongCredentials:
        form.password.errors = [WRONG]
        return make_response(sign_in_page(form), 401)
    except AddressUnconfirmed:
        form.email.errors = [_("Confirm your address first. We have sent the link again")]
        return make_response(sign_in_page(form), 403)
    return _enter(found)


def sign_in_page(form: SignInForm | None = None, wanted: str = "") -> str:
    """The page with what was typed, except the password; ``wanted`` is where to go afterwards."""
    return render_template(
        "account/login.html",
        form=form or SignInForm(formdata=None),
        next=wanted or wanted_page(),
        kept=kept.choice(),
    )


def _enter(found: accounts.SignIn, wanted: str = "") -> ResponseReturnValue:
    """Sign the browser in and send it on: to the page it wanted, else to its role's own."""
    wanted = wanted or wanted_page()
    remember(found.token, found.user_id)
    role = people.role_of(found.user_id)
    return redirect(wanted or HOME[role], 303)


@bp.post("/logout")
@public
def logout() -> ResponseReturnValue:
    """Sign out; the old cookie is dead on the server, and the browser drops what it kept."""
    who = viewer()
    if who is not None:
        accounts.sign_out(who.session_hash, actor=actor(), now=_now())
    forget()
    response = redirect("/login", 303)
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


# ---------------------------------------------------------------- a new account


@bp.get("/register")
@public
def register() -> ResponseReturnValue:
    """The form for a new account, filled with what was typed for a booking."""
    if viewer() is not None:
        return redirect(wanted_page() or "/account", 303)
    typed = kept.typed()
    known = {name: typed.get(name, "") for name in ("name", "email", "phone")}
    return _register_page(RegisterForm(formdata=None, data=known))


@bp.post("/register")
@limit_register
@public
@steady
def make_account() -> ResponseReturnValue:
    """Make the account; the answer is the same for an address that has one."""
    form = RegisterForm()
    if not form.validate():
        return make_response(_register_page(form), 400)
    link = accounts.register(
        form.name.data,
        form.email.data,
        form.phone.data,
        form.password.data,
        locale(),
        actor=actor(),
        now=_now(),
    )
    cookie[REGISTERED] = {"link": link, "next": wanted_page(), "email": form.email.data}
    cookie.permanent = True
    return redirect("/register/sent", 303)


def _register_page(form: RegisterForm) -> str:
    return render_template(
        "account/register.html",
        form=form,
        next=wanted_page(),
        kept=kept.choice(),
        password_length=SHORTEST,
    )


@bp.get("/register/sent")
@public
def registered() -> ResponseReturnValue:
    """Where to look now."""
    email = _asked().get("email")
    return _look_in_mail("confirm", email) if email else redirect("/register", 303)


def _look_in_mail(kind: str, email: str) -> str:
    of_kind = accounts.CONFIRM if kind == "confirm" else accounts.RESET
    minutes = int(accounts.LIFE[of_kind].total_seconds()) // 60
    return render_template("account/check_mail.html", kind=kind, email=email, minutes=minutes)


def _asked() -> dict[str, str]:
    asked = cookie.get(REGISTERED)
    return dict(asked) if isinstance(asked, dict) else {}


@bp.get("/confirm/<token>")
@public
def confirm(token: str) -> ResponseReturnValue:
    """The link of the mail. Looking uses nothing up: mail scanners look, too."""
    link = _open_link(accounts.CONFIRM, token)
    return _confirm_page(link, ConfirmedForm(formdata=None))


@bp.post("/confirm/<token>")
@limit_link
@public
def use_confirm(token: str) -> ResponseReturnValue:
    """Confirm the address and sign in."""
    link = _open_link(accounts.CONFIRM, token)
    form = ConfirmedForm()
    asked = _asked()
    proof = None if asked.get("link") == link else (form.password.data or "")
    try:
        user_id = accounts.confirm_address(link, password=proof, actor=actor(), now=_now())
    except WrongCredentials:
        form.password.errors = [_("Enter the password you chose for this account")]
        return make_response(_confirm_page(link, form), 400)
    found = accounts.open_session(user_id, actor=actor(), now=_now())
    remember(found.token, found.user_id)
    wanted = safe_next(asked.get("next"))
    return make_response(render_template("account/confirmed.html", next=wanted))


def _confirm_page(link: str, form: ConfirmedForm) -> str:
    here = _asked().get("link") == link
    return render_template("account/confirm.html", form=form, ask_password=not here)


def _open_link(kind: str, token: str) -> str:
    """The id of a link that still works. Raises LinkUsed for any other, known or not."""
    link_id = read_link(kind, token)
    if link_id is None or people.open_link(link_id, _now()) is None:
        raise LinkUsed(kind)
    return link_id


# ---------------------------------------------------------------- a forgotten password


@bp.get("/reset")
@public
def reset() -> ResponseReturnValue:
    """Ask for a new password."""
    return render_template("account/reset.html", form=ResetForm(formdata=None))


@bp.post("/reset")
@limit_reset
@public
@steady
def ask_reset() -> ResponseReturnValue:
    """Send a link, if the address is somebody's; say the same in any case."""
    form = ResetForm()
    if not form.validate():
        return make_response(render_template("account/reset.html", form=form), 400)
    accounts.request_reset(form.email.data, actor=actor(), now=_now())
    cookie[ASKED_RESET] = form.email.data
    return redirect("/reset/sent", 303)


@bp.get("/reset/sent")
@public
def reset_sent() -> ResponseReturnValue:
    """Where to look now."""
    email = cookie.get(ASKED_RESET)
    return _look_in_mail("reset", str(email)) if email else redirect("/reset", 303)


@bp.get("/reset/<token>")
@public
def new_password(token: str) -> ResponseReturnValue:
    """Choose a new password. Looking does not use the link up."""
    link = _open_link(accounts.RESET, token)
    return _new_password_page(link, NewPasswordForm(formdata=None))


@bp.post("/reset/<token>")
@limit_link
@public
def set_password(token: str) -> ResponseReturnValue:
    """Set the password, end every sign-in, and sign this browser in."""
    link = _open_link(accounts.RESET, token)
    form = NewPasswordForm()
    if not form.validate():
        return make_response(_new_password_page(link, form), 400)
    user_id = accounts.reset_password(link, form.password.data, actor=actor(), now=_now())
    return _enter(accounts.open_session(user_id, actor=actor(), now=_now()))


def _new_password_page(link: str, form: NewPasswordForm) -> str:
    found = people.open_link(link, _now())
    return render_template(
        "account/new_password.html",
        form=form,
        password_length=SHORTEST,
        first=found is not None and found.kind == accounts.INVITE,
    )


# ---------------------------------------------------------------- my account


def _me() -> Viewer:
    who = viewer()
    assert who is not None  # the page is for people who are signed in
    return who


@bp.get("/account")
@signed_in
def account() -> ResponseReturnValue:
    """One's own details, and where one is signed in."""
    mine = people.account(_me().id)
    form = DetailsForm(formdata=None, data={"name": mine.name, "phone": mine.phone})
    return _account_page(form)


@bp.post("/account")
@signed_in
def save_account() -> ResponseReturnValue:
    """Change one's own name and number."""
    form = DetailsForm()
    if not form.validate():
        return make_response(_account_page(form), 400)
    accounts.update_account(
        _me().id, name=form.name.data, phone=form.phone.data, actor=actor(), now=_now()
    )
    flash(_("Your details are saved."))
    return redirect("/account", 303)


def _account_page(form: DetailsForm) -> str:
    who = _me()
    mine = people.account(who.id)
    devices = [
        it
        for it in people.devices(who.id, who.session_hash)
        if lasts(who.role, signed_in_at=it.signed_in_at, seen_at=it.seen_at, now=_now())
    ]
    return render_template(
        "account/account.html",
        form=form,
        email=mine.email,
        verified=mine.verified,
        devices=devices,
    )


@bp.post("/account/confirm")
@limit_link
@signed_in
def send_confirm() -> ResponseReturnValue:
    """Send the confirmation link again."""
    accounts.send_confirmation(_me().id, actor=actor(), now=_now())
    flash(_("The link is on its way."))
    return redirect("/account", 303)


@bp.post("/account/sign-out-others")
@signed_in
def sign_out_others() -> ResponseReturnValue:
    """End every sign-in but this one, or the one the form names."""
    who, only = _me(), request.form.get("device")
    keep = None if only else who.session_hash
    accounts.end_sessions(who.id, keep=keep, only=only, actor=actor(), now=_now())
    flash(_("Signed out everywhere else.") if only is None else _("Signed out there."))
    return redirect("/account", 303)


@bp.get("/account/password")
@signed_in
def password() -> ResponseReturnValue:
    """Change one's own password."""
    return _password_page(ChangePasswordForm(formdata=None))


@bp.post("/account/password")
@_limited
@signed_in
def change_password() -> ResponseReturnValue:
    """Change it: the present one is asked for, other sign-ins end."""
    form, who = ChangePasswordForm(), _me()
    if not form.validate():
        return make_response(_password_page(form), 400)
    try:
        accounts.change_password(
            who.id,
            form.current.data or "",
            form.password.data,
            keep=who.session_hash,
            actor=actor(),
            now=_now(),
        )
    except WrongCredentials:
        form.current.errors = [_("That is not your present password")]
        return make_response(_password_page(form), 400)
    flash(_("Your password is changed. Every other device is signed out."))
    return redirect("/account", 303)


def _password_page(form: ChangePasswordForm) -> str:
    return render_template("account/password.html", form=form, password_length=SHORTEST)
