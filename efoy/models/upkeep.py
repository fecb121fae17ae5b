"""What keeps the house running: alerts for people, watermarks, heartbeats?"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ForeignKey, Index, String, bindparam, select, text, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from efoy.models.base import Base, new_id
from efoy.models.clinic import Clinic
from efoy.models.outbox import post
from efoy.models.types import UtcDateTime

_OPEN = text("closed_at IS NULL")


class Alert(Base):
    """Something a person must look at; open once per kind and subject.

    ``owner_id`` has taken it on, ``note`` is what they wrote when it was done.
    """

    __tablename__ = "alerts"
    __table_args__ = (
        Index(
            "one_open_alert_per_cause",
            "kind",
            "subject_ref",
            unique=True,
            sqlite_where=_OPEN,
            postgresql_where=_OPEN,
        ),
    )

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    kind: Mapped[str] = mapped_column(String(32))
    subject_ref: Mapped[str] = mapped_column(String(64))
    detail: Mapped[str] = mapped_column(String(200), default="")
    raised_at: Mapped[datetime] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    owner_id: Mapped[str | None] = mapped_column(ForeignKey("users.id"))
    note: Mapped[str] = mapped_column(String(300), default="", server_default="")


class Watermark(Base):
    """How far a sweep of Stripe's lists has come, and who is running it until when."""

    __tablename__ = "watermarks"

    name: Mapped[str] = mapped_column(String(32), primary_key=True)
    reached_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    holder: Mapped[str | None] = mapped_column(String(26))


class Heartbeat(Base):
    """When each part of the house was last seen alive."""

    __tablename__ = "heartbeats"

    name: Mapped[str] = mapped_column(String(32), primary_key=True)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)


def raise_alert(
    session: Session,
    kind: str,
    subject_ref: str,
    detail: str,
    *,
    now: datetime,
    mail: bool = True,
) -> None:
    """Put something into a person's queue, once while it is open, and promise one mail about it.

    Without ``mail`` where the one who caused it is the one to be told.
    """
    key = new_id()
    sqlite = session.get_bind().dialect.name == "sqlite"
    insert = sqlite_insert if sqlite else postgresql_insert
    statement = insert(Alert).values(
        id=key, kind=kind, subject_ref=subject_ref, detail=detail, raised_at=now
    )
    done = session.execute(statement.on_conflict_do_nothing().returning(Alert.id)).first()
    address = session.scalar(select(Clinic.email).where(Clinic.id == 1)) if mail else None
    if done is not None and address:
        post(session, "admin_alert", key, address, now=now)


_ALERTS: Any = Alert.__table__
_CLOSE = (
    update(_ALERTS)
    .where(
        _ALERTS.c.kind == bindparam("which"),
        _ALERTS.c.subject_ref == bindparam("subject"),
        _ALERTS.c.closed_at.is_(None),
    )
    .values(closed_at=bindparam("at"))
)


def close_alert(session: Session, kind: str, subject_ref: str, *, now: datetime) -> None:
    """The cause is gone: take it out of the queue."""
    session.execute(_CLOSE, {"which": kind, "subject": subject_ref, "at": now})


def beat(session: Session, name: str, *, now: datetime) -> None:
    """This part of the house is alive. Its processes may say so at the same moment."""
    sqlite = session.get_bind().dialect.name == "sqlite"
    insert = sqlite_insert if sqlite else postgresql_insert
    statement = insert(Heartbeat).values(name=name, seen_at=now)
    session.execute(statement.on_conflict_do_update(index_elements=["name"], set_={"seen_at": now}))


def take_turn(session: Session, name: str, *, now: datetime, lease: timedelta) -> Watermark | None:
    """The named periodic job, for one worker at a time; None while another has it."""
    sqlite = session.get_bind().dialect.name == "sqlite"
    insert = sqlite_insert if sqlite else postgresql_insert
    session.execute(insert(Watermark).values(name=name).on_conflict_do_nothing())
    row = session.get_one(Watermark, name, with_for_update=True)
    if row.lease_until is not None and row.lease_until > now:
        return None
    row.lease_until = now + lease
    return row
