"""Which bookings is the desk looking for?"""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from efoy.domain.booking import BookingStatus
from efoy.domain.role import Action
from efoy.queries.admin.bookings import BookingFilter, doctor_choices, find_bookings
from efoy.web.access import requires
from efoy.web.asked import Pager, mark_asked, one_of_asked, words_asked
from efoy.web.context import clinic
from efoy.web.parameters import day_asked


def add_pages(bp: Blueprint) -> None:
    """Put this page under /admin."""
    bp.add_url_rule("/admin/bookings", view_func=bookings)


@requires(Action.SEE_ANY)
def bookings() -> ResponseReturnValue:
    """The bookings that match the address."""
    wanted = BookingFilter(
        words=words_asked("q"),
        status=one_of_asked("status", BookingStatus),
        doctor=request.args.get("doctor", "")[:60],
        day=day_asked("day"),
    )
    found = find_bookings(wanted, mark_asked(), zone=clinic().zone)
    filters = {"status": wanted.status or "", "doctor": wanted.doctor, "day": wanted.day}
    return render_template(
        "admin/bookings.html",
        query=wanted.words,
        filters=filters,
        doctors=doctor_choices(),
        bookings=found.bookings,
        pager=Pager(found.leaf),
    )
