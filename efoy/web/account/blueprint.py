"""Under which name do all pages about accounts hang, and what do they share?"""

from __future__ import annotations

from datetime import datetime

from flask import Blueprint, redirect, render_template
from flask.typing import ResponseReturnValue

from efoy.domain.errors import LinkUsed
from efoy.domain.role import Role
from efoy.queries import people
from efoy.services import accounts
from efoy.web.links import read_link, wanted_page
from efoy.web.login import remember
from efoy.wiring import outside

bp = Blueprint("account", __name__)
HOME = {Role.PATIENT: "/bookings", Role.DOCTOR: "/doctor", Role.DESK: "/desk", Role.ADMIN: "/admin"}


def now() -> datetime:
    """The present of this request."""
    return outside().clock()


def enter(found: accounts.SignIn) -> ResponseReturnValue:
    """Sign the browser in and send it on: to the page it wanted, else to its role's own."""
    wanted = wanted_page()
    remember(found.token, found.user_id)
    return redirect(wanted or HOME[people.role_of(found.user_id)], 303)


def open_link(kind: str, token: str) -> people.OpenLink:
    """The link of a mail while it works. Raises LinkUsed for any other, made up or used."""
    link_id = read_link(kind, token)
    link = people.open_link(link_id, now()) if link_id is not None else None
    if link is None:
        raise LinkUsed(kind)
    return link


def look_in_mail(kind: str, email: str) -> str:
    """The page that says where to look now; ``kind`` is confirm or reset."""
    of_kind = accounts.CONFIRM if kind == "confirm" else accounts.RESET
    minutes = int(accounts.LIFE[of_kind].total_seconds()) // 60
    return render_template("account/check_mail.html", kind=kind, email=email, minutes=minutes)
