"""How does somebody sign in and out? A stranger's answer is the same, known address or not.

Sign-ins live in the database: each can be ended, and a cookie alone is worth nothing.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection
from datetime import datetime
from hashlib import sha256
from typing import Any, NamedTuple, cast

from sqlalchemy import CursorResult, func, select, update
from sqlalchemy.orm import Session

from efoy.domain.errors import AddressUnconfirmed, WrongCredentials
from efoy.domain.role import Actor, Door
from efoy.domain.signin import PAUSE, WRONG_TRIES
from efoy.models.base import lock, reading, transaction
from efoy.models.user import LoginSession, User
from efoy.services.one_time_links import send_confirmation
from efoy.services.passwords import hash_password, is_password, out_of_date
from efoy.services.persons import address, as_person, note, stranger

SHOWN = 16
"""Letters of a session's hash that name it to its owner: too few to be its secret."""
GUEST = Actor(role="guest", door=Door.WEB)


class SignIn(NamedTuple):
    """A fresh sign-in: the token goes to the browser and is nowhere kept in the clear."""

    user_id: str
    token: str


def sign_in(
    email: str,
    password: str,
    *,
    now: datetime,
    known_here: Collection[str] = (),
    actor: Actor = GUEST,
) -> SignIn:
    """Sign in by address and password.

    ``known_here`` lists people who signed in from this browser before: strangers who try wrong
    passwords elsewhere cannot shut them out. Raises WrongCredentials, or AddressUnconfirmed when
    all is right but the address (then the link is sent again).
    """
    user = _credentials(email)
    right = is_password(password, user.password_hash if user else None)
    if user is None or not right or _pausing(user, known_here, now):
        _refuse(email, user.id if user else None, right=right, actor=actor, now=now)
        raise WrongCredentials
    if user.verified_at is None:
        send_confirmation(user.id, actor=actor, now=now)
        raise AddressUnconfirmed
    fresh = hash_password(password) if out_of_date(user.password_hash or "") else None
    with transaction("sign_in") as session:
        row = lock(session, User, user.id)
        if row.password_hash != user.password_hash or row.disabled_at is not None:
            raise WrongCredentials  # changed while we were looking
        row.password_hash = fresh or row.password_hash
        row.failed_logins, row.locked_until = 0, None
        return _begin(session, row, actor=actor, now=now, proved=True)


def open_session(user_id: str, *, actor: Actor = GUEST, now: datetime) -> SignIn:
    """Sign in somebody who has just proved by a link who they are. Raises WrongCredentials."""
    with transaction("sign_in") as session:
        user = lock(session, User, user_id)
        if user.disabled_at is not None or user.verified_at is None:
            raise WrongCredentials
        return _begin(session, user, actor=actor, now=now)


def sign_out(token_hash: str, *, actor: Actor, now: datetime) -> None:
    """End one sign-in; the cookie that names it is worth nothing from now on."""
    with transaction("sign_out") as session:
        if end_where(session, LoginSession.token_hash == token_hash, now=now):
            note(session, actor.user_id or "", "sign_out", actor=actor, now=now)


def end_sessions(
    user_id: str, *, keep: str | None = None, only: str | None = None, actor: Actor, now: datetime
) -> int:
    """End sign-ins of one person: all, all but ``keep`` (a token hash), or the one whose hash
    begins with ``only``. Returns how many ended."""
    which = [LoginSession.user_id == user_id]
    if keep is not None:
        which.append(LoginSession.token_hash != keep)
    if only is not None:
        which.append(func.substr(LoginSession.token_hash, 1, SHOWN) == only)
    with transaction("end_sessions") as session:
        ended = end_where(session, *which, now=now)
        if ended:
            note(session, user_id, "end_sessions", actor=actor, now=now)
        return ended


def touch_session(token_hash: str, *, now: datetime) -> None:
    """This sign-in was used just now."""
    mine = update(LoginSession).where(LoginSession.token_hash == token_hash)
    with transaction("touch_session") as session:
        session.execute(mine.where(LoginSession.ended_at.is_(None)).values(seen_at=now))


def end_where(session: Session, *which: Any, now: datetime) -> int:
    """End the open sign-ins that ``which`` describes, in the caller's transaction."""
    query = update(LoginSession).where(LoginSession.ended_at.is_(None), *which)
    return cast("CursorResult[Any]", session.execute(query.values(ended_at=now))).rowcount


class _Credentials(NamedTuple):
    id: str
    password_hash: str | None
    verified_at: datetime | None
    locked_until: datetime | None


def _credentials(email: str) -> _Credentials | None:
    columns = (User.id, User.password_hash, User.verified_at, User.locked_until)
    query = select(*columns).where(User.email == address(email), User.disabled_at.is_(None))
    with reading() as connection:
        row = connection.execute(query).one_or_none()
    return _Credentials(*row) if row is not None else None


def _pausing(user: _Credentials, known_here: Collection[str], now: datetime) -> bool:
    shut = user.locked_until is not None and user.locked_until > now
    return shut and user.id not in known_here


def _refuse(email: str, user_id: str | None, *, right: bool, actor: Actor, now: datetime) -> None:
    """Count a wrong password. The same statements run whether or not the address is known."""
    mine = User.email == address(email)
    one_more = User.failed_logins + (0 if right else 1)
    with transaction("sign_in") as session:
        session.execute(update(User).where(mine).values(failed_logins=one_more))
        session.execute(
            update(User)
            .where(mine, User.failed_logins >= WRONG_TRIES)
            .values(failed_logins=0, locked_until=now + PAUSE)
        )
        who = user_id or stranger(email)
        note(session, who, "sign_in_refused", actor=actor, now=now)


def _begin(
    session: Session, user: User, *, actor: Actor, now: datetime, proved: bool = False
) -> SignIn:
    token = secrets.token_urlsafe(32)
    mark = sha256(token.encode()).hexdigest()
    begun = LoginSession(token_hash=mark, user_id=user.id, created_at=now, seen_at=now)
    begun.proved_at = now if proved else None
    session.add(begun)
    note(session, user.id, "sign_in", actor=as_person(user, actor), now=now)
    return SignIn(user.id, token)
