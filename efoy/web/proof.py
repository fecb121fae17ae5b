"""Is the password still fresh? Where it is not, a page asks for it and brings everything back."""

from __future__ import annotations

from collections.abc import Callable

from flask import make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from efoy.domain.errors import WrongCredentials
from efoy.domain.signin import proved
from efoy.services.proofs import prove_password
from efoy.web.access import actor
from efoy.web.login import viewer
from efoy.wiring import outside

PASSWORD, OWN = "proof", frozenset({"proof", "csrf_token"})
"""The field of the page, and the fields that are not carried over."""
MOST_TYPED = 1000
"""Letters; a longer one is nobody's password and not worth a hash."""


def ask_password(review: Callable[[], ResponseReturnValue]) -> ResponseReturnValue | None:
    """None where the password was typed in the last ten minutes: go on.

    Otherwise the page that asks for it. It holds all that was sent and comes to the same address
    again; after the right password ``review`` draws what is to be looked at once more.
    """
    who = viewer()
    if who is None:
        return redirect(url_for("account.login"), 303)
    typed = request.form.get(PASSWORD)
    if typed is None:
        return None if proved(who.proved_at, outside().clock()) else _page()
    try:
        right = prove_password(
            who.session_hash, typed[:MOST_TYPED], actor=actor(), now=outside().clock()
        )
    except WrongCredentials:
        return redirect(url_for("account.login"), 303)
    return review() if right else make_response(_page(wrong=True), 400)


def _page(*, wrong: bool = False) -> str:
    fields = [(name, value) for name, value in request.form.items(multi=True) if name not in OWN]
    return render_template("admin/password.html", path=request.path, fields=fields, wrong=wrong)
