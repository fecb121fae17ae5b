"""What is done from the queue itself: take it on, give it to somebody, try a mail again."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from efoy.domain.role import Action
from efoy.services.alerts import drop_mail, give_to, mail_again
from efoy.web.access import actor, requires
from efoy.wiring import outside


def add_pages(bp: Blueprint) -> None:
    """Put these under /admin."""
    path = "/admin/needs/<alert>"
    bp.add_url_rule(f"{path}/owner", view_func=owner, methods=["POST"])
    bp.add_url_rule(f"{path}/mail-again", view_func=again, methods=["POST"])
    bp.add_url_rule(f"{path}/mail-drop", view_func=drop, methods=["POST"])


@requires(Action.SEE_ANY)
def owner(alert: str) -> ResponseReturnValue:
    """Somebody of the staff takes it on; without a name, nobody does any more."""
    who = request.form.get("owner", "")[:26] or None
    give_to(alert[:26], who, actor=actor(), now=outside().clock())
    flash(_("Noted who looks after it.") if who else _("Nobody looks after it now."))
    return _back()


@requires(Action.SEE_MONEY)
def again(alert: str) -> ResponseReturnValue:
    """Try a dead mail from the beginning."""
    mail_again(alert[:26], actor=actor(), now=outside().clock())
    flash(_("The mail is tried again."))
    return _back()


@requires(Action.SEE_MONEY)
def drop(alert: str) -> ResponseReturnValue:
    """Give a dead mail up."""
    drop_mail(alert[:26], actor=actor(), now=outside().clock())
    flash(_("The mail is given up."))
    return _back()


def _back() -> ResponseReturnValue:
    """To the page with the queue: the desk's own, or the admin's."""
    who = actor().role
    return redirect("/desk" if who == "desk" else url_for("admin.today"), 303)
