"""Who changed what, when, through which door? Append-only, written in the same transaction."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, Session, mapped_column

from efoy.domain.role import Actor
from efoy.models.base import Base, write_last
from efoy.models.types import UtcDateTime

Sequence = BigInteger().with_variant(Integer, "sqlite")


class AuditEntry(Base):
    """One change of one object; ``facts`` says what was seen (opaque ids, never a person)."""

    __tablename__ = "audit_entries"
    __table_args__ = (Index("ix_audit_entries_object", "object", "object_id"),)

    seq: Mapped[int] = mapped_column(Sequence, primary_key=True, autoincrement=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    object: Mapped[str] = mapped_column(String(24))
    object_id: Mapped[str] = mapped_column(String(64))
    event: Mapped[str] = mapped_column(String(24))
    before: Mapped[str | None] = mapped_column(String(32))
    after: Mapped[str | None] = mapped_column(String(32))
    actor_id: Mapped[str | None] = mapped_column(String(26))
    role: Mapped[str] = mapped_column(String(16))
    door: Mapped[str] = mapped_column(String(16))
    request_id: Mapped[str | None] = mapped_column(String(64))
    facts: Mapped[dict[str, Any]] = mapped_column(JSON)


class AuditSeal(Base):
    """One link of the hash chain over the audit entries, added later by a single sealer."""

    __tablename__ = "audit_seals"

    position: Mapped[int] = mapped_column(Sequence, primary_key=True, autoincrement=False)
    seq: Mapped[int] = mapped_column(Sequence, ForeignKey("audit_entries.seq"), unique=True)
    hash: Mapped[str] = mapped_column(String(64))


def record(
    session: Session,
    kind: str,
    key: str,
    event: str,
    *,
    before: str | None,
    after: str | None,
    actor: Actor,
    now: datetime,
    facts: dict[str, Any] | None = None,
) -> None:
    """Write the one audit entry of a change into the caller's transaction, as its last act.

    No object is made of it and its number is not asked for: every change passes here.
    """
    write_last(
        session,
        AuditEntry.__table__,
        {
            "at": now,
            "object": kind,
            "object_id": key,
            "event": event,
            "before": before,
            "after": after,
            "actor_id": actor.user_id,
            "role": actor.role,
            "door": str(actor.door),
            "request_id": actor.request_id,
            "facts": facts or {},
        },
    )


def link(previous: str, entry: Any) -> str:
    """The hash of one entry (or of anything with its columns) on the one before it: SHA-256."""
    words = [
        previous,
        entry.seq,
        entry.at.isoformat(),
        entry.object,
        entry.object_id,
        entry.event,
        entry.before,
        entry.after,
        entry.actor_id,
        entry.role,
        entry.door,
        entry.request_id,
        entry.facts,
    ]
    text = json.dumps(words, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
