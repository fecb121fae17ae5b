"""Which manners do all routes of the JSON API share? Scopes, the cross-site check, one parser."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Response, current_app, request
from flask_smorest import Blueprint

from efoy.domain.errors import Forbidden
from efoy.domain.scope import Scope
from efoy.web.access import rule_of
from efoy.web.api.parsing import Parser
from efoy.web.bearer import by_token
from efoy.web.forms import csrf
from efoy.web.limits import limit_api
from efoy.web.login import viewer

View = TypeVar("View", bound=Callable[..., Any])
SCOPE = "efoy_scope"
DOCTORS, BOOKINGS, PAYMENT = ["doctors"], ["bookings"], ["payment"]
"""The groups of the description."""


class ApiBlueprint(Blueprint):
    """Routes whose arguments are read by our own strict parser."""

    ARGUMENTS_PARSER = Parser()


bp = ApiBlueprint("api", __name__, url_prefix="/api/v1")
csrf.exempt(bp)  # checked below instead: for cookies always, for bearer tokens never
limit_api(bp)


def scope(needed: Scope) -> Callable[[View], View]:
    """A program needs this scope here. Without a scope, a route is for people or for everyone."""

    def mark(view: View) -> View:
        setattr(view, SCOPE, needed)
        return view

    return mark


@bp.before_request
def check() -> None:
    """A cookie needs the token against other sites; a bearer token needs its scope."""
    if not by_token(request):
        csrf.protect()
        return
    who, endpoint = viewer(), request.endpoint or ""
    rule = rule_of(current_app, endpoint)
    if rule is not None and rule.everyone:
        return
    needed = getattr(current_app.view_functions[endpoint], SCOPE, None)
    if who is None or who.scopes is None or needed not in who.scopes:
        raise Forbidden(str(needed))


@bp.after_request
def challenge(response: Response) -> Response:
    """Say how to come in where somebody is refused for not being known."""
    if response.status_code == 401:
        response.headers["WWW-Authenticate"] = 'Bearer realm="efoy"'
    response.vary.add("Authorization")
    return response
