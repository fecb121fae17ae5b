"""Is this request fit to be read at all, and what is written down about it?

Checked before any view: size, where it comes from, each parameter once, nothing unprintable.
Written down: route, status, time, an opaque actor; never addresses, bodies or query strings.
"""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import urlsplit

import structlog
from flask import Flask, Response, abort, current_app, g, request
from prometheus_client import Counter, Histogram
from structlog.contextvars import bind_contextvars, clear_contextvars

from efoy.web.access import SAFE
from efoy.web.forms import has_controls
from efoy.wiring import settings

FORM_BYTES = 64 * 1024
MESSAGE_BYTES = 512 * 1024
OWN_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{7,63}")
REPEATED, BYTES = "efoy_repeated", "efoy_bytes"
MESSAGES = "stripe_webhook"
View = TypeVar("View", bound=Callable[..., Any])
log = structlog.get_logger("efoy.request")
requests_total = Counter("efoy_requests_total", "Answers", ["route", "method", "status"])
request_seconds = Histogram("efoy_request_seconds", "Seconds to an answer", ["route", "method"])


def repeated(*names: str) -> Callable[[View], View]:
    """This view takes these parameters more than once (lists of ids to act on together)."""

    def mark(view: View) -> View:
        setattr(view, REPEATED, frozenset(names))
        return view

    return mark


def large(most: int) -> Callable[[View], View]:
    """This view takes a file: so many bytes at most, with the form around it."""

    def mark(view: View) -> View:
        setattr(view, BYTES, most + FORM_BYTES)
        return view

    return mark


def register_requests(app: Flask) -> None:
    """Look at every request before anything else does, and at every answer last."""
    app.before_request(_begin)
    app.before_request(_fit)
    app.after_request(_end)


def _begin() -> None:
    given = request.headers.get("X-Request-ID", "")
    g.request_id = given if OWN_ID.fullmatch(given) else secrets.token_hex(12)
    g.begun = time.perf_counter()
    clear_contextvars()
    bind_contextvars(request_id=g.request_id)


def _fit() -> None:
    """Refuse what cannot be a request of ours, with 400 or 413."""
    view = current_app.view_functions.get(request.endpoint or "")
    message = request.blueprint == MESSAGES  # signed by Stripe: read raw, by its own view
    limit = MESSAGE_BYTES if message else getattr(view, BYTES, FORM_BYTES)
    request.max_content_length, request.max_form_memory_size = limit, limit
    if (request.content_length or 0) > limit:
        abort(413)
    if request.method not in SAFE and _from_elsewhere():
        log.warning("cross_site", route=_route())
        abort(400)
    allowed: frozenset[str] = getattr(view, REPEATED, frozenset())
    _each_once(request.args, allowed)
    if view is not None and not message:
        _each_once(request.form, allowed)


def _each_once(values: Any, allowed: frozenset[str]) -> None:
    """One value a name: which of two would count is nobody's to guess."""
    for name, given in values.lists():
        if (len(given) > 1 and name not in allowed) or has_controls(name):
            abort(400)
        if any("\x00" in value for value in given) or (
            values is request.args and any(has_controls(value) for value in given)
        ):
            abort(400)


def _from_elsewhere() -> bool:
    """Whether a browser says that another site sent this (beside the form's own token)."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site not in {"same-origin", "none"}
    origin = request.headers.get("Origin")
    return origin is not None and origin not in {_origin(settings().base_url), _here()}


def _here() -> str:
    return _origin(request.host_url)


def _origin(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"


def _end(response: Response) -> Response:
    response.headers["X-Request-ID"] = g.get("request_id", "")
    seconds = time.perf_counter() - g.get("begun", time.perf_counter())
    route, method = _route(), request.method if request.method in METHODS else "other"
    requests_total.labels(route, method, response.status_code).inc()
    request_seconds.labels(route, method).observe(seconds)
    who = g.get("_login_user")  # whoever was looked up already: an answer asks nothing more
    log.info(
        "request",
        route=route,
        method=method,
        status=response.status_code,
        ms=round(seconds * 1000, 1),
        actor=getattr(who, "id", None),
    )
    return response


METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"}


def _route() -> str:
    return str(request.url_rule) if request.url_rule else "none"
