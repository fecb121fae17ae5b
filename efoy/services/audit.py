"""How is the audit trail made hard to rewrite? A single sealer chains its entries by hash.

Entries are not chained when they are written: writers would all queue for the last link.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select

from efoy.models.audit import AuditEntry, AuditSeal, link
from efoy.models.base import transaction
from efoy.models.upkeep import take_turn

BATCH = 1000


def seal_audit(*, now: datetime) -> int:
    """Chain the entries that are not chained yet, oldest first; returns how many."""
    with transaction("seal_audit") as session:
        turn = take_turn(session, "seal", now=now, lease=timedelta(seconds=0))
        if turn is None:
            return 0
        last = session.scalars(
            select(AuditSeal).order_by(AuditSeal.position.desc()).limit(1)
        ).first()
        position, previous = (last.position, last.hash) if last else (0, "")
        query = (
            select(AuditEntry)
            .outerjoin(AuditSeal, AuditSeal.seq == AuditEntry.seq)
            .where(AuditSeal.seq.is_(None))
            .order_by(AuditEntry.seq)
            .limit(BATCH)
        )
        entries = list(session.scalars(query))
        for entry in entries:
            position += 1
            previous = link(previous, entry)
            session.add(AuditSeal(position=position, seq=entry.seq, hash=previous))
        return len(entries)
