"""What can be taken along as a file, for which days?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from efoy.domain.errors import NotFound
from efoy.domain.role import Action
from efoy.queries.admin import exports as query
from efoy.queries.admin.payment_filter import PaymentFilter, since_and_until
from efoy.services.exports import note_export
from efoy.web.access import actor, requires
from efoy.web.admin.csv_file import csv_file
from efoy.web.context import clinic
from efoy.web.parameters import day_asked
from efoy.wiring import outside

Days = tuple[date | None, date | None]


@dataclass(frozen=True, kw_only=True)
class File:
    """One kind of file: its columns, and its lines for two days in a zone."""

    columns: list[str]
    lines: Callable[[Days, str], query.Lines]


def _of_instants(lines: Callable[..., query.Lines]) -> Callable[[Days, str], query.Lines]:
    return lambda days, zone: lines(*since_and_until(*days, zone))


def _payments(days: Days, zone: str) -> query.Lines:
    return query.payment_lines(PaymentFilter(from_day=days[0], to_day=days[1]), zone)


FILES = {
    "bookings": File(columns=query.BOOKING_COLUMNS, lines=_of_instants(query.booking_lines)),
    "payments": File(columns=query.PAYMENT_COLUMNS, lines=_payments),
    "refunds": File(columns=query.REFUND_COLUMNS, lines=_of_instants(query.refund_lines)),
    "ledger": File(columns=query.LEDGER_COLUMNS, lines=_of_instants(query.ledger_lines)),
}


def add_pages(bp: Blueprint) -> None:
    """Put these pages under /admin."""
    bp.add_url_rule("/admin/exports", view_func=exports)
    bp.add_url_rule("/admin/exports/<what>.csv", view_func=export)


@requires(Action.SEE_MONEY)
def exports() -> ResponseReturnValue:
    """What there is to take along."""
    told = {
        "bookings": _("Visits that begin in these days, with patient, doctor, service and price"),
        "payments": _("Payments of these days, with fee, refunds and what was kept"),
        "refunds": _("Refunds asked for in these days, and how far each is"),
        "ledger": _("Every entry of the books; each transaction adds up to nothing"),
    }
    names = {
        "bookings": _("Bookings"),
        "payments": _("Payments"),
        "refunds": _("Refunds"),
        "ledger": _("Ledger"),
    }
    files = [(what, names[what], told[what]) for what in FILES]
    return render_template("admin/exports.html", files=files)


@requires(Action.SEE_MONEY)
def export(what: str) -> ResponseReturnValue:
    """One file, drawn while it is sent."""
    if what not in FILES:
        raise NotFound(what)
    days, zone = (day_asked("from"), day_asked("to")), clinic().zone
    if request.method == "GET":  # a look at the headers takes nothing out
        named = {"from": str(days[0] or ""), "to": str(days[1] or "")}
        note_export(what, named, actor=actor(), now=outside().clock())
    return csv_file(what, FILES[what].columns, FILES[what].lines(days, zone), zone)
