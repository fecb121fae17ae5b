"""The signed-in patient's appointments: to come, past, with money on its way back."""

from __future__ import annotations

from types import SimpleNamespace

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from efoy.domain.errors import Forbidden
from efoy.domain.role import Action, Role
from efoy.queries.my_bookings import PAGE, TABS, MyBookings, my_bookings
from efoy.queries.waiting import places_of
from efoy.web.access import signed_in
from efoy.web.login import viewer
from efoy.web.parameters import page_asked
from efoy.wiring import outside

bp = Blueprint("my_bookings", __name__)


@bp.get("/bookings")
@signed_in
def index() -> ResponseReturnValue:
    """The signed-in patient's appointments."""
    who = viewer()
    if who is None or who.role is not Role.PATIENT:
        raise Forbidden(Action.SEE_OWN)
    tab = request.args.get("tab", "upcoming")
    tab = tab if tab in TABS else "upcoming"
    found = my_bookings(who.id, tab, page=page_asked(), now=outside().clock())
    return render_template(
        "booking/list.html",
        tab=tab,
        counts=found.counts,
        bookings=found.rows,
        recently_cancelled=found.recently_cancelled,
        pager=_pager(found, tab),
        places=places_of(who.id) if tab == "upcoming" else (),
    )


def _pager(found: MyBookings, tab: str) -> SimpleNamespace:
    def url(page: int) -> str:
        return url_for("my_bookings.index", tab=tab, page=page)

    more = found.page * PAGE < found.total
    return SimpleNamespace(
        first=found.first,
        last=found.last,
        total=found.total if found.total > PAGE else 0,
        previous_url=url(found.page - 1) if found.page > 1 else None,
        next_url=url(found.page + 1) if more else None,
    )
