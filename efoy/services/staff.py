"""Who works here, and what may they do? Invited by a link, never by a password on a note.

Whoever changes somebody of the staff is looked up again under the lock that all such changes
share: of two admins who remove each other at once, the second finds that they are none any more.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from efoy.domain.errors import Conflict, Forbidden, InvalidValue, LastAdmin, NotFound
from efoy.domain.house import PersonFacts
from efoy.domain.role import Actor, Role
from efoy.models.base import transaction
from efoy.models.clinic import Doctor
from efoy.models.facts import person_facts
from efoy.models.user import LoginSession, User
from efoy.services.changes import note, note_change, unchanged_since, write_facts
from efoy.services.one_time_links import CONFIRM, INVITE, RESET, send_link, spend_links
from efoy.services.persons import new_person, person_of
from efoy.services.sign_ins import end_where

STAFF = (Role.DOCTOR, Role.DESK, Role.ADMIN)


class OwnRole(Forbidden):
    """Nobody sets their own role or limit, nor shuts themselves out."""


class AddressKnown(Conflict):
    """Somebody has an account with this address already."""


def invite_person(name: str, email: str, role: Role, *, actor: Actor, now: datetime) -> str:
    """Somebody new, with a single-use link in the mail; returns the id.

    Raises AddressKnown, InvalidValue for a role that is none of the staff's.
    """
    with transaction("save_staff") as session:
        _lock_admins(session, actor)
        return invite_into(session, name, email, role, actor=actor, now=now).id


def invite_into(
    session: Session, name: str, email: str, role: Role, *, actor: Actor, now: datetime
) -> User:
    """The same in the caller's transaction. Whoever has an account keeps what they are."""
    if role not in STAFF:
        raise InvalidValue("role", "not of the staff")
    if person_of(session, email) is not None:
        raise AddressKnown("address")
    user = new_person(session, email, role, "en", now=now)
    user.name = name
    note(session, "user", user.id, "invite", {"role": [None, role]}, actor=actor, now=now)
    send_link(session, user, INVITE, actor=actor, now=now)
    return user


def invite_again(user_id: str, *, actor: Actor, now: datetime) -> None:
    """A fresh link; the older one stops working. Raises NotFound, Conflict for who has joined."""
    with transaction("save_staff") as session:
        user = _of_staff(session, user_id)
        if user.verified_at is not None or user.disabled_at is not None:
            raise Conflict("joined, or disabled")
        if send_link(session, user, INVITE, actor=actor, now=now) is None:
            raise InvalidValue("email", "enough mails went there")


def set_person(user_id: str, facts: PersonFacts, *, seen: str, actor: Actor, now: datetime) -> None:
    """Change role and limit, from that person's next request on.

    Raises NotFound, StaleEdition, LastAdmin, OwnRole, Conflict (a doctor's role comes
    and goes with the doctor).
    """
    with transaction("save_staff") as session:
        admins = _lock_admins(session, actor)
        user = _of_staff(session, user_id)
        before = person_facts(user)
        unchanged_since(before, seen)
        if facts != before:
            _not_oneself(user, actor)
        if facts.role is not before.role:
            _may_change_role(session, user, facts.role)
            _leave_an_admin(admins, user, stays=facts.role is Role.ADMIN)
        write_facts(user, facts)
        note_change(session, "user", user.id, before, facts, actor=actor, now=now)


def disable_person(user_id: str, *, actor: Actor, now: datetime) -> None:
    """They cannot sign in any more; every sign-in and link of theirs ends now."""
    with transaction("save_staff") as session:
        admins = _lock_admins(session, actor)
        user = _of_staff(session, user_id)
        _not_oneself(user, actor)
        if user.disabled_at is not None:
            return
        _leave_an_admin(admins, user, stays=False)
        user.disabled_at = now
        end_where(session, LoginSession.user_id == user.id, now=now)
        spend_links(session, user.id, [CONFIRM, RESET, INVITE], now=now)
        note(
            session,
            "user",
            user.id,
            "disable",
            {"may sign in": [True, False]},
            actor=actor,
            now=now,
        )


def enable_person(user_id: str, *, actor: Actor, now: datetime) -> None:
    """They may sign in again, with the password they had or a fresh invitation."""
    with transaction("save_staff") as session:
        _lock_admins(session, actor)
        user = _of_staff(session, user_id)
        if user.disabled_at is None:
            return
        user.disabled_at = None
        user.failed_logins, user.locked_until = 0, None
        note(
            session, "user", user.id, "enable", {"may sign in": [False, True]}, actor=actor, now=now
        )


def _lock_admins(session: Session, actor: Actor) -> list[User]:
    """Everyone who can run the clinic now, locked: all changes of staff queue here.

    Raises Forbidden when ``actor`` is none of them any more.
    """
    query = select(User).where(
        User.role == Role.ADMIN, User.disabled_at.is_(None), User.verified_at.is_not(None)
    )
    locked = query.order_by(User.id).with_for_update()
    admins = list(session.scalars(locked.execution_options(populate_existing=True)))
    if actor.user_id not in {admin.id for admin in admins}:
        raise Forbidden("no admin any more")
    return admins


def _leave_an_admin(admins: list[User], user: User, *, stays: bool) -> None:
    if not stays and not [admin for admin in admins if admin.id != user.id]:
        raise LastAdmin(user.id)


def _may_change_role(session: Session, user: User, role: Role) -> None:
    if role not in STAFF:
        raise InvalidValue("role", "not of the staff")
    is_doctor = session.scalar(select(Doctor.id).where(Doctor.user_id == user.id)) is not None
    if is_doctor or role is Role.DOCTOR:
        raise Conflict("a doctor's sign-in belongs to the doctor")


def _not_oneself(user: User, actor: Actor) -> None:
    if user.id == actor.user_id:
        raise OwnRole(user.id)


def _of_staff(session: Session, user_id: str) -> User:
    query = select(User).where(User.id == user_id, User.role.in_(STAFF)).with_for_update()
    user = session.scalar(query.execution_options(populate_existing=True))
    if user is None:
        raise NotFound(f"staff {user_id}")
    return user
