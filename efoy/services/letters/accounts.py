"""What do people read about their account? Nothing that tells a stranger who has one."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from efoy.domain.letter import Letter, Link
from efoy.models.user import OneTimeLink, User
from efoy.services.letters.facts import Promise, letter, read_clinic

PATHS = {"confirm_address": "/confirm/{token}", "reset_password": "/reset/{token}"}


def one_time_link(session: Session, promise: Promise, now: datetime) -> Letter | None:
    """The link itself, while it can be used, to the address its owner has now and no other."""
    found = _usable(session, promise, now)
    if found is None:
        return None
    row, user = found
    if promise.kind == "confirm_address" and user.verified_at is not None:
        return None
    link = Link(path=PATHS[promise.kind], kind=promise.kind, key=row.id)
    context = {"clinic": read_clinic(session), "until": row.expires_at}
    return letter(promise, context, links={"once": link})


def invitation(session: Session, promise: Promise, now: datetime) -> Letter | None:
    """The link behind which somebody new of the staff chooses a password."""
    found = _usable(session, promise, now)
    if found is None:
        return None
    row, user = found
    link = Link(path=PATHS["reset_password"], kind="reset_password", key=row.id)
    context = {"clinic": read_clinic(session), "until": row.expires_at, "role": str(user.role)}
    return letter(promise, context, links={"once": link})


def _usable(session: Session, promise: Promise, now: datetime) -> tuple[OneTimeLink, User] | None:
    """The link while it works, and its owner while the address is theirs."""
    row = session.get(OneTimeLink, promise.subject_ref)
    if row is None or row.used_at is not None or row.expires_at <= now:
        return None
    user = session.get_one(User, row.user_id)
    if user.disabled_at is not None or user.email != promise.address.lower():
        return None
    return row, user


def already_registered(session: Session, promise: Promise, now: datetime) -> Letter | None:
    """Someone wanted an account for an address that has one: only its owner is told."""
    user = session.get(User, promise.subject_ref.partition(":")[0])
    if user is None or user.disabled_at is not None or user.email != promise.address.lower():
        return None
    links = {"login": Link(path="/login"), "reset": Link(path="/reset")}
    return letter(promise, {"clinic": read_clinic(session)}, links=links)
