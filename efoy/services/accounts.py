"""How does somebody get an account, sign in and out, and choose a new password?

Every answer to a stranger is the same, and takes the same work, whether the address is known.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, NamedTuple, cast

from sqlalchemy import CursorResult, func, select, update
from sqlalchemy.orm import Session

from efoy.domain.errors import (
    AddressUnconfirmed,
    Conflict,
    InvalidValue,
    LinkUsed,
    NotFound,
    WrongCredentials,
)
from efoy.domain.role import Actor, Door, Role, system
from efoy.domain.signin import PAUSE, WRONG_TRIES
from efoy.models.audit import record
from efoy.models.base import lock, new_id, reading, transaction
from efoy.models.outbox import OutboxMessage, post
from efoy.models.user import LoginSession, OneTimeLink, User
from efoy.services.passwords import hash_password, is_password, out_of_date

CONFIRM, RESET, INVITE = "confirm_address", "reset_password", "invitation"
LIFE = {CONFIRM: timedelta(hours=1), RESET: timedelta(minutes=30), INVITE: timedelta(hours=24)}
FLOOD, FLOOD_WINDOW = 3, timedelta(minutes=15)
"""At most three mails of a kind to one address in a quarter of an hour, whoever asks."""


class SignIn(NamedTuple):
    """A fresh sign-in: the token goes to the browser and is nowhere kept in the clear."""

    user_id: str
    token: str


def address(text: str) -> str:
    """An e-mail address as it is kept: whatever its case, it counts once."""
    return text.strip().lower()


def register(
    name: str, email: str, phone: str, password: str, locale: str, *, actor: Actor, now: datetime
) -> str:
    """Make an account, or tell its owner by mail that there is one; the caller cannot see which.

    Returns the id of the confirmation link, or of nothing: the two look alike. A guest who booked
    with this address keeps the same row, so the bookings are there once the address is confirmed.
    """
    kept = hash_password(password)
    with transaction("register") as session:
        user = _by_address(session, email)
        if user is None:
            user = _new_user(session, email, Role.PATIENT, locale, now=now)
            user.name, user.phone = name, phone
        elif user.verified_at is not None or user.role is not Role.PATIENT:
            return _already_registered(session, user, actor=actor, now=now)
        elif user.password_hash is not None:
            user.name, user.phone = name, phone
        user.password_hash, user.password_changed_at = kept, now
        return _send_link(session, user, CONFIRM, actor=actor, now=now) or new_id()


def confirm_address(link_id: str, *, password: str | None, actor: Actor, now: datetime) -> str:
    """The address is its owner's: the account works from now on. Returns the user's id.

    ``password`` is None where this very browser registered; elsewhere it proves that whoever
    opened the mail also made the account, and not a stranger with somebody else's address.
    Raises LinkUsed or WrongCredentials (then the link still works).
    """
    if password is not None and not is_password(password, _kept_password(link_id)):
        raise WrongCredentials
    with transaction("confirm_address") as session:
        user = _use_link(session, link_id, {CONFIRM}, now=now)
        user.verified_at = user.verified_at or now
        _record(session, user.id, "confirm_address", actor=_as(user, actor), now=now)
        return user.id


def sign_in(
    email: str,
    password: str,
    *,
    now: datetime,
    known_here: bool | list[str] = False,
    actor: Actor | None = None,
) -> SignIn:
    """Sign in by address and password.

    ``known_here`` lists people whose password was right in this browser once: for them an account
    that strangers made pause still opens. Raises WrongCredentials, or AddressUnconfirmed (the
    link is sent again).
    """
    actor = actor or Actor(role="guest", door=Door.WEB)
    user = _credentials(email)
    right = is_password(password, user.password_hash if user else None)
    if user is None or not right or _pausing(user, known_here, now):
        _refuse(email, user.id if user else None, right=right, actor=actor, now=now)
        raise WrongCredentials
    if user.verified_at is None:
        send_confirmation(user.id, actor=actor, now=now)
        raise AddressUnconfirmed
    fresh = hash_password(password) if out_of_date(user.password_hash or "") else None
    return _open_session(user, fresh, actor=actor, now=now)


def sign_out(token_hash: str, *, actor: Actor, now: datetime) -> None:
    """End one sign-in; the cookie that names it is worth nothing from now on."""
    with transaction("sign_out") as session:
        if _end(session, LoginSession.token_hash == token_hash, now=now):
            _record(session, actor.user_id or "", "sign_out", actor=actor, now=now)


def end_sessions(
    user_id: str, *, keep: str | None = None, only: str | None = None, actor: Actor, now: datetime
) -> int:
    """End the person's sign-ins: all, all but ``keep`` (a token hash), or the one ``only`` starts.

    Returns how many ended.
    """
    which = [LoginSession.user_id == user_id]
    if keep is not None:
        which.append(LoginSession.token_hash != keep)
    if only is not None:
        which.append(func.substr(LoginSession.token_hash, 1, 16) == only)
    with transaction("end_sessions") as session:
        ended = _end(session, *which, now=now)
        if ended:
            _record(session, user_id, "end_sessions", actor=actor, now=now)
        return ended


def touch_session(token_hash: str, *, now: datetime) -> None:
    """This sign-in was used just now."""
    with transaction("touch_session") as session:
        session.execute(
            update(LoginSession)
            .where(LoginSession.token_hash == token_hash, LoginSession.ended_at.is_(None))
            .values(seen_at=now)
        )


def send_confirmation(user_id: str, *, actor: Actor, now: datetime) -> None:
    """Send the confirmation link again, unless enough went out already or none is needed."""
    with transaction("issue_link") as session:
        user = lock(session, User, user_id)
        if user.verified_at is None and user.disabled_at is None:
            _send_link(session, user, CONFIRM, actor=actor, now=now)


def request_reset(email: str, *, actor: Actor, now: datetime) -> None:
    """Mail a link to choose a new password, if the address belongs to somebody.

    A guest gets one too: whoever reads the mail owns the address, and so has an account.
    """
    with transaction("issue_link") as session:
        user = _by_address(session, email)
        if user is not None and user.disabled_at is None:
            _send_link(session, user, RESET, actor=actor, now=now)
        else:
            _record(session, _unknown(email), "ask_link", actor=actor, now=now)


def reset_password(link_id: str, password: str, *, actor: Actor, now: datetime) -> str:
    """Choose a new password by a link. Ends every sign-in, wakes a pausing account.

    Returns the user's id. Raises LinkUsed.
    """
    kept = hash_password(password)
    with transaction("reset_password") as session:
        user = _use_link(session, link_id, {RESET, INVITE}, now=now)
        user.verified_at = user.verified_at or now
        _set_password(session, user, kept, now=now)
        _record(session, user.id, "reset_password", actor=_as(user, actor), now=now)
        return user.id


def change_password(
    user_id: str, current: str, new: str, *, keep: str, actor: Actor, now: datetime
) -> None:
    """Change one's own password; every other sign-in than ``keep`` (a token hash) ends.

    Raises WrongCredentials when ``current`` is wrong.
    """
    with reading() as connection:
        kept = connection.scalar(select(User.password_hash).where(User.id == user_id))
    if not is_password(current, kept):
        raise WrongCredentials
    fresh = hash_password(new)
    with transaction("reset_password") as session:
        user = lock(session, User, user_id)
        if user.password_hash != kept:
            raise Conflict("the password was changed meanwhile")
        _set_password(session, user, fresh, keep=keep, now=now)
        _record(session, user.id, "change_password", actor=actor, now=now)


def update_account(user_id: str, *, name: str, phone: str, actor: Actor, now: datetime) -> None:
    """Change one's own name and telephone number."""
    with transaction("update_account") as session:
        user = lock(session, User, user_id)
        if (user.name, user.phone) != (name, phone):
            user.name, user.phone = name, phone
            _record(session, user_id, "update_account", actor=actor, now=now)


