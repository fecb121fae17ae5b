"""Where are the levers, for programs?  JSON under /_control."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, abort, jsonify, request

from sandbox.desk import Desk
from sandbox.errors import Refusal
from sandbox.journal import told
from sandbox.levers import letters, money, past, steering

Lever = Callable[..., Any]
LEVERS: tuple[tuple[str, Lever], ...] = (
    ("clock", steering.clock),
    ("later", steering.later),
    ("webhooks", steering.webhooks),
    ("faults", steering.faults),
    ("methods", steering.methods),
    ("reset", steering.reset),
    ("wake", steering.wake),
    ("past", past.take_in),
    ("pay", money.pay),
    ("sessions/(?P<session>[^/]+)/pay", money.pay),
    ("sessions", money.open_sessions),
    ("expire", money.expire),
    ("delayed", money.delayed),
    ("dashboard/refund", money.dashboard_refund),
    ("refunds/(?P<ref>[^/]+)/(?P<end>fail|succeed)", money.refund_end),
    ("disputes", money.dispute),
    ("disputes/(?P<ref>[^/]+)/close", money.dispute_close),
    ("warnings", money.warning),
    ("payouts", money.payout),
    ("payouts/(?P<ref>[^/]+)/(?P<end>pay|fail)", money.payout_end),
)


def pull(desk: Desk, path: str, typed: Any) -> Any:
    """Pull the lever of that name. Raises Refusal when there is none, or it cannot move."""
    if not isinstance(typed, dict) and path != "faults":
        raise Refusal("send a JSON object")
    if path == "deliver":
        return letters.deliver(desk, typed)
    for pattern, lever in LEVERS:
        match = re.fullmatch(pattern, path)
        if match:
            named = match.groupdict()
            if "session" in named:
                typed = {**typed, "session": named.pop("session")}
            with desk.api.state.lock:
                desk.api.state.run_due()
                return lever(desk, typed=typed, **named)
    raise Refusal(f"no such lever: {path}", status=404)


def same_origin() -> None:
    """Refuse a form that another site's page sends to this machine."""
    origin = request.headers.get("Origin")
    if origin and origin.partition("://")[2] != request.host:
        abort(403)


def blueprint(desk: Desk) -> Blueprint:
    """The routes under /_control."""
    routes = Blueprint("control", __name__, url_prefix="/_control")

    @routes.get("/journal")
    def journal() -> Response:
        asked = request.args.get("only", "requests,objects,deliveries")
        since = request.args.get("since", 0, type=int)
        text = told(desk.api.state, desk.api.journal, desk.mail, set(asked.split(",")), since)
        return Response(text, mimetype="application/json")

    @routes.get("/faults")
    def faults() -> Response:
        with desk.api.state.lock:
            return jsonify([vars(fault) for fault in desk.api.faults.planned])

    @routes.post("/<path:path>")
    def lever(path: str) -> tuple[Response, int]:
        same_origin()
        typed = request.get_json(force=True, silent=True) if request.get_data() else {}
        try:
            return jsonify(pull(desk, path, typed)), 200
        except Refusal as refusal:
            return jsonify(refusal.body), refusal.status
        except (TypeError, ValueError) as error:
            return jsonify({"error": {"message": str(error)}}), 400

    return routes
