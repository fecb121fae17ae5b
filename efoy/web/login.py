"""Who is looking? Server-side sign-ins: the cookie holds a random token, the database its hash."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import cast

import structlog
from flask import Flask, Request, has_request_context, session
from flask_login import LoginManager, UserMixin, current_user

from efoy.domain import signin
from efoy.domain.errors import DatabaseBusy
from efoy.domain.role import Role
from efoy.domain.scope import Scope
from efoy.queries import people
from efoy.queries.api_tokens import token_owner
from efoy.services import accounts, api_tokens
from efoy.web.bearer import bearer_token, by_token
from efoy.wiring import outside

TOKEN, BROWSER, GRANTED, KNOWN, KEPT = "login", "browser", "granted", "known", "kept"
"""What the signed cookie may hold: a sign-in, this browser's own name, references it was given by
mail, people who signed in here before, and what was being booked."""
SEEN_EVERY = timedelta(minutes=1)
log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True, eq=False)
class Viewer(UserMixin):
    """The signed-in person; ``session_hash`` names the sign-in itself, ``proved_at`` when the
    password was last typed in it.

    ``scopes`` limits a program that speaks with a token; None for a person in a browser.
    """

    id: str
    name: str
    email: str
    phone: str
    role: Role
    locale: str
    doctor_id: int | None
    session_hash: str
    scopes: frozenset[Scope] | None = None
    proved_at: datetime | None = None


def register_login(app: Flask) -> None:
    """Let the app know its viewers."""
    manager = LoginManager()
    manager.session_protection = None  # the token is random, revocable and looked up every time
    manager.request_loader(_load)
    manager.init_app(app, add_context_processor=False)


def viewer() -> Viewer | None:
    """The signed-in person, or None (also where nobody asks: in the worker)."""
    if not has_request_context():
        return None
    who = current_user._get_current_object()  # noqa: SLF001  the person, not a proxy of it
    return cast(Viewer, who) if who.is_authenticated else None


def token_hash(token: str) -> str:
    """How a token is known to the database."""
    return sha256(token.encode()).hexdigest()


def remember(token: str, user_id: str) -> None:
    """Sign this browser in. Everything it was called before is given up, so that nobody who gave
    it a cookie beforehand can follow; what it booked as a guest stays in its reach by name."""
    known = [user_id, *(who for who in session.get(KNOWN, []) if who != user_id)][:5]
    reachable = [*_booked_here(), *session.get(GRANTED, [])]
    kept = session.get(KEPT)
    session.clear()
    session.permanent = True
    session[TOKEN], session[KNOWN] = token, known
    session[GRANTED] = list(dict.fromkeys(reachable))[:10]
    if kept:
        session[KEPT] = kept


def forget() -> None:
    """Sign this browser out, and drop all it was given."""
    known = session.get(KNOWN, [])
    session.clear()
    if known:
        session[KNOWN], session.permanent = known, True


def signed_in_here_before() -> list[str]:
    """The ids of people whose password was right in this browser once."""
    return [who for who in session.get(KNOWN, []) if isinstance(who, str)]


def browser_token() -> str:
    """This browser's own random name, made when first needed: a guest's key to what they book."""
    token = session.get(BROWSER)
    if not isinstance(token, str):
        token = session[BROWSER] = secrets.token_urlsafe(24)
        session.permanent = True
    return token


def browser_hash(token: str | None = None) -> str | None:
    """How the bookings of this browser are marked; None while it has no name."""
    token = token or session.get(BROWSER)
    return token_hash(token) if isinstance(token, str) else None


def grant(ref: str) -> None:
    """Let this browser see the booking: it came by a link of ours."""
    session[GRANTED] = list(dict.fromkeys([ref, *session.get(GRANTED, [])]))[:10]
    session.permanent = True


def granted() -> list[str]:
    """The references this browser was given by links."""
    return [ref for ref in session.get(GRANTED, []) if isinstance(ref, str)]


def _booked_here() -> list[str]:
    mark = browser_hash()
    return people.refs_of_browser(mark) if mark else []


def _load(request: Request) -> Viewer | None:
    if by_token(request):
        return _program(bearer_token(request))
    token = session.get(TOKEN)
    if not isinstance(token, str):
        return None
    now, mark = outside().clock(), token_hash(token)
    row = people.signed_in(mark)
    if row is None or not signin.lasts(
        row.role, signed_in_at=row.signed_in_at, seen_at=row.seen_at, now=now
    ):
        session.pop(TOKEN, None)
        return None
    _touch(mark, row.seen_at, now)
    return Viewer(
        id=row.id,
        name=row.name,
        email=row.email,
        phone=row.phone,
        role=row.role,
        locale=row.locale,
        doctor_id=row.doctor_id,
        session_hash=mark,
        proved_at=row.proved_at,
    )


def _program(token: str | None) -> Viewer | None:
    """The person in whose name a program speaks, no further than its token's scopes."""
    mark = api_tokens.token_hash(token or "")
    owner = token_owner(mark, outside().clock()) if token else None
    return Viewer(**vars(owner), session_hash=mark) if owner else None


def _touch(mark: str, seen_at: datetime, now: datetime) -> None:
    """Note that the browser was seen, at most once a minute; never at the cost of the page."""
    if now - seen_at < SEEN_EVERY:
        return
    try:
        accounts.touch_session(mark, now=now)
    except DatabaseBusy:
        log.warning("touch_session_skipped")