def open_session(user_id: str, *, actor: Actor, now: datetime) -> SignIn:
    """Sign in somebody who has just proved by a link who they are."""
    with transaction("sign_in") as session:
        user = lock(session, User, user_id)
        if user.disabled_at is not None or user.verified_at is None:
            raise WrongCredentials
        return _begin(session, user, actor=actor, now=now)


def create_admin(email: str, *, now: datetime) -> str:
    """Make an admin without a password; returns the id of the one-time link that sets one.

    Run again, it gives a fresh link. Raises InvalidValue for an address that is a patient's or
    other staff's: a role is never changed by the way.
    """
    actor = system(Door.CLI)
    if "@" not in email or len(address(email)) > 254:
        raise InvalidValue("email", "this is not an e-mail address")
    with transaction("create_admin") as session:
        user = _by_address(session, email)
        if user is None:
            user = _new_user(session, email, Role.ADMIN, "en", now=now)
            user.name = address(email).partition("@")[0][:120]
            _record(session, user.id, "create_admin", actor=actor, now=now)
        elif user.role is not Role.ADMIN:
            raise InvalidValue("email", "this address belongs to somebody who is no admin")
        return _issue(session, user, INVITE, now=now).id


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


def _pausing(user: _Credentials, known_here: bool | list[str], now: datetime) -> bool:
    known = known_here if isinstance(known_here, bool) else user.id in known_here
    return not known and user.locked_until is not None and user.locked_until > now


def _refuse(email: str, user_id: str | None, *, right: bool, actor: Actor, now: datetime) -> None:
    """Count a wrong password: the same statements whether or not the address is known."""
    wrong = 0 if right else 1
    mine = User.email == address(email)
    with transaction("sign_in") as session:
        session.execute(update(User).where(mine).values(failed_logins=User.failed_logins + wrong))
        session.execute(
            update(User)
            .where(mine, User.failed_logins >= WRONG_TRIES)
            .values(failed_logins=0, locked_until=now + PAUSE)
        )
        who = user_id or _unknown(email)
        _record(session, who, "sign_in_refused", actor=actor, now=now)


def _open_session(seen: _Credentials, fresh: str | None, *, actor: Actor, now: datetime) -> SignIn:
    with transaction("sign_in") as session:
        user = lock(session, User, seen.id)
        if user.password_hash != seen.password_hash or user.disabled_at is not None:
            raise WrongCredentials
        if fresh is not None:
            user.password_hash = fresh
        user.failed_logins, user.locked_until = 0, None
        return _begin(session, user, actor=actor, now=now)


