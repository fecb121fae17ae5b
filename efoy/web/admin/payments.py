"""Which payments were there? Filters in the address, totals of the filter, the same as a file."""

from __future__ import annotations

from urllib.parse import urlencode

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from efoy.domain.payment import PaymentMethod, PaymentStatus
from efoy.domain.role import Action
from efoy.queries.admin.bookings import doctor_choices
from efoy.queries.admin.exports import PAYMENT_COLUMNS, payment_lines
from efoy.queries.admin.payment_filter import PaymentFilter
from efoy.queries.admin.payments import find_payments
from efoy.services.exports import note_export
from efoy.web.access import actor, requires
from efoy.web.admin.csv_file import csv_file
from efoy.web.asked import Pager, mark_asked, one_of_asked, words_asked
from efoy.web.context import clinic
from efoy.web.parameters import asked, day_asked
from efoy.wiring import outside


def add_pages(bp: Blueprint) -> None:
    """Put these pages under /admin."""
    bp.add_url_rule("/admin/payments", view_func=payments)
    bp.add_url_rule("/admin/payments.csv", view_func=payments_file)


@requires(Action.SEE_MONEY)
def payments() -> ResponseReturnValue:
    """The payments that match the address, and what they add up to."""
    wanted, place = _wanted(), clinic()
    found = find_payments(wanted, mark_asked(), zone=place.zone, currency=place.currency)
    return render_template(
        "admin/payments.html",
        filters=wanted,
        filtered=wanted != PaymentFilter(),
        doctors=doctor_choices(),
        totals=found.totals,
        payments=found.payments,
        pager=Pager(found.leaf),
        file_url="/admin/payments.csv" + ("?" + urlencode(_given()) if _given() else ""),
    )


@requires(Action.SEE_MONEY)
def payments_file() -> ResponseReturnValue:
    """The same as a file, as long as it is."""
    wanted, zone = _wanted(), clinic().zone
    if request.method == "GET":  # a look at the headers takes nothing out
        note_export("payments", without_words(), actor=actor(), now=outside().clock())
    return csv_file("payments", PAYMENT_COLUMNS, payment_lines(wanted, zone), zone)


def _wanted() -> PaymentFilter:
    return PaymentFilter(
        from_day=day_asked("from"),
        to_day=day_asked("to"),
        visit_from=day_asked("visit_from"),
        visit_to=day_asked("visit_to"),
        status=one_of_asked("status", PaymentStatus),
        method=one_of_asked("method", PaymentMethod),
        doctor=asked("doctor", most=60),
        words=words_asked("q"),
    )


def _given() -> dict[str, str]:
    """The filters of the address, without the place in the list."""
    return {k: v for k, v in request.args.items() if v and k not in {"after", "before"}}


def without_words() -> dict[str, str]:
    """The filters as they are written down: what was searched for is nobody's business."""
    return {k: "(words)" if k == "q" else v[:60] for k, v in _given().items()}
