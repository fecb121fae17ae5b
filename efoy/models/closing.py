"""Which times were closed, and what was decided for each visit booked in them?"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    Connection,
    ForeignKey,
    Index,
    Integer,
    String,
    UniqueConstraint,
    bindparam,
    exists,
    select,
    text,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from efoy.domain.closing import Choice, ClosingSource, ClosingStatus, ItemStatus
from efoy.models.base import Base
from efoy.models.booking import Booking
from efoy.models.types import UtcDateTime, Word, one_of

_OPEN = text("status IN ('waiting', 'offered', 'with_desk', 'failed')")


class DayClosing(Base):
    """A time that was closed. ``reason`` is what patients are told; ``actor_*`` who closed it."""

    __tablename__ = "day_closings"
    __table_args__ = (
        CheckConstraint(one_of("status", ClosingStatus), name="a_closing_has_a_known_status"),
        CheckConstraint(one_of("source", ClosingSource), name="a_closing_has_a_known_source"),
        CheckConstraint("starts_at < ends_at", name="a_closing_runs_forward"),
    )

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    doctor_id: Mapped[int] = mapped_column(ForeignKey("doctors.id"), index=True)
    time_off_id: Mapped[int | None] = mapped_column(
        ForeignKey("time_off.id", ondelete="SET NULL"), index=True
    )
    source: Mapped[ClosingSource] = mapped_column(Word(ClosingSource))
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime)
    reason: Mapped[str] = mapped_column(String(120), default="")
    status: Mapped[ClosingStatus] = mapped_column(Word(ClosingStatus))
    actor_id: Mapped[str | None] = mapped_column(ForeignKey("users.id"))
    actor_role: Mapped[str] = mapped_column(String(16))
    form_token: Mapped[str | None] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class DayClosingItem(Base):
    """One visit of a closing, once. ``visit_at``: the time it stood at when it was decided about.

    ``problem`` is the word for why it failed; ``offers`` counts the mails that offered a move.
    """

    __tablename__ = "day_closing_items"
    __table_args__ = (
        CheckConstraint(one_of("status", ItemStatus), name="an_item_has_a_known_status"),
        CheckConstraint(one_of("choice", Choice), name="an_item_has_a_known_choice"),
        UniqueConstraint("closing_id", "booking_id", name="one_item_per_visit_and_closing"),
        Index(
            "one_open_item_per_booking",
            "booking_id",
            unique=True,
            sqlite_where=_OPEN,
            postgresql_where=_OPEN,
        ),
        Index("ix_day_closing_items_booking", "booking_id"),
        Index("ix_day_closing_items_open", "status", sqlite_where=_OPEN, postgresql_where=_OPEN),
    )

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    closing_id: Mapped[str] = mapped_column(ForeignKey("day_closings.id"))
    booking_id: Mapped[str] = mapped_column(ForeignKey("bookings.id"))
    visit_at: Mapped[datetime] = mapped_column(UtcDateTime)
    choice: Mapped[Choice] = mapped_column(Word(Choice))
    status: Mapped[ItemStatus] = mapped_column(Word(ItemStatus))
    problem: Mapped[str] = mapped_column(String(40), default="")
    offers: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    answer_by: Mapped[datetime | None] = mapped_column(UtcDateTime)
    actor_id: Mapped[str | None] = mapped_column(ForeignKey("users.id"))
    actor_role: Mapped[str] = mapped_column(String(16))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)


_ASKED_TO_MOVE: Any = select(
    exists().where(
        DayClosingItem.booking_id == bindparam("booking"),
        DayClosingItem.status.in_(["waiting", "offered", "with_desk", "failed"]),
        DayClosingItem.visit_at == Booking.starts_at,
        Booking.id == DayClosingItem.booking_id,
    )
)


def clinic_owes_another_time(reader: Session | Connection, booking_id: str) -> bool:
    """Whether the clinic closed the time of this visit and its patient has not decided yet.

    Then moving has no deadline and no extra charge, and cancelling brings everything back.
    """
    return bool(reader.scalar(_ASKED_TO_MOVE, {"booking": booking_id}))