def _begin(session: Session, user: User, *, actor: Actor, now: datetime) -> SignIn:
    token = secrets.token_urlsafe(32)
    mark = sha256(token.encode()).hexdigest()
    session.add(LoginSession(token_hash=mark, user_id=user.id, created_at=now, seen_at=now))
    _record(session, user.id, "sign_in", actor=_as(user, actor), now=now)
    return SignIn(user.id, token)


def _end(session: Session, *which: Any, now: datetime) -> int:
    query = update(LoginSession).where(LoginSession.ended_at.is_(None), *which)
    return cast("CursorResult[Any]", session.execute(query.values(ended_at=now))).rowcount


def _by_address(session: Session, email: str) -> User | None:
    query = select(User).where(User.email == address(email)).with_for_update()
    return session.scalar(query)


def _new_user(session: Session, email: str, role: Role, locale: str, *, now: datetime) -> User:
    user = User(id=new_id(), email=address(email), name="", phone="", role=role, locale=locale)
    user.created_at = now
    session.add(user)
    session.flush()
    return user


def _already_registered(session: Session, user: User, *, actor: Actor, now: datetime) -> str:
    key = new_id()
    recent = (
        select(func.count())
        .select_from(OutboxMessage)
        .where(
            OutboxMessage.kind == "already_registered",
            OutboxMessage.address == user.email,
            OutboxMessage.created_at > now - FLOOD_WINDOW,
        )
    )
    if user.disabled_at is None and (session.scalar(recent) or 0) < FLOOD:
        ref = f"{user.id}:{key}"
        post(session, "already_registered", ref, user.email, now=now, locale=user.locale)
    _record(session, user.id, "ask_link", actor=actor, now=now)
    return key


def _send_link(
    session: Session, user: User, kind: str, *, actor: Actor, now: datetime
) -> str | None:
    """A fresh link by mail, unless enough of them went out; the older ones stop working."""
    _record(session, user.id, "ask_link", actor=actor, now=now)
    recent = (
        select(func.count())
        .select_from(OneTimeLink)
        .where(
            OneTimeLink.user_id == user.id,
            OneTimeLink.kind == kind,
            OneTimeLink.created_at > now - FLOOD_WINDOW,
        )
    )
    if (session.scalar(recent) or 0) >= FLOOD:
        return None
    link = _issue(session, user, kind, now=now)
    post(session, kind, link.id, user.email, now=now, locale=user.locale)
    return link.id


def _issue(session: Session, user: User, kind: str, *, now: datetime) -> OneTimeLink:
    _spend_links(session, user.id, [kind], now=now)
    link = OneTimeLink(id=new_id(), kind=kind, user_id=user.id, created_at=now)
    link.expires_at = now + LIFE[kind]
    session.add(link)
    return link


def _spend_links(session: Session, user_id: str, kinds: list[str], *, now: datetime) -> None:
    session.execute(
        update(OneTimeLink)
        .where(
            OneTimeLink.user_id == user_id,
            OneTimeLink.kind.in_(kinds),
            OneTimeLink.used_at.is_(None),
        )
        .values(used_at=now)
    )


def _use_link(session: Session, link_id: str, kinds: set[str], *, now: datetime) -> User:
    """Use a link up, once; returns its owner, locked. Raises LinkUsed."""
    try:
        link = lock(session, OneTimeLink, link_id)
        user = lock(session, User, link.user_id)
    except NotFound:
        raise LinkUsed(link_id) from None
    usable = link.used_at is None and link.expires_at > now and link.kind in kinds
    if not usable or user.disabled_at is not None:
        raise LinkUsed(link_id)
    link.used_at = now
    return user


def _kept_password(link_id: str) -> str | None:
    query = (
        select(User.password_hash)
        .join(OneTimeLink, OneTimeLink.user_id == User.id)
        .where(OneTimeLink.id == link_id)
    )
    with reading() as connection:
        return connection.scalar(query)


def _set_password(
    session: Session, user: User, kept: str, *, keep: str | None = None, now: datetime
) -> None:
    user.password_hash, user.password_changed_at = kept, now
    user.failed_logins, user.locked_until = 0, None
    _spend_links(session, user.id, [CONFIRM, RESET, INVITE], now=now)
    others = [LoginSession.token_hash != keep] if keep is not None else []
    _end(session, LoginSession.user_id == user.id, *others, now=now)


def _unknown(email: str) -> str:
    """How an address that is nobody's stands in the audit trail: as a hash."""
    return "unknown:" + sha256(address(email).encode()).hexdigest()[:32]


def _as(user: User, actor: Actor) -> Actor:
    """Whoever proved to be ``user``, through the same door."""
    return Actor(user_id=user.id, role=str(user.role), door=actor.door, request_id=actor.request_id)


def _record(session: Session, object_id: str, event: str, *, actor: Actor, now: datetime) -> None:
    record(session, "user", object_id, event, before=None, after=None, actor=actor, now=now)
