"""What does the front desk see first? The day, who waits, what is not paid; no sums of money."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from efoy.domain.errors import IllegalTransition
from efoy.domain.role import Action
from efoy.queries.admin.booking import booking_file
from efoy.queries.admin.needs import needs
from efoy.queries.clinic_day import day_of
from efoy.queries.desk.day import clinic_days, next_visits
from efoy.queries.desk.waiting import handed_over, unpaid_links
from efoy.services.visits import mark_arrived
from efoy.web.access import actor, requires
from efoy.web.admin.queue import queue
from efoy.web.context import clinic
from efoy.web.desk.glance import glance
from efoy.wiring import outside


def add_pages(bp: Blueprint) -> None:
    """Put this page under /desk."""
    bp.add_url_rule("/desk", view_func=today)
    bp.add_url_rule("/desk/bookings/<ref>/here", view_func=here, methods=["POST"])


@requires(Action.SEE_ANY)
def today() -> ResponseReturnValue:
    """The clinic today, as the desk needs it."""
    zone, now = clinic().zone, outside().clock()
    day = day_of(now, zone)
    doctors = clinic_days(day, 1, zone=zone, now=now)[day]
    return render_template(
        "desk/today.html",
        day=day,
        now=now,
        needs=queue(needs(), with_money=False),
        doctors=doctors,
        glance=glance(doctors, zone=zone, now=now),
        visits=next_visits(doctors, now=now),
        links=unpaid_links(),
        handed=handed_over(),
    )


@requires(Action.BOOK_FOR)
def here(ref: str) -> ResponseReturnValue:
    """The patient came: the doctor sees it at once."""
    found = booking_file(ref)
    try:
        mark_arrived(found.id, here=True, actor=actor(), now=outside().clock())
        flash(_("%(name)s is here.", name=found.visitor_name))
    except IllegalTransition:
        flash(_("%(name)s cannot be marked as here now.", name=found.visitor_name), "error")
    return redirect(url_for("desk.today"), 303)
