"""How does a program get a token to speak for somebody, and how is it taken back?"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import select
from sqlalchemy.orm import Session

from efoy.domain.errors import InvalidValue
from efoy.domain.role import Actor
from efoy.domain.scope import Scope, words_of
from efoy.models.api_token import ApiToken
from efoy.models.audit import record
from efoy.models.base import lock, new_id, transaction
from efoy.models.user import User

PREFIX = "efoy_"
"""So that a token left somewhere is recognised for what it is."""
LONGEST = timedelta(days=366)


@dataclass(frozen=True, kw_only=True)
class IssuedToken:
    """A fresh token: ``token`` is shown once and stored nowhere."""

    id: str
    token: str
    expires_at: datetime


def token_hash(token: str) -> str:
    """How a token is known to the database; it has 256 random bits, so a plain hash is enough."""
    return sha256(token.encode("utf-8", "replace")).hexdigest()


def issue_token(
    email: str,
    scopes: frozenset[Scope],
    *,
    lasts: timedelta,
    actor: Actor,
    now: datetime,
) -> IssuedToken:
    """A token for the person of that address; it may do no more than they may.

    Raises InvalidValue for an address that is nobody's, no scopes, or a life of none or over a
    year.
    """
    if not scopes:
        raise InvalidValue("scope", "a token needs at least one scope")
    if not timedelta(0) < lasts <= LONGEST:
        raise InvalidValue("days", "a token lasts from 1 to 366 days")
    token = PREFIX + secrets.token_urlsafe(32)
    with transaction("api_token") as session:
        row = _row(_person(session, email), token, scopes, now + lasts, now)
        session.add(row)
        _note(session, row, "issue", actor=actor, now=now)
    return IssuedToken(id=row.id, token=token, expires_at=row.expires_at)


def _person(session: Session, email: str) -> User:
    user = session.scalar(select(User).where(User.email == email.strip().lower()))
    if user is None or user.disabled_at is not None:
        raise InvalidValue("email", "nobody with this address can sign in")
    return user


def _row(
    user: User, token: str, scopes: frozenset[Scope], expires_at: datetime, now: datetime
) -> ApiToken:
    return ApiToken(
        id=new_id(),
        token_hash=token_hash(token),
        user_id=user.id,
        scopes=words_of(scopes),
        created_at=now,
        expires_at=expires_at,
    )


def revoke_token(token_id: str, *, actor: Actor, now: datetime) -> None:
    """The token opens nothing from now on; repeating it changes nothing. Raises NotFound."""
    with transaction("api_token") as session:
        row = lock(session, ApiToken, token_id)
        if row.revoked_at is None:
            row.revoked_at = now
            _note(session, row, "revoke", actor=actor, now=now)


def _note(session: Session, row: ApiToken, event: str, *, actor: Actor, now: datetime) -> None:
    record(
        session,
        "api_token",
        row.id,
        event,
        before=None,
        after=None,
        actor=actor,
        now=now,
        facts={"user": row.user_id, "scopes": row.scopes},
    )
