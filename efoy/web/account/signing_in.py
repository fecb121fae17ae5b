"""Where does somebody sign in and out?"""

from __future__ import annotations

from flask import make_response, redirect, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from efoy.domain.errors import AddressUnconfirmed, WrongCredentials
from efoy.services import accounts
from efoy.web import kept
from efoy.web.access import actor, public
from efoy.web.account.blueprint import HOME, bp, enter, now
from efoy.web.account.forms import WRONG, SignInForm
from efoy.web.limits import limited_sign_in
from efoy.web.links import wanted_page
from efoy.web.login import forget, signed_in_here_before, viewer
from efoy.web.steady import steady


@bp.get("/login")
@public
def login() -> ResponseReturnValue:
    """The sign-in page; somebody signed in already goes on."""
    who = viewer()
    if who is not None:
        return redirect(wanted_page() or HOME[who.role], 303)
    return sign_in_page()


@bp.post("/login")
@limited_sign_in
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
            form.email.data, form.password.data, now=now(), known_here=here, actor=actor()
        )
    except WrongCredentials:
        form.password.errors = [WRONG]
        return make_response(sign_in_page(form), 401)
    except AddressUnconfirmed:
        form.email.errors = [_("Confirm your address first. We have sent the link again")]
        return make_response(sign_in_page(form), 403)
    return enter(found)


def sign_in_page(form: SignInForm | None = None, wanted: str = "") -> str:
    """The page with what was typed, except the password; ``wanted`` is where to go afterwards."""
    return render_template(
        "account/login.html",
        form=form or SignInForm(formdata=None),
        next=wanted or wanted_page(),
        kept=kept.choice(),
    )


@bp.post("/logout")
@public
def logout() -> ResponseReturnValue:
    """Sign out; the old cookie is dead on the server, and the browser drops what it kept."""
    who = viewer()
    if who is not None:
        accounts.sign_out(who.session_hash, actor=actor(), now=now())
    forget()
    response = redirect("/login", 303)
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response
