"""Who may come in? Every endpoint declares its rule; one that declares none does not start.

Rules here speak of roles. Whose object it is, is decided by scoped queries: foreign things are
not found, exactly as missing ones.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import structlog
from flask import Flask, current_app, g, redirect, request, url_for
from flask.typing import ResponseReturnValue

from efoy.domain.errors import Forbidden
from efoy.domain.role import Action, Actor, Door, may
from efoy.web.login import browser_hash, browser_token, grant, granted, viewer

__all__ = [
    "NotSignedIn",
    "actor",
    "browser_hash",
    "browser_token",
    "grant",
    "granted",
    "public",
    "register_access",
    "requires",
    "rule_of",
    "signed_in",
]

View = TypeVar("View", bound=Callable[..., Any])
MARK = "efoy_rule"
SAFE = {"GET", "HEAD", "OPTIONS"}
log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Rule:
    """Who passes: everyone, anyone signed in, or the roles that may do ``action``."""

    everyone: bool = False
    action: Action | None = None


class UnruledEndpoints(Exception):
    """The app must not start: these endpoints say nothing about who may come in."""


class NotSignedIn(Exception):
    """Somebody nobody knows posts to a page for people we know."""


def public(view: View) -> View:
    """Open to everyone; what belongs to somebody is found by scoped queries."""
    return _mark(view, Rule(everyone=True))


def signed_in(view: View) -> View:
    """Open to everyone who is signed in."""
    return _mark(view, Rule())


def requires(action: Action) -> Callable[[View], View]:
    """Open to the roles that may do ``action`` at all."""
    return lambda view: _mark(view, Rule(action=action))


def _mark(view: View, rule: Rule) -> View:
    setattr(view, MARK, rule)
    return view


def rule_of(app: Flask, endpoint: str) -> Rule | None:
    """The rule of an endpoint; a class of views may carry it on itself or on each method."""
    view = app.view_functions[endpoint]
    rule: Rule | None = getattr(view, MARK, None)
    kind = getattr(view, "view_class", None)
    if rule is None and kind is not None:
        method = getattr(kind, request.method.lower(), None)
        rule = getattr(method, MARK, None) or getattr(kind, MARK, None)
    return rule


def register_access(app: Flask) -> None:
    """Check every request. Call it when all endpoints are there: one without a rule is refused."""
    _mark(app.view_functions["static"], Rule(everyone=True))
    missing = sorted(name for name in app.view_functions if not _ruled(app, name))
    if missing:
        raise UnruledEndpoints(", ".join(missing))
    app.before_request(_admit)


def _ruled(app: Flask, endpoint: str) -> bool:
    view = app.view_functions[endpoint]
    kind = getattr(view, "view_class", None)
    if getattr(view, MARK, None) or getattr(kind, MARK, None):
        return True
    methods = [getattr(kind, name.lower()) for name in getattr(kind, "methods", None) or []]
    return bool(methods) and all(getattr(method, MARK, None) for method in methods)


def _admit() -> ResponseReturnValue | None:
    if request.endpoint is None or request.routing_exception is not None:
        return None  # nothing there: the 404 or 405 of the router
    rule = rule_of(current_app, request.endpoint)
    if rule is None:
        raise Forbidden(request.endpoint)
    if rule.everyone:
        return None
    who = viewer()
    if who is None:
        return _ask_to_sign_in()
    if rule.action is not None and not may(who.role, rule.action):
        log.warning("refused", action=rule.action, role=who.role)
        raise Forbidden(rule.action)
    return None


def _ask_to_sign_in() -> ResponseReturnValue:
    if request.method not in SAFE or request.path.startswith("/api/"):
        raise NotSignedIn
    wanted = request.full_path if request.query_string else request.path
    return redirect(url_for("account.login", next=wanted), code=303)


def actor(door: Door = Door.WEB) -> Actor:
    """Whoever sent this request, for the audit trail."""
    who = viewer()
    return Actor(
        user_id=who.id if who else None,
        role=str(who.role) if who else "guest",
        door=door,
        request_id=g.get("request_id"),
    )
