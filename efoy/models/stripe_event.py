"""Which messages did Stripe send? Kept redacted: ids and type only, once per event id."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import CheckConstraint, Index, Integer, String, text
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from efoy.domain.event import EventStatus
from efoy.domain.notice import EventHint
from efoy.models.base import Base
from efoy.models.types import UtcDateTime, Word, one_of

_RECEIVED = text("status = 'received'")


class StripeEvent(Base):
    """One verified message. Its body is not kept: facts are fetched, never believed."""

    __tablename__ = "stripe_events"
    __table_args__ = (
        CheckConstraint(one_of("status", EventStatus), name="an_event_has_a_known_status"),
        Index(
            "ix_stripe_events_received",
            "next_try_at",
            sqlite_where=_RECEIVED,
            postgresql_where=_RECEIVED,
        ),
        Index("ix_stripe_events_received_at", "received_at"),
    )

    id: Mapped[str] = mapped_column(String(120), primary_key=True)
    type: Mapped[str] = mapped_column(String(80))
    object_id: Mapped[str] = mapped_column(String(120))
    reference: Mapped[str | None] = mapped_column(String(64))
    intent_ref: Mapped[str | None] = mapped_column(String(120))
    live: Mapped[bool] = mapped_column(default=False)
    api_version: Mapped[str | None] = mapped_column(String(40))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    door: Mapped[str] = mapped_column(String(16), default="webhook")
    status: Mapped[EventStatus] = mapped_column(Word(EventStatus))
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    next_try_at: Mapped[datetime] = mapped_column(UtcDateTime)
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


def store(session: Session, hint: EventHint, *, door: str, now: datetime) -> bool:
    """Keep the event unless its id is known; True when it is new (the key decides)."""
    row = {
        "id": hint.id,
        "type": hint.type,
        "object_id": hint.object_id,
        "reference": hint.reference,
        "intent_ref": hint.intent_ref,
        "live": hint.live,
        "api_version": hint.api_version,
        "created_at": hint.created_at,
        "received_at": now,
        "door": door,
        "status": EventStatus.RECEIVED,
        "attempts": 0,
        "next_try_at": now,
    }
    return session.execute(_keeping(session.get_bind().dialect.name), row).first() is not None


@cache
def _keeping(dialect: str) -> Any:
    """The statement, made once: thousands of messages may come at a time."""
    insert = sqlite_insert if dialect == "sqlite" else postgresql_insert
    table: Any = StripeEvent.__table__
    return insert(table).on_conflict_do_nothing().returning(table.c.id)
