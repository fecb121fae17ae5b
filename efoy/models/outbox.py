"""What was promised by mail? A row written with its cause, once per subject and address."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    Index,
    Integer,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from efoy.domain.address import has_mail
from efoy.domain.outbox import OutboxStatus
from efoy.models.base import Base, new_id, posted
from efoy.models.types import UtcDateTime, Word, one_of

_NEW = text("status = 'new'")


class OutboxMessage(Base):
    """One promise of one mail to one address; its Message-ID comes from its id."""

    __tablename__ = "outbox_messages"
    __table_args__ = (
        CheckConstraint(one_of("status", OutboxStatus), name="a_message_has_a_known_status"),
        UniqueConstraint("kind", "subject_ref", "address", name="one_message_per_cause"),
        Index("ix_outbox_due", "due_at", sqlite_where=_NEW, postgresql_where=_NEW),
        Index("ix_outbox_subject", "subject_ref"),
    )

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    kind: Mapped[str] = mapped_column(String(32))
    subject_ref: Mapped[str] = mapped_column(String(64))
    address: Mapped[str] = mapped_column(String(254))
    locale: Mapped[str] = mapped_column(String(8), default="en")
    facts: Mapped[dict[str, Any]] = mapped_column(JSON)
    status: Mapped[OutboxStatus] = mapped_column(Word(OutboxStatus))
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    error: Mapped[str | None] = mapped_column(String(200))


def post(
    session: Session,
    kind: str,
    subject_ref: str,
    address: str,
    *,
    now: datetime,
    locale: str = "en",
    facts: dict[str, Any] | None = None,
) -> None:
    """Promise one mail in the caller's transaction; a second promise for the cause is the first.

    Somebody without an address is promised nothing.
    """
    if not has_mail(address):
        return
    key = new_id()
    sqlite = session.get_bind().dialect.name == "sqlite"
    insert = sqlite_insert if sqlite else postgresql_insert
    statement = insert(OutboxMessage).values(
        id=key,
        kind=kind,
        subject_ref=subject_ref,
        address=address,
        locale=locale,
        facts=facts or {},
        status=OutboxStatus.NEW,
        attempts=0,
        created_at=now,
        due_at=now,
    )
    done = session.execute(statement.on_conflict_do_nothing().returning(OutboxMessage.id))
    if done.first() is not None:
        posted(session, "mail", key)
