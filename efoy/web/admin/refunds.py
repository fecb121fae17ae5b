"""Which refunds wait, move, failed or are done; and how are several approved at once?"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from efoy.domain.errors import Conflict, EfoyError, InvalidValue, NotFound, RefundRefused
from efoy.domain.money import Money, total
from efoy.domain.refund import RefundStatus
from efoy.domain.role import Action
from efoy.queries.admin.refunds import RefundLine, Tab, chosen_refunds, find_refunds
from efoy.services.proposals import approve_refund
from efoy.web.access import actor, requires
from efoy.web.admin.words import (
    failure_words,
    reason_words,
    refusal_words,
    waiting_words,
    way_words,
)
from efoy.web.asked import Pager, mark_asked, one_of_asked
from efoy.web.context import locale
from efoy.web.intake import repeated
from efoy.web.login import viewer
from efoy.web.proof import ask_password
from efoy.wiring import outside
from efoy.wording import money

MOST_AT_ONCE = 50


def add_pages(bp: Blueprint) -> None:
    """Put these pages under /admin."""
    bp.add_url_rule("/admin/refunds", view_func=refunds)
    bp.add_url_rule("/admin/refunds/review", view_func=review, methods=["POST"])
    bp.add_url_rule("/admin/refunds/approve", view_func=approve, methods=["POST"])


@requires(Action.SEE_MONEY)
def refunds() -> ResponseReturnValue:
    """One tab of refunds: to approve, on their way, failed or done."""
    return _list()


def _list() -> str:
    tab = one_of_asked("tab", Tab) or Tab.WAITING
    found = find_refunds(tab, mark_asked())
    return render_template(
        "admin/refunds.html",
        tab=tab,
        counts=found.counts,
        refunds=[line(one) for one in found.refunds],
        pager=Pager(found.leaf),
    )


@repeated("refund")
@requires(Action.REFUND)
def review() -> ResponseReturnValue:
    """The chosen ones once more, each with what will become of it; nothing moves yet."""
    chosen = _chosen()
    if not chosen:
        flash(_("Choose at least one refund."), "error")
        return redirect(url_for("admin.refunds"), 303)
    return make_response(_review(chosen))


@repeated("refund", "shown")
@requires(Action.REFUND)
def approve() -> ResponseReturnValue:
    """Approve each reviewed refund in a transaction of its own, and tell the truth of each."""
    chosen = _chosen()
    page = ask_password(lambda: make_response(_review(chosen)))
    if page is not None:
        return page
    shown = request.form.getlist("shown")
    sent: list[RefundLine] = []
    waits: list[RefundLine] = []
    refused: list[str] = []
    for one in chosen:
        why, waits_on = _approve(one, f"{one.id}:{one.amount.minor}" in shown)
        if why:
            refused.append(f"{one.visitor_name}, {money(one.amount, locale())}: {why}")
        else:
            (waits if waits_on else sent).append(one)
    _tell(sent, waits, refused)
    return redirect(url_for("admin.refunds"), 303)


def _chosen() -> list[RefundLine]:
    keys = list(dict.fromkeys(key[:26] for key in request.form.getlist("refund")))
    if len(keys) > MOST_AT_ONCE:
        raise InvalidValue("refund", "too many at once")
    found = list(chosen_refunds(keys))
    if len(found) != len(keys):
        raise NotFound("refund")
    return found


def _approve(one: RefundLine, as_shown: bool) -> tuple[str, bool]:
    """Why not, in words ('' where it was approved), and whether it waits for a second person.

    Pressed twice, the first press holds.
    """
    if not as_shown:
        return _("the amount changed while the page was open."), False
    if _mine_already(one):
        return "", False
    try:
        status = approve_refund(one.id, actor=actor(), now=outside().clock())
    except RefundRefused as error:
        return refusal_words(error.reason), False
    except Conflict:
        return _("the amount that is left changed meanwhile."), False
    except EfoyError:
        return _("the database is busy. Try this one again."), False
    return "", status is RefundStatus.PROPOSED


def _mine_already(one: RefundLine) -> bool:
    who = viewer()
    decided = one.status not in {RefundStatus.PROPOSED, RefundStatus.WITHDRAWN}
    return who is not None and decided and one.decided_by == who.id


def _review(chosen: list[RefundLine]) -> str:
    possible = [one for one in chosen if not _obstacle(one)]
    return render_template(
        "admin/refunds_review.html",
        refunds=[line(one) | {"obstacle": _obstacle(one)} for one in chosen],
        possible=possible,
        total=_sum(possible),
    )


def _obstacle(one: RefundLine) -> str:
    """Why this one cannot be approved from here; '' where it can."""
    who = viewer()
    if one.status is not RefundStatus.PROPOSED:
        return refusal_words("decided")
    if one.first_by is not None and who is not None and one.first_by == who.id:
        return refusal_words("needs_another")
    if one.by_desk and not one.handed_by:
        return refusal_words("by_hand")
    return ""


def _sum(found: list[RefundLine]) -> Money | None:
    amounts = [one.amount for one in found]
    same = len({amount.currency for amount in amounts}) == 1
    return total(amounts, amounts[0].currency) if same else None


def _tell(sent: list[RefundLine], waits: list[RefundLine], refused: list[str]) -> None:
    if sent:
        words = ngettext(
            "%(num)s refund is approved: %(amount)s.",
            "%(num)s refunds are approved: %(amount)s.",
            len(sent),
            amount=_amount(sent),
        )
        flash(words)
    if waits:
        words = ngettext(
            "%(num)s refund waits for a second person: %(amount)s.",
            "%(num)s refunds wait for a second person: %(amount)s.",
            len(waits),
            amount=_amount(waits),
        )
        flash(words)
    for words in refused:
        flash(words, "error")


def _amount(found: list[RefundLine]) -> str:
    summed = _sum(found)
    return money(summed, locale()) if summed else ""


def line(row: RefundLine) -> dict[str, Any]:
    """One line as the templates show it."""
    return vars(row) | {
        "reason": reason_words(row.reason),
        "words": failure_words(row.failure_reason) or waiting_words(row.pending_reason),
        "by_hand": way_words(row.way),
    }
