"""How does an account learn for whom its owner books, and forget them again?"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Session

from efoy.domain.role import Actor
from efoy.domain.visitor import VisitorWish
from efoy.models.base import lock, new_id, transaction
from efoy.models.user import User
from efoy.models.visitor import Visitor
from efoy.services.persons import note


def keep_visitor(session: Session, user_id: str, visitor: VisitorWish, now: datetime) -> None:
    """Remember somebody for next time, once, in the caller's transaction."""
    sqlite = session.get_bind().dialect.name == "sqlite"
    insert = sqlite_insert if sqlite else postgresql_insert
    statement = insert(Visitor).values(
        id=new_id(),
        user_id=user_id,
        kind=visitor.kind,
        name=visitor.name,
        born_on=visitor.born_on,
        visitor_key=visitor.key,
        created_at=now,
    )
    session.execute(statement.on_conflict_do_nothing())


def add_visitor(user_id: str, visitor: VisitorWish, *, actor: Actor, now: datetime) -> None:
    """Put somebody on one's own account."""
    with transaction("update_account") as session:
        lock(session, User, user_id)
        keep_visitor(session, user_id, visitor, now)
        note(session, user_id, "add_visitor", actor=actor, now=now)


def forget_visitor(user_id: str, visitor_id: str, *, actor: Actor, now: datetime) -> None:
    """Take somebody off one's own account; bookings stay as they are. Repeating changes nothing."""
    with transaction("update_account") as session:
        mine = delete(Visitor).where(Visitor.user_id == user_id, Visitor.id == visitor_id)
        if session.execute(mine.returning(Visitor.id)).first() is not None:
            note(session, user_id, "forget_visitor", actor=actor, now=now)
