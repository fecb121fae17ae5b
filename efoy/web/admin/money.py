"""Which payments and refunds are there?"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from efoy.domain.payment import PaymentStatus
from efoy.domain.role import Action
from efoy.queries.admin.payments import PaymentFilter, find_payments
from efoy.queries.admin.refunds import RefundLine, Tab, find_refunds
from efoy.web.access import requires
from efoy.web.admin.words import failure_words, reason_words, waiting_words
from efoy.web.asked import Pager, mark_asked, one_of_asked
from efoy.web.context import clinic
from efoy.web.parameters import day_asked


def add_pages(bp: Blueprint) -> None:
    """Put these pages under /admin."""
    bp.add_url_rule("/admin/payments", view_func=payments)
    bp.add_url_rule("/admin/refunds", view_func=refunds)


@requires(Action.SEE_MONEY)
def payments() -> ResponseReturnValue:
    """The payments that match the address, and what they add up to."""
    wanted = PaymentFilter(
        from_day=day_asked("from"),
        to_day=day_asked("to"),
        status=one_of_asked("status", PaymentStatus),
    )
    place = clinic()
    found = find_payments(wanted, mark_asked(), zone=place.zone, currency=place.currency)
    return render_template(
        "admin/payments.html",
        filters={
            "from_day": wanted.from_day,
            "to_day": wanted.to_day,
            "status": wanted.status or "",
        },
        totals=found.totals,
        payments=found.payments,
        pager=Pager(found.leaf),
    )


@requires(Action.SEE_MONEY)
def refunds() -> ResponseReturnValue:
    """One tab of refunds: to send, on their way, failed or done."""
    tab = one_of_asked("tab", Tab) or Tab.WAITING
    found = find_refunds(tab, mark_asked())
    return render_template(
        "admin/refunds.html",
        tab=tab,
        counts=found.counts,
        refunds=[_line(one) for one in found.refunds],
        pager=Pager(found.leaf),
    )


def _line(row: RefundLine) -> dict[str, Any]:
    return {
        "booking_ref": row.booking_ref,
        "visitor_name": row.visitor_name,
        "at": row.at,
        "amount": row.amount,
        "status": row.status,
        "origin": row.origin,
        "reason": reason_words(row.reason),
        "who": row.who,
        "card": row.card,
        "words": failure_words(row.failure_reason) or waiting_words(row.pending_reason),
    }
