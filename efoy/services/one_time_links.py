"""Which link in a mail is good once, for how long, and what makes it stop working?"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from efoy.domain.errors import LinkUsed, NotFound
from efoy.domain.role import Actor
from efoy.models.base import lock, new_id, transaction
from efoy.models.outbox import OutboxMessage, post
from efoy.models.user import OneTimeLink, User
from efoy.services.persons import note

CONFIRM, RESET, INVITE = "confirm_address", "reset_password", "invitation"
LIFE = {CONFIRM: timedelta(hours=1), RESET: timedelta(minutes=30), INVITE: timedelta(days=3)}
FLOOD, FLOOD_WINDOW = 3, timedelta(minutes=15)
"""At most three mails of a kind to one address in a quarter of an hour, whoever asks."""


def send_link(
    session: Session, user: User, kind: str, *, actor: Actor, now: datetime
) -> str | None:
    """Post a fresh link, and spend the older ones; None when enough of them went out."""
    note(session, user.id, "ask_link", actor=actor, now=now)
    if flooded(session, kind, user.email, now=now):
        return None
    link = issue_link(session, user, kind, now=now)
    post(session, kind, link.id, user.email, now=now, locale=user.locale)
    return link.id


def flooded(session: Session, kind: str, to: str, *, now: datetime) -> bool:
    """Whether enough mails of this kind went to this address in the last quarter of an hour."""
    recent = select(func.count()).where(
        OutboxMessage.kind == kind,
        OutboxMessage.address == to,
        OutboxMessage.created_at > now - FLOOD_WINDOW,
    )
    return (session.scalar(recent) or 0) >= FLOOD


def issue_link(session: Session, user: User, kind: str, *, now: datetime) -> OneTimeLink:
    """A fresh link; older ones of its kind stop working."""
    spend_links(session, user.id, [kind], now=now)
    link = OneTimeLink(id=new_id(), kind=kind, user_id=user.id, created_at=now)
    link.expires_at = now + LIFE[kind]
    session.add(link)
    return link


def spend_links(session: Session, user_id: str, kinds: list[str], *, now: datetime) -> None:
    """Make every open link of these kinds useless."""
    open_ones = update(OneTimeLink).where(
        OneTimeLink.user_id == user_id,
        OneTimeLink.kind.in_(kinds),
        OneTimeLink.used_at.is_(None),
    )
    session.execute(open_ones.values(used_at=now))


def use_link(session: Session, link_id: str, kinds: set[str], *, now: datetime) -> User:
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


def send_confirmation(user_id: str, *, actor: Actor, now: datetime) -> None:
    """Send the confirmation link again, unless enough went out already or none is needed."""
    with transaction("issue_link") as session:
        user = lock(session, User, user_id)
        if user.verified_at is None and user.disabled_at is None:
            send_link(session, user, CONFIRM, actor=actor, now=now)
