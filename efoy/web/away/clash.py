"""One visit that lies where its doctor is not: what is to become of it?"""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from efoy.domain.closing import Choice
from efoy.domain.errors import InvalidValue
from efoy.domain.role import Action
from efoy.queries.away.closings import clash_page
from efoy.services.closing_items import decide
from efoy.web.access import actor, requires
from efoy.web.away.words import problem_words
from efoy.wiring import outside


def add_pages(bp: Blueprint) -> None:
    """Put this page under /admin/clashes."""
    path = "/admin/clashes/<ref>"
    bp.add_url_rule(path, view_func=clash)
    bp.add_url_rule(path, view_func=decided, methods=["POST"])


@requires(Action.KEEP_HOURS)
def clash(ref: str) -> ResponseReturnValue:
    """The visit, why it clashes, and what may be done."""
    found = clash_page(ref)
    return render_template(
        "away/clash.html",
        case=found.item,
        closing=found.closing,
        problem=problem_words(found.item.problem),
    )


@requires(Action.KEEP_HOURS)
def decided(ref: str) -> ResponseReturnValue:
    """Offer another time, cancel with everything back, or keep it as it is."""
    found = clash_page(ref)
    word = request.form.get("choice", "")
    if word not in tuple(Choice):
        raise InvalidValue("choice", _("Choose what becomes of the visit"))
    decide(found.item.id, Choice(word), actor=actor(), now=outside().clock())
    flash(_said(Choice(word), found.item.visitor_name))
    return redirect(url_for("away.clash", ref=ref), 303)


def _said(choice: Choice, name: str) -> str:
    words = {
        Choice.MOVE: _("%(name)s gets a mail with a link to choose another time.", name=name),
        Choice.DESK: _("It stays with the desk."),
        Choice.CANCEL: _("The visit is being cancelled. Everything goes back.", name=name),
        Choice.KEEP: _("The visit stays as it is booked."),
    }
    return words[choice]
