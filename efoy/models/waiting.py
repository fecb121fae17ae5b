"""Who stands in line for which times, and what was offered to whom?"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from efoy.domain.waiting import DayPart, OfferStatus, WaitingStatus
from efoy.models.base import Base
from efoy.models.types import UtcDateTime, Word, one_of

_WAITING = text("status = 'waiting'")
_OPEN = text("status = 'open'")


class WaitlistEntry(Base):
    """One person's place in the line for one service of one doctor.

    ``holder`` is whose limits an offer counts towards, as on a booking. ``days`` are ISO dates,
    none for any day up to ``last_on``; ``known_free`` are the five-minute cells of times that were
    free when they looked: only what opens since is news.
    """

    __tablename__ = "waitlist_entries"
    __table_args__ = (
        CheckConstraint(one_of("status", WaitingStatus), name="a_place_in_line_is_known"),
        CheckConstraint(one_of("part", DayPart), name="a_part_of_a_day_is_known"),
        Index(
            "one_place_in_each_line",
            "holder",
            "doctor_id",
            "service_id",
            "visitor_key",
            unique=True,
            sqlite_where=_WAITING,
            postgresql_where=_WAITING,
        ),
        Index(
            "ix_waitlist_line",
            "doctor_id",
            "created_at",
            sqlite_where=_WAITING,
            postgresql_where=_WAITING,
        ),
        Index("ix_waitlist_patient", "patient_id"),
    )

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    patient_id: Mapped[str] = mapped_column(ForeignKey("users.id"))
    holder: Mapped[str] = mapped_column(String(64))
    browser_hash: Mapped[str | None] = mapped_column(String(64))
    visitor_name: Mapped[str] = mapped_column(String(120))
    visitor_born_on: Mapped[date | None] = mapped_column(Date)
    visitor_key: Mapped[str] = mapped_column(String(160))
    booker_name: Mapped[str] = mapped_column(String(120))
    visitor_email: Mapped[str] = mapped_column(String(254))
    visitor_phone: Mapped[str] = mapped_column(String(32))
    locale: Mapped[str] = mapped_column(String(8))
    doctor_id: Mapped[int] = mapped_column(ForeignKey("doctors.id"))
    service_id: Mapped[int] = mapped_column(ForeignKey("services.id"))
    days: Mapped[list[Any]] = mapped_column(JSON)
    last_on: Mapped[date] = mapped_column(Date)
    part: Mapped[DayPart] = mapped_column(Word(DayPart))
    known_free: Mapped[list[Any]] = mapped_column(JSON)
    status: Mapped[WaitingStatus] = mapped_column(Word(WaitingStatus))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    form_token: Mapped[str | None] = mapped_column(String(64), unique=True)


class WaitlistOffer(Base):
    """One opened time, held for one person in line by a booking of its own."""

    __tablename__ = "waitlist_offers"
    __table_args__ = (
        CheckConstraint(one_of("status", OfferStatus), name="an_offer_has_a_known_status"),
        UniqueConstraint("entry_id", "starts_at", name="a_time_is_offered_once_to_each"),
        Index(
            "one_open_offer_per_person",
            "holder",
            unique=True,
            sqlite_where=_OPEN,
            postgresql_where=_OPEN,
        ),
    )

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    entry_id: Mapped[str] = mapped_column(ForeignKey("waitlist_entries.id"))
    booking_id: Mapped[str] = mapped_column(ForeignKey("bookings.id"), unique=True)
    holder: Mapped[str] = mapped_column(String(64))
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime)
    status: Mapped[OfferStatus] = mapped_column(Word(OfferStatus))
    offered_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
