"""Where does somebody make an account and prove that the address is theirs?"""

from __future__ import annotations

from flask import make_response, redirect, render_template
from flask import session as cookie
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from efoy.domain.errors import WrongCredentials
from efoy.domain.password import SHORTEST
from efoy.services import accounts
from efoy.web import kept
from efoy.web.access import actor, public
from efoy.web.account.blueprint import bp, look_in_mail, now, open_link
from efoy.web.account.forms import ConfirmedForm, RegisterForm
from efoy.web.context import locale
from efoy.web.limits import limit_link, limit_register
from efoy.web.links import safe_next, wanted_page
from efoy.web.login import remember, viewer
from efoy.web.steady import steady

REGISTERED = "registered"
"""In the cookie: the confirmation link this browser asked for, and where it wanted to go."""


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
        now=now(),
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
    return look_in_mail("confirm", email) if email else redirect("/register", 303)


def _asked() -> dict[str, str]:
    asked = cookie.get(REGISTERED)
    return dict(asked) if isinstance(asked, dict) else {}


@bp.get("/confirm/<token>")
@public
def confirm(token: str) -> ResponseReturnValue:
    """The link of the mail. Looking uses nothing up: mail scanners look, too."""
    link = open_link(accounts.CONFIRM, token).id
    return _confirm_page(link, ConfirmedForm(formdata=None))


@bp.post("/confirm/<token>")
@limit_link
@public
def use_confirm(token: str) -> ResponseReturnValue:
    """Confirm the address and sign in."""
    link = open_link(accounts.CONFIRM, token).id
    form = ConfirmedForm()
    asked = _asked()
    proof = None if asked.get("link") == link else (form.password.data or "")
    try:
        user_id = accounts.confirm_address(link, password=proof, actor=actor(), now=now())
    except WrongCredentials:
        form.password.errors = [_("Enter the password you chose for this account")]
        return make_response(_confirm_page(link, form), 400)
    found = accounts.open_session(user_id, actor=actor(), now=now())
    remember(found.token, found.user_id)
    wanted = safe_next(asked.get("next"))
    return make_response(render_template("account/confirmed.html", next=wanted))


def _confirm_page(link: str, form: ConfirmedForm) -> str:
    here = _asked().get("link") == link
    return render_template("account/confirm.html", form=form, ask_password=not here)
