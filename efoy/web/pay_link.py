"""Where does a pay link lead? To the visit it was made for, which opens a pay page when asked."""

from __future__ import annotations

from flask import Blueprint, redirect, url_for
from flask.typing import ResponseReturnValue

from efoy.domain.errors import NotFound
from efoy.domain.reference import is_reference
from efoy.services.letters.desk import PAY
from efoy.web.access import grant, public
from efoy.web.links import read_link
from efoy.web.readers import is_owner, own_page
from efoy.wiring import outside

bp = Blueprint("pay_link", __name__)


@bp.get("/pay/link/<token>")
@public
def follow(token: str) -> ResponseReturnValue:
    """Whoever has the link sees the visit and may pay it, as often as they open it.

    Nothing happens by opening it: mail programs do so, too. Somebody of the clinic sees the visit.
    """
    ref = read_link(PAY, token[:200]) or ""
    if not is_reference(ref):
        raise NotFound("link")
    if not is_owner():
        return redirect(url_for("admin.booking", ref=ref), 303)
    grant(ref)
    page = own_page(ref)
    to = "review.show" if page.can_pay(outside().clock()) else "one_booking.show"
    return redirect(url_for(to, ref=ref), code=303)
