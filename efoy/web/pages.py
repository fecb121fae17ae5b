"""The pages that belong to nobody: the start, the rules of the house, and the operator's probes."""

from __future__ import annotations

from flask import Blueprint, Response, redirect, render_template
from flask.typing import ResponseReturnValue

from efoy.web.access import public

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


@bp.get("/accessibility")
@public
def accessibility() -> ResponseReturnValue:
    """How everyone can use this site."""
    return render_template("pages/accessibility.html")


@bp.get("/healthz")
@public
def healthz() -> ResponseReturnValue:
    """The process is alive; nothing else is asked."""
    return Response("ok\n", mimetype="text/plain")
