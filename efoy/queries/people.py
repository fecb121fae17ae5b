"""Who is the person behind a signed-in browser, and where else are they signed in?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select

from efoy.domain.booking import BookingStatus
from efoy.domain.role import Role
from efoy.models.base import reading
from efoy.models.booking import Booking
from efoy.models.clinic import Doctor
from efoy.models.user import LoginSession, OneTimeLink, User


@dataclass(frozen=True, kw_only=True)
class SignedIn:
    """The person of one login session, and the session's own times."""

    id: str
    name: str
    email: str
    phone: str
    role: Role
    locale: str
    doctor_id: int | None
    signed_in_at: datetime
    seen_at: datetime
    proved_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class Account:
    """What a person sees and changes of their own account."""

    name: str
    email: str
    phone: str
    verified: bool
    locale: str
    reminders: bool


@dataclass(frozen=True, kw_only=True)
class Device:
    """One signed-in browser, as its owner sees it; ``id`` names it without being its secret."""

    id: str
    signed_in_at: datetime
    seen_at: datetime
    current: bool


@dataclass(frozen=True, kw_only=True)
class OpenLink:
    """A one-time link that still works."""

    id: str
    kind: str
    user_id: str


_SIGNED_IN = (
    select(
        User.id,
        User.name,
        User.email,
        User.phone,
        User.role,
        User.locale,
        Doctor.id.label("doctor_id"),
        LoginSession.created_at.label("signed_in_at"),
        LoginSession.seen_at,
        LoginSession.proved_at,
    )
    .join(User, User.id == LoginSession.user_id)
    .outerjoin(Doctor, Doctor.user_id == User.id)
    .where(
        LoginSession.token_hash == bindparam("mark"),
        LoginSession.ended_at.is_(None),
        User.disabled_at.is_(None),
    )
)


def signed_in(token_hash: str) -> SignedIn | None:
    """The person of a login session that was not ended, unless the account is disabled."""
    with reading() as connection:
        row = connection.execute(_SIGNED_IN, {"mark": token_hash}).mappings().one_or_none()
    return SignedIn(**dict(row)) if row is not None else None


def role_of(user_id: str) -> Role:
    """The role of a person we know exists."""
    with reading() as connection:
        return connection.execute(select(User.role).where(User.id == user_id)).scalar_one()


_ACCOUNT = (User.name, User.email, User.phone, User.verified_at, User.locale, User.reminders)


def account(user_id: str) -> Account:
    """The person's own details. Raises NoResultFound for an id that is nobody's."""
    query = select(*_ACCOUNT).where(User.id == user_id)
    with reading() as connection:
        row = connection.execute(query).one()
    return Account(
        name=row.name,
        email=row.email,
        phone=row.phone,
        verified=row.verified_at is not None,
        locale=row.locale,
        reminders=row.reminders,
    )


def devices(user_id: str, current: str) -> list[Device]:
    """Every browser signed in as this person, the last seen first; ``current`` is a token hash."""
    query = (
        select(LoginSession.token_hash, LoginSession.created_at, LoginSession.seen_at)
        .where(LoginSession.user_id == user_id, LoginSession.ended_at.is_(None))
        .order_by(LoginSession.seen_at.desc())
    )
    with reading() as connection:
        rows = connection.execute(query).all()
    return [
        Device(
            id=row.token_hash[:16],
            signed_in_at=row.created_at,
            seen_at=row.seen_at,
            current=row.token_hash == current,
        )
        for row in rows
    ]


def open_link(link_id: str, now: datetime) -> OpenLink | None:
    """The link, while it is unused and not too old; looking does not use it up."""
    query = select(OneTimeLink.id, OneTimeLink.kind, OneTimeLink.user_id).where(
        OneTimeLink.id == link_id, OneTimeLink.used_at.is_(None), OneTimeLink.expires_at > now
    )
    with reading() as connection:
        row = connection.execute(query).mappings().one_or_none()
    return OpenLink(**dict(row)) if row is not None else None


def refs_of_browser(browser_hash: str) -> list[str]:
    """The references of what this browser booked as a guest and still awaits, newest first."""
    query = (
        select(Booking.ref)
        .where(
            Booking.browser_hash == browser_hash,
            Booking.status.in_([BookingStatus.HELD, BookingStatus.CONFIRMED]),
        )
        .order_by(Booking.held_at.desc())
        .limit(10)
    )
    with reading() as connection:
        return list(connection.scalars(query))
