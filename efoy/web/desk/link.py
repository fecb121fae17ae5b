"""The pay link of a held visit, for the patient at the desk: as a square code and in letters."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from efoy.domain.booking import BookingStatus
from efoy.domain.role import Action
from efoy.queries.admin.booking import booking_file
from efoy.queries.desk.waiting import link_until
from efoy.web.access import requires
from efoy.web.links import pay_address
from efoy.wiring import outside


def add_pages(bp: Blueprint) -> None:
    """Put this page under /desk."""
    bp.add_url_rule("/desk/bookings/<ref>/link", view_func=link)


@requires(Action.BOOK_FOR)
def link(ref: str) -> ResponseReturnValue:
    """The code to hold a telephone before, until when it works, and what else can be done."""
    found = booking_file(ref)
    until = link_until(found.id)
    if found.status is not BookingStatus.HELD or until is None:
        return redirect(url_for("admin.booking", ref=ref), 303)
    address = pay_address(ref)
    code = Markup(outside().paper.square_code(address))  # noqa: S704  # drawn by us
    return render_template("desk/link.html", booking=found, address=address, code=code, until=until)
