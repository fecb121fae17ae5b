"""What is a person, or a program, told when something is refused or breaks? One table."""

from __future__ import annotations

from hashlib import sha256
from http import HTTPStatus
from typing import Any

import structlog
from flask import Flask, Response, g, jsonify, make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_limiter import RateLimitExceeded
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DataError
from werkzeug.exceptions import HTTPException

from efoy.domain.errors import (
    AddressUnconfirmed,
    Conflict,
    DatabaseBusy,
    EfoyError,
    Forbidden,
    InvalidValue,
    LinkUsed,
    NotFound,
    ProviderDown,
    ProviderRefused,
    RefundRefused,
    Untrusted,
    WrongCredentials,
)
from efoy.domain.reference import ALPHABET
from efoy.web.access import NotSignedIn
from efoy.web.links import safe_next
from efoy.web.problems import detail_of

STATUSES: tuple[tuple[type[EfoyError], int], ...] = (
    (NotFound, 404),
    (Forbidden, 403),
    (Conflict, 409),
    (LinkUsed, 410),
    (WrongCredentials, 401),
    (AddressUnconfirmed, 403),
    (Untrusted, 400),
    (InvalidValue, 422),
    (ProviderDown, 503),
    (ProviderRefused, 503),
    (DatabaseBusy, 503),
    (EfoyError, 400),
)
PAGES = {400, 403, 404, 409, 410, 413, 422, 429, 500, 503}
SECRET_FIELDS = {"csrf_token", "password", "current"}
SECONDS_TO_WAIT = {429: "60", 503: "10"}
log = structlog.get_logger(__name__)


def register_errors(app: Flask) -> None:
    """Answer every error by the table; register it after anything with handlers of its own."""
    app.register_error_handler(EfoyError, _refused)
    app.register_error_handler(NotSignedIn, _stranger)
    app.register_error_handler(CSRFError, _old_form)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(DataError, _unstorable)
    app.register_error_handler(Exception, _broken)


def status_of(error: EfoyError) -> int:
    """The HTTP status for a broken rule."""
    return next(status for kind, status in STATUSES if isinstance(error, kind))


def answer(status: int, *, code: str = "", detail: str = "", **facts: Any) -> Response:
    """The error page, or problem+json for programs. ``facts`` go to the page or the problem."""
    if request.path.startswith("/api/"):
        response = _problem(status, code, detail, facts)
    else:
        response = make_response(_page(status, facts), status)
    if status in SECONDS_TO_WAIT:
        response.headers.setdefault("Retry-After", SECONDS_TO_WAIT[status])
    return response


def _problem(status: int, code: str, detail: str, facts: dict[str, Any]) -> Response:
    title = HTTPStatus(status).phrase
    body: dict[str, Any] = {"type": "about:blank", "title": title, "status": status}
    body["code"] = code or _slug(title)
    body["detail"] = detail or detail_of(code, status)
    response = jsonify(body | facts | {"request_id": g.get("request_id", "")})
    response.status_code, response.mimetype = status, "application/problem+json"
    return response


def _page(status: int, facts: dict[str, Any]) -> str:
    """The page of this status; the plainest words where even the template cannot be drawn."""
    shown = status if status in PAGES else (422 if status < 500 else 500)
    try:
        return render_template(f"errors/{shown}.html", **facts)
    except DatabaseBusy:
        g.bare = True  # without the clinic and the viewer, whom nobody can look up now
        return render_template(f"errors/{shown}.html", **facts)
    except Exception as error:  # an error page must never raise
        log.exception("error_page_failed", fault=type(error).__name__)
        title = HTTPStatus(status).phrase
        return f'<!doctype html><html lang="en"><title>{title}</title><h1>{title}</h1></html>'


def _refused(error: EfoyError) -> ResponseReturnValue:
    status = status_of(error)
    if isinstance(error, DatabaseBusy):
        g.bare = True
    if status >= 500:
        log.warning("not_possible_now", fault=type(error).__name__)
    facts = {"field": error.field} if isinstance(error, InvalidValue) else {}
    if isinstance(error, RefundRefused):
        facts["reason"] = error.reason
    detail = error.problem if isinstance(error, InvalidValue) else ""
    return answer(status, code=_slug(type(error).__name__), detail=detail, **facts)


def _stranger(_: NotSignedIn) -> ResponseReturnValue:
    """A post by nobody: 401, with the way to sign in."""
    if request.path.startswith("/api/"):
        return answer(
            401, code="not-signed-in", detail="Sign in, or send a bearer token that works."
        )
    from efoy.web.account.signing_in import sign_in_page  # the page is theirs

    return make_response(sign_in_page(wanted=safe_next(request.path)), 401)


def _old_form(error: CSRFError) -> ResponseReturnValue:
    """The page lay open longer than its form holds. What was typed comes back, to send again.

    Only where the browser itself says that our own page sent it: for nobody else's form would we
    make the next press count.
    """
    log.warning("form_refused", reason=_slug(str(error.description))[:60])
    own = request.headers.get("Sec-Fetch-Site") == "same-origin"
    kept = {"path": request.full_path.rstrip("?"), "fields": _typed()} if own else None
    told = {} if request.path.startswith("/api/") else {"kept": kept}
    detail = "The form's token is missing or too old."
    return answer(400, code="form-token", detail=detail, **told)


def _typed() -> list[tuple[str, str]]:
    """What the refused form held, without passwords and its old token."""
    fields = request.form.items(multi=True)
    return [(name, value) for name, value in fields if name not in SECRET_FIELDS]


def _http(error: HTTPException) -> ResponseReturnValue:
    if error.response is not None:
        return error.response
    status = error.code or 500
    if isinstance(error, RateLimitExceeded):
        log.warning("limited", route=_route())
    told = getattr(error, "data", None) or {}
    facts = {"errors": told["messages"]} if told.get("messages") else {}
    response = answer(status, detail=_detail(error), **facts)
    for name, value in error.get_headers(request.environ):
        if name.lower() in {"allow", "retry-after", "location"}:
            response.headers[name] = value
    if 300 <= status < 400:  # the router's own redirect to the right spelling
        return error.get_response(request.environ)
    return response


def _detail(error: HTTPException) -> str:
    """Words written by us; never what a library says, which would be about our insides."""
    own = error.description != type(error).description
    return error.description if own and error.code in {404, 413, 415} and error.description else ""


def _unstorable(error: DataError) -> ResponseReturnValue:
    log.warning("unstorable", fault=type(error.orig).__name__)
    return answer(400, code="invalid-value")


def _broken(error: Exception) -> ResponseReturnValue:
    """Our fault: a short code to tell us on the phone, all else in the log."""
    g.bare = True
    code = error_code(g.get("request_id", ""))
    log.error("broken", error_id=code, fault=type(error).__name__, exc_info=error)
    return answer(500, code="internal", error_id=code)


def error_code(request_id: str) -> str:
    """Five letters that name a request: 8F2-K3."""
    digest = sha256(request_id.encode()).digest()
    letters = "".join(ALPHABET[byte % len(ALPHABET)] for byte in digest[:5])
    return f"{letters[:3]}-{letters[3:]}"


def _route() -> str:
    return str(request.url_rule) if request.url_rule else "none"


def _slug(words: str) -> str:
    spaced = "".join(f"-{c.lower()}" if c.isupper() else c for c in words)
    return "-".join("".join(c if c.isalnum() else " " for c in spaced).split())
