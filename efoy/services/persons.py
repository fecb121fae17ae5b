"""Which person does an address name, and what is written down about them?"""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256

from sqlalchemy import select
from sqlalchemy.orm import Session

from efoy.domain.role import Actor, Role
from efoy.models.audit import record
from efoy.models.base import new_id
from efoy.models.user import User


def address(text: str) -> str:
    """An e-mail address as it is kept: whatever its case, it counts once."""
    return text.strip().lower()


def person_of(session: Session, email: str) -> User | None:
    """The person of an address, locked, or None."""
    return session.scalar(select(User).where(User.email == address(email)).with_for_update())


def new_person(session: Session, email: str, role: Role, locale: str, *, now: datetime) -> User:
    """A person without a name, a password or a confirmed address; written at once."""
    user = User(id=new_id(), email=address(email), name="", phone="", role=role, locale=locale)
    user.created_at = now
    session.add(user)
    session.flush()
    return user


def note(session: Session, user_id: str, event: str, *, actor: Actor, now: datetime) -> None:
    """One audit entry about an account; never an address, never a name."""
    record(session, "user", user_id, event, before=None, after=None, actor=actor, now=now)


def stranger(email: str) -> str:
    """How an address that is nobody's stands in the audit trail: as a hash."""
    return "unknown:" + sha256(address(email).encode()).hexdigest()[:32]


def as_person(user: User, actor: Actor) -> Actor:
    """Whoever has proved to be ``user``, through the same door."""
    return Actor(user_id=user.id, role=str(user.role), door=actor.door, request_id=actor.request_id)
