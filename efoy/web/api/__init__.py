"""Which doors has the house for programs? The JSON API under /api/v1, beside Stripe's own door."""

from __future__ import annotations

from typing import Any, cast

from flask import Flask, Response, current_app, jsonify
from flask.blueprints import BlueprintSetupState

from efoy.web.access import public
from efoy.web.api import (
    bookings,
    cancelling,
    checkouts,
    doctors,
    holds,
    moves,
    receipts,
    refunds,
    standing,
    transactions,
)
from efoy.web.api.blueprint import bp
from efoy.web.api.describing import describe

ROUTES = (
    bookings,
    holds,
    moves,
    cancelling,
    doctors,
    checkouts,
    standing,
    receipts,
    refunds,
    transactions,
)
__all__ = ["ROUTES", "bp"]
DOCUMENT = "efoy_openapi"
_made: dict[str, dict[str, Any]] = {}
"""The document by the name of the cookie, the one thing in it that settings decide."""


@bp.get("/openapi.json", tags=["description"])
@public
@bp.response(200, {"type": "object"})
def openapi() -> Response:
    """This description."""
    return jsonify(current_app.extensions[DOCUMENT])


@bp.record
def _describe(state: BlueprintSetupState) -> None:
    """Once all routes are there: this stands last. The routes are the same for every app."""
    app = cast(Flask, state.app)
    cookie = str(app.config["SESSION_COOKIE_NAME"])
    if cookie not in _made:
        _made[cookie] = describe(app, bp)
    app.extensions[DOCUMENT] = _made[cookie]
