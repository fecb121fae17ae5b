"""The pages that belong to nobody: the start, and the rules of the house."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template
from flask.typing import ResponseReturnValue

from efoy.queries.clinic import RuleInUse, rules_in_use
from efoy.web.access import public
from efoy.web.policy_words import sentence
from efoy.wiring import outside

bp = Blueprint("pages", __name__)


@bp.get("/")
@public
def start() -> ResponseReturnValue:
    """The board of doctors is the start."""
    return redirect("/doctors", 303)


@bp.get("/privacy")
@public
def privacy() -> ResponseReturnValue:
    """What we keep, and why."""
    return render_template("pages/privacy.html")


@bp.get("/terms")
@public
def terms() -> ResponseReturnValue:
    """Terms and refunds, from the rules as they are now."""
    rules = rules_in_use(now=outside().clock())
    return render_template("pages/terms.html", policies=[_shown(rule) for rule in rules])


def _shown(rule: RuleInUse) -> dict[str, object]:
    return {
        "name": rule.policy.name,
        "sentence": sentence(rule.policy),
        "rungs": rule.policy.rungs,
        "sample": rule.sample,
    }


@bp.get("/help")
@public
def help_page() -> ResponseReturnValue:
    """How booking, changing and waiting work, in plain words."""
    rules = rules_in_use(now=outside().clock())
    return render_template("pages/help.html", policies=[_shown(rule) for rule in rules[:1]])


@bp.get("/accessibility")
@public
def accessibility() -> ResponseReturnValue:
    """How everyone can use this site."""
    return render_template("pages/accessibility.html")
