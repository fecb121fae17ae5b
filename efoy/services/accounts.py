"""How does somebody get an account, and look after it?

Every answer to a stranger is the same, and takes the same work, whether the address is known.
Signing in and out are in ``sign_ins``, the links in mails in ``one_time_links``; both are
reached from here.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from efoy.domain.errors import Conflict, InvalidValue, WrongCredentials
from efoy.domain.role import Actor, Door, Role, system
from efoy.models.base import lock, new_id, reading, transaction
from efoy.models.outbox import post
from efoy.models.user import LoginSession, OneTimeLink, User
from efoy.services.one_time_links import (
    CONFIRM,
    INVITE,
    LIFE,
    RESET,
    flooded,
    issue_link,
    send_confirmation,
    send_link,
    spend_links,
    use_link,
)
from efoy.services.passwords import hash_password, is_password
from efoy.services.persons import address, as_person, new_person, note, person_of, stranger
from efoy.services.sign_ins import (
    SignIn,
    end_sessions,
    end_where,
    open_session,
    sign_in,
    sign_out,
    touch_session,
)

__all__ = [
    "CONFIRM",
    "INVITE",
    "LIFE",
    "RESET",
    "SignIn",
    "change_password",
    "confirm_address",
    "create_admin",
    "end_sessions",
    "open_session",
    "register",
    "request_reset",
    "reset_password",
    "send_confirmation",
    "sign_in",
    "sign_out",
    "touch_session",
    "update_account",
    "update_wishes",
]


def register(
    name: str, email: str, phone: str, password: str, locale: str, *, actor: Actor, now: datetime
) -> str:
    """Make an account, or tell its owner by mail that there is one; the caller cannot see which.

    Returns the id of the confirmation link, or of nothing: the two look alike. A guest who booked
    with this address keeps the same row, so the bookings are there once the address is confirmed.
    """
    kept = hash_password(password)
    for last in (False, True):
        try:
            with transaction("register") as session:
                return _register(session, name, email, phone, kept, locale, actor, now)
        except IntegrityError:  # the same address twice at once: the second one finds the first
            if last:
                raise
    raise AssertionError("not reached")


def _register(
    session: Session,
    name: str,
    email: str,
    phone: str,
    kept: str,
    locale: str,
    actor: Actor,
    now: datetime,
) -> str:
    user = person_of(session, email)
    if user is not None and (user.verified_at is not None or user.role is not Role.PATIENT):
        return _already_registered(session, user, actor=actor, now=now)
    if user is None:  # else: what a guest said of themselves is not for whoever types their address
        user = new_person(session, email, Role.PATIENT, locale, now=now)
        user.name, user.phone = name, phone
    link = send_link(session, user, CONFIRM, actor=actor, now=now)
    if link is not None:  # the password belongs to the newest link and to no other
        user.password_hash, user.password_changed_at = kept, now
    return link or new_id()


def _already_registered(session: Session, user: User, *, actor: Actor, now: datetime) -> str:
    key = new_id()
    kind = "already_registered"
    if user.disabled_at is None and not flooded(session, kind, user.email, now=now):
        post(session, kind, f"{user.id}:{key}", user.email, now=now, locale=user.locale)
    note(session, user.id, "ask_link", actor=actor, now=now)
    return key


def confirm_address(link_id: str, *, password: str | None, actor: Actor, now: datetime) -> str:
    """The address is its owner's: the account works from now on. Returns the user's id.

    ``password`` is None where this very browser registered; elsewhere it proves that whoever
    opened the mail also made the account, and not a stranger with somebody else's address.
    Raises LinkUsed, or WrongCredentials (then the link still works).
    """
    if password is not None and not is_password(password, _password_behind(link_id)):
        raise WrongCredentials
    with transaction("confirm_address") as session:
        user = use_link(session, link_id, {CONFIRM}, now=now)
        user.verified_at = user.verified_at or now
        note(session, user.id, "confirm_address", actor=as_person(user, actor), now=now)
        return user.id


def _password_behind(link_id: str) -> str | None:
    query = (
        select(User.password_hash)
        .join(OneTimeLink, OneTimeLink.user_id == User.id)
        .where(OneTimeLink.id == link_id)
    )
    with reading() as connection:
        return connection.scalar(query)


def request_reset(email: str, *, actor: Actor, now: datetime) -> None:
    """Mail a link to choose a new password, if the address belongs to somebody.

    A guest gets one too: whoever reads the mail owns the address, and so has an account.
    """
    with transaction("issue_link") as session:
        user = person_of(session, email)
        if user is not None and user.disabled_at is None:
            send_link(session, user, RESET, actor=actor, now=now)
        else:
            note(session, stranger(email), "ask_link", actor=actor, now=now)


def reset_password(link_id: str, password: str, *, actor: Actor, now: datetime) -> str:
    """Choose a new password by a link. Ends every sign-in, wakes a pausing account.

    Returns the user's id. Raises LinkUsed.
    """
    kept = hash_password(password)
    with transaction("reset_password") as session:
        user = use_link(session, link_id, {RESET, INVITE}, now=now)
        user.verified_at = user.verified_at or now
        _set_password(session, user, kept, now=now)
        note(session, user.id, "reset_password", actor=as_person(user, actor), now=now)
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
        note(session, user.id, "change_password", actor=actor, now=now)


def _set_password(
    session: Session, user: User, kept: str, *, keep: str | None = None, now: datetime
) -> None:
    user.password_hash, user.password_changed_at = kept, now
    user.failed_logins, user.locked_until = 0, None
    spend_links(session, user.id, [CONFIRM, RESET, INVITE], now=now)
    others = [LoginSession.token_hash != keep] if keep is not None else []
    end_where(session, LoginSession.user_id == user.id, *others, now=now)


def update_account(user_id: str, *, name: str, phone: str, actor: Actor, now: datetime) -> None:
    """Change one's own name and telephone number."""
    with transaction("update_account") as session:
        user = lock(session, User, user_id)
        if (user.name, user.phone) != (name, phone):
            user.name, user.phone = name, phone
            note(session, user_id, "update_account", actor=actor, now=now)


def update_wishes(
    user_id: str, *, locale: str, reminders: bool, actor: Actor, now: datetime
) -> None:
    """In which language, and whether the day before a visit, somebody wants to hear from us."""
    with transaction("update_account") as session:
        user = lock(session, User, user_id)
        if (user.locale, user.reminders) != (locale, reminders):
            user.locale, user.reminders = locale, reminders
            note(session, user_id, "update_account", actor=actor, now=now)


def create_admin(email: str, *, now: datetime) -> str:
    """Make an admin without a password; returns the id of the one-time link that sets one.

    Run again, it gives a fresh link. Raises InvalidValue for an address that is a patient's or
    other staff's: a role is never changed by the way.
    """
    actor = system(Door.CLI)
    name, at, _ = address(email).partition("@")
    if not name or not at or len(address(email)) > 254:
        raise InvalidValue("email", "this is not an e-mail address")
    with transaction("create_admin") as session:
        user = person_of(session, email)
        if user is None:
            user = new_person(session, email, Role.ADMIN, "en", now=now)
            user.name = name[:120]
            note(session, user.id, "create_admin", actor=actor, now=now)
        elif user.role is not Role.ADMIN:
            raise InvalidValue("email", "this address belongs to somebody who is no admin")
        return issue_link(session, user, INVITE, now=now).id
