"""What does a person see and do on the sandbox's own page?"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, abort, make_response, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from sandbox.control import pull, same_origin
from sandbox.delivery import MODES
from sandbox.desk import Desk
from sandbox.errors import Refusal
from sandbox.faults import ACTIONS
from sandbox.money import spoken
from sandbox.objects.disputes import FINAL
from sandbox.pages import guard
from sandbox.state import Record

SHOWN = 12  # newest rows of each table


def blueprint(desk: Desk) -> Blueprint:
    """The page at /, one page for each object, and the buttons."""
    routes = Blueprint("control_page", __name__)

    @routes.get("/")
    def show() -> Response:
        return _desk(desk, done=request.args.get("done", "")[:80])

    @routes.get("/objects/<ref>")
    def thing(ref: str) -> Response:
        with desk.api.state.lock:
            record = desk.api.state.by_id.get(ref) or abort(404)
            text = json.dumps(record.body, indent=2, ensure_ascii=False)
        kind = record["object"].replace(".", " ").replace("_", " ")
        return _guarded(render_template("thing.html", ref=ref, kind=kind, text=text))

    @routes.post("/pull")
    def pulled() -> AnyResponse:
        same_origin()
        path, typed = _typed()
        try:
            pull(desk, path, typed)
        except Refusal as refusal:
            return _desk(desk, trouble=str(refusal), status=refusal.status)
        except (TypeError, ValueError) as error:
            return _desk(desk, trouble=str(error), status=400)
        return redirect(f"/?done={path.partition('/')[0]}", 303)

    return routes


def _typed() -> tuple[str, Any]:
    """The lever and what was typed; empty fields count as left out."""
    typed: dict[str, Any] = {k: v for k, v in request.form.items() if v != ""}
    path = typed.pop("lever", "")
    if path == "no-faults":
        return "faults", []
    if path == "faults":
        return path, [typed]
    if "ids" in typed:
        typed["ids"] = [typed["ids"]]
    return path, typed


def _time(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%d %b %H:%M:%S")


def _desk(desk: Desk, *, done: str = "", trouble: str = "", status: int = 200) -> Response:
    state, mail = desk.api.state, desk.mail

    def newest(kind: str) -> list[Record]:
        return state.shelves[kind][: -SHOWN - 1 : -1]

    with state.lock:
        state.run_due()
        entries = state.shelves["balance_transaction"]
        text = render_template(
            "control.html",
            done=done,
            trouble=trouble,
            now=_time(state.now) + " UTC",
            advanced=state.clock.advanced,
            mail=mail,
            waiting=sum(d.state in ("due", "held", "sending") for d in mail.all),
            deliveries=mail.all[: -SHOWN - 1 : -1],
            modes=MODES,
            actions=ACTIONS,
            faults=desk.api.faults.planned,
            delayed=state.delayed_methods,
            currency=entries[-1]["currency"] if entries else "usd",
            newest=newest,
            requests=[json.loads(line) for line in desk.api.journal.lines[: -SHOWN - 1 : -1]],
            money=spoken,
            time=_time,
            final=FINAL,
        )
    response = _guarded(text)
    response.status_code = status
    return response


def _guarded(text: str) -> Response:
    response = make_response(text)
    guard(response)
    return response
