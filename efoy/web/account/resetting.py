"""Where does somebody choose a new password who cannot sign in?"""

from __future__ import annotations

from flask import make_response, redirect, render_template
from flask import session as cookie
from flask.typing import ResponseReturnValue

from efoy.domain.password import SHORTEST
from efoy.queries.people import OpenLink
from efoy.services import accounts
from efoy.web.access import actor, public
from efoy.web.account.blueprint import bp, enter, look_in_mail, now, open_link
from efoy.web.account.forms import NewPasswordForm, ResetForm
from efoy.web.limits import limit_link, limit_reset
from efoy.web.steady import steady

ASKED_RESET = "asked_reset"


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
    accounts.request_reset(form.email.data, actor=actor(), now=now())
    cookie[ASKED_RESET] = form.email.data
    return redirect("/reset/sent", 303)


@bp.get("/reset/sent")
@public
def reset_sent() -> ResponseReturnValue:
    """Where to look now."""
    email = cookie.get(ASKED_RESET)
    return look_in_mail("reset", str(email)) if email else redirect("/reset", 303)


@bp.get("/reset/<token>")
@public
def new_password(token: str) -> ResponseReturnValue:
    """Choose a new password. Looking does not use the link up."""
    link = open_link(accounts.RESET, token)
    return _new_password_page(link, NewPasswordForm(formdata=None))


@bp.post("/reset/<token>")
@limit_link
@public
def set_password(token: str) -> ResponseReturnValue:
    """Set the password, end every sign-in, and sign this browser in."""
    link = open_link(accounts.RESET, token)
    form = NewPasswordForm()
    if not form.validate():
        return make_response(_new_password_page(link, form), 400)
    user_id = accounts.reset_password(link.id, form.password.data, actor=actor(), now=now())
    return enter(accounts.open_session(user_id, actor=actor(), now=now()))


def _new_password_page(link: OpenLink, form: NewPasswordForm) -> str:
    return render_template(
        "account/new_password.html",
        form=form,
        password_length=SHORTEST,
        first=link.kind == accounts.INVITE,
    )
