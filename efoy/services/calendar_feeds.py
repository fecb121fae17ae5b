"""How does a doctor's own calendar get its address, and how is it taken away?"""

from __future__ import annotations

import secrets
from datetime import datetime
from hashlib import sha256

from sqlalchemy.orm import Session

from efoy.domain.role import Actor
from efoy.models.audit import record
from efoy.models.base import lock, transaction
from efoy.models.clinic import Doctor
from efoy.models.doctors_own import CalendarFeed


def feed_hash(token: str) -> str:
    """How an address is known to the database: 256 random bits, so a plain hash is enough."""
    return sha256(token.encode("utf-8", "replace")).hexdigest()


def make_feed(doctor_id: int, *, actor: Actor, now: datetime) -> str:
    """A fresh token, shown once and stored nowhere; an older one opens nothing from now on."""
    token = secrets.token_urlsafe(32)
    with transaction("calendar_feed") as session:
        lock(session, Doctor, doctor_id)
        feed = session.get(CalendarFeed, doctor_id) or CalendarFeed(doctor_id=doctor_id)
        feed.token_hash, feed.made_at = feed_hash(token), now
        session.add(feed)
        _note(session, doctor_id, "make_feed", actor=actor, now=now)
    return token


def drop_feed(doctor_id: int, *, actor: Actor, now: datetime) -> None:
    """No address opens the calendar from now on; repeating it changes nothing."""
    with transaction("calendar_feed") as session:
        lock(session, Doctor, doctor_id)
        feed = session.get(CalendarFeed, doctor_id)
        if feed is not None:
            session.delete(feed)
            _note(session, doctor_id, "drop_feed", actor=actor, now=now)


def _note(session: Session, doctor_id: int, event: str, *, actor: Actor, now: datetime) -> None:
    record(session, "doctor", str(doctor_id), event, before=None, after=None, actor=actor, now=now)
