"""How is the clinic doing, and what needs a person now?"""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from efoy.domain.role import Action
from efoy.queries.admin.month_days import money_days
from efoy.queries.admin.needs import colleagues, needs
from efoy.queries.admin.payments import latest_payments
from efoy.queries.admin.setup import setup_steps
from efoy.queries.admin.today import day_summary, month, next_visits
from efoy.queries.clinic_day import day_of
from efoy.queries.desk.day import clinic_days
from efoy.services.alerts import close_by_hand
from efoy.web.access import actor, requires
from efoy.web.admin.chart import chart
from efoy.web.admin.queue import queue
from efoy.web.context import clinic
from efoy.web.desk.glance import glance
from efoy.wiring import outside


def add_pages(bp: Blueprint) -> None:
    """Put this page under /admin."""
    bp.add_url_rule("/admin", view_func=today)
    bp.add_url_rule("/admin/needs/<alert>/done", view_func=seen_to, methods=["POST"])


@requires(Action.SEE_MONEY)
def today() -> ResponseReturnValue:
    """The clinic today, with its money."""
    place, now = clinic(), outside().clock()
    day = day_of(now, place.zone)
    doctors = clinic_days(day, 1, zone=place.zone, now=now)[day]
    here = [doctor for doctor in doctors if doctor.here]
    return render_template(
        "admin/today.html",
        day=day,
        checked_at=now,
        setup=setup_steps(),
        summary=day_summary(zone=place.zone, now=now),
        needs=queue(needs(), with_money=True),
        colleagues=colleagues(),
        glance=glance(here, zone=place.zone, now=now) if here else None,
        visits=next_visits(zone=place.zone, now=now),
        month=month(currency=place.currency, now=now),
        chart=chart(money_days(zone=place.zone, currency=place.currency, now=now)),
        payments=latest_payments(),
    )


@requires(Action.SEE_MONEY)
def seen_to(alert: str) -> ResponseReturnValue:
    """A person has seen to it: out of the queue."""
    close_by_hand(alert[:26], actor=actor(), now=outside().clock())
    flash(_("Taken out of the queue."))
    return redirect(url_for("admin.today"), 303)
