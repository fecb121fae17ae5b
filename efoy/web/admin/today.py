"""How is the clinic doing, and what needs a person now?"""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from efoy.domain.role import Action
from efoy.queries.admin.needs import needs
from efoy.queries.admin.payments import latest_payments
from efoy.queries.admin.today import day_summary, month, next_visits
from efoy.queries.clinic_day import day_of
from efoy.web.access import requires
from efoy.web.admin.queue import queue
from efoy.web.context import clinic
from efoy.wiring import outside


def add_pages(bp: Blueprint) -> None:
    """Put this page under /admin."""
    bp.add_url_rule("/admin", view_func=today)


@requires(Action.SEE_MONEY)
def today() -> ResponseReturnValue:
    """The clinic today, with its money."""
    return today_page(with_money=True)


def today_page(*, with_money: bool) -> str:
    """The page of the desk and of the admin; amounts are for those who may see money."""
    place, now = clinic(), outside().clock()
    return render_template(
        "admin/today.html",
        day=day_of(now, place.zone),
        checked_at=now,
        summary=day_summary(zone=place.zone, now=now),
        needs=queue(needs(), with_money=with_money),
        visits=next_visits(zone=place.zone, now=now),
        month=month(currency=place.currency, now=now) if with_money else None,
        payments=latest_payments() if with_money else None,
    )
