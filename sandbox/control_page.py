"""What does a person see and do on the sandbox's own page?"""

from __future__ import annotations

from flask import Blueprint, Response, make_response, render_template

from sandbox.control import Control
from sandbox.pages import guard


def blueprint(desk: Control) -> Blueprint:
    """The page at /."""
    routes = Blueprint("control_page", __name__)

    @routes.get("/")
    def show() -> Response:
        with desk.api.state.lock:
            desk.api.state.run_due()
            response = make_response(render_template("control.html", desk=desk))
        guard(response)
        return response

    return routes
