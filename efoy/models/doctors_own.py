"""What does a doctor keep for themselves? Private notes, and the key to their calendar."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from efoy.models.base import Base
from efoy.models.types import UtcDateTime


class VisitNote(Base):
    """One wording of a doctor's private note on a visit; the highest ``position`` is the present
    one, the others are its history. An empty ``body`` is a note that was taken away."""

    __tablename__ = "visit_notes"
    __table_args__ = (
        UniqueConstraint("booking_id", "doctor_id", "position", name="one_note_after_the_other"),
        CheckConstraint("position > 0", name="notes_are_counted_from_one"),
    )

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    booking_id: Mapped[str] = mapped_column(ForeignKey("bookings.id"))
    doctor_id: Mapped[int] = mapped_column(ForeignKey("doctors.id"))
    position: Mapped[int] = mapped_column(Integer)
    body: Mapped[str] = mapped_column(Text)
    written_at: Mapped[datetime] = mapped_column(UtcDateTime)


class CalendarFeed(Base):
    """The one address under which a doctor's own calendar can be read; known only by its hash."""

    __tablename__ = "calendar_feeds"

    doctor_id: Mapped[int] = mapped_column(
        ForeignKey("doctors.id"), primary_key=True, autoincrement=False
    )
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
