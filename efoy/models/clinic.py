"""What does the clinic offer: who, what, where, when, for how much?"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    false,
    true,
)
from sqlalchemy.orm import Mapped, mapped_column

from efoy.domain.policy import ApprovalMode
from efoy.models.base import Base
from efoy.models.types import UtcDateTime, Word, one_of


class Clinic(Base):
    """The one clinic of this deployment.

    ``refund_limit_minor``: a refund above it needs a second person; None for no limit.
    """

    __tablename__ = "clinic"
    __table_args__ = (
        CheckConstraint("id = 1", name="there_is_one_clinic"),
        CheckConstraint("refund_limit_minor >= 0", name="a_clinics_limit_is_not_negative"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(String(80))
    address: Mapped[str] = mapped_column(String(200))
    directions: Mapped[str] = mapped_column(String(300), default="")
    phone: Mapped[str] = mapped_column(String(32))
    phone_hours: Mapped[str] = mapped_column(String(80), default="")
    email: Mapped[str] = mapped_column(String(254))
    emergency_number: Mapped[str] = mapped_column(String(16), default="911")
    zone: Mapped[str] = mapped_column(String(40))
    zone_label: Mapped[str] = mapped_column(String(40), default="")
    currency: Mapped[str] = mapped_column(String(3))
    country: Mapped[str] = mapped_column(String(2), default="US")
    statement_name: Mapped[str] = mapped_column(String(22))
    tax_text: Mapped[str] = mapped_column(String(120), default="")
    doctors_see_totals: Mapped[bool] = mapped_column(default=False, server_default=false())
    refund_limit_minor: Mapped[int | None] = mapped_column(Integer)
    colour: Mapped[str] = mapped_column(String(7), default="", server_default="")
    logo_hash: Mapped[str | None] = mapped_column(ForeignKey("pictures.hash"))


class Specialty(Base):
    """What a doctor is a doctor of, in plain and in learned words."""

    __tablename__ = "specialties"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    slug: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(60))
    short_name: Mapped[str] = mapped_column(String(40))
    search_words: Mapped[str] = mapped_column(String(300), default="")
    position: Mapped[int] = mapped_column(Integer, default=0)


class RefundPolicy(Base):
    """One version of one set of refund rules; bookings keep their own copy.

    ``first_id`` is the first version of the same rules, null on that one itself.
    """

    __tablename__ = "refund_policies"
    __table_args__ = (
        CheckConstraint(one_of("approval_mode", ApprovalMode), name="rules_are_approved_or_not"),
        Index("one_row_per_version", "first_id", "version", unique=True),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    name: Mapped[str] = mapped_column(String(60))
    version: Mapped[int] = mapped_column(Integer, default=1)
    rungs: Mapped[list[Any]] = mapped_column(JSON)
    approval_mode: Mapped[ApprovalMode] = mapped_column(
        Word(ApprovalMode), default=ApprovalMode.APPROVAL, server_default="approval"
    )
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    first_id: Mapped[int | None] = mapped_column(ForeignKey("refund_policies.id"))


class Doctor(Base):
    """Someone patients can book.

    ``hours_version`` rises with every change of hours, extra hours and time off (under a lock of
    this row): two editors do not overwrite each other, and a hold that began before the change
    looks again.
    """

    __tablename__ = "doctors"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    slug: Mapped[str] = mapped_column(String(60), unique=True)
    name: Mapped[str] = mapped_column(String(80))
    specialty_id: Mapped[int] = mapped_column(ForeignKey("specialties.id"), index=True)
    user_id: Mapped[str | None] = mapped_column(ForeignKey("users.id"), unique=True)
    languages: Mapped[str] = mapped_column(String(120), default="")
    place: Mapped[str] = mapped_column(String(120), default="")
    about: Mapped[str] = mapped_column(Text, default="")
    licence: Mapped[str] = mapped_column(String(80), default="")
    active: Mapped[bool] = mapped_column(default=True, server_default=true())
    removed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    hours_version: Mapped[int] = mapped_column(Integer, default=0, server_default="0")


class Service(Base):
    """A kind of visit: its length, its price, when and under which rules it is booked."""

    __tablename__ = "services"
    __table_args__ = (
        CheckConstraint("minutes > 0 AND minutes <= 480", name="a_visit_has_a_length"),
        CheckConstraint("buffer_minutes >= 0", name="a_buffer_is_not_negative"),
        CheckConstraint("price_minor >= 0", name="a_price_is_not_negative"),
        CheckConstraint(
            "tax_basis_points >= 0 AND tax_basis_points < 10000", name="a_tax_is_a_share"
        ),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    slug: Mapped[str] = mapped_column(String(60), unique=True)
    name: Mapped[str] = mapped_column(String(80))
    detail: Mapped[str] = mapped_column(String(160), default="")
    mode: Mapped[str] = mapped_column(String(16), default="clinic")
    minutes: Mapped[int] = mapped_column(Integer)
    buffer_minutes: Mapped[int] = mapped_column(Integer, default=0)
    notice_minutes: Mapped[int] = mapped_column(Integer, default=60)
    horizon_days: Mapped[int] = mapped_column(Integer, default=60)
    price_minor: Mapped[int] = mapped_column(Integer)
    currency: Mapped[str] = mapped_column(String(3))
    tax_label: Mapped[str] = mapped_column(String(60), default="")
    tax_basis_points: Mapped[int] = mapped_column(Integer, default=0)
    policy_id: Mapped[int] = mapped_column(ForeignKey("refund_policies.id"))
    position: Mapped[int] = mapped_column(Integer, default=0)
    active: Mapped[bool] = mapped_column(default=True, server_default=true())


class DoctorService(Base):
    """Which doctor offers which service, perhaps at a price of their own."""

    __tablename__ = "doctor_services"
    __table_args__ = (
        CheckConstraint("price_minor IS NULL OR price_minor >= 0", name="an_own_price_is_one"),
    )

    doctor_id: Mapped[int] = mapped_column(ForeignKey("doctors.id"), primary_key=True)
    service_id: Mapped[int] = mapped_column(ForeignKey("services.id"), primary_key=True)
    price_minor: Mapped[int | None] = mapped_column(Integer)


class OpeningHours(Base):
    """One stretch of a weekday (0 is Monday), wall-clock minutes after midnight.

    ``break_*`` is a pause in it; ``place`` is where (empty: the doctor's usual place);
    ``service_ids`` the services it is kept for, comma separated (empty: all the doctor offers).
    """

    __tablename__ = "opening_hours"
    __table_args__ = (
        CheckConstraint("weekday BETWEEN 0 AND 6", name="a_weekday_is_one_of_seven"),
        CheckConstraint(
            "from_minute >= 0 AND from_minute < to_minute AND to_minute <= 1440",
            name="hours_run_forward",
        ),
        CheckConstraint(
            "(break_from IS NULL) = (break_to IS NULL) AND (break_from IS NULL OR"
            " (from_minute < break_from AND break_from < break_to AND break_to < to_minute))",
            name="a_break_lies_in_its_hours",
        ),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    doctor_id: Mapped[int] = mapped_column(ForeignKey("doctors.id"), index=True)
    weekday: Mapped[int] = mapped_column(Integer)
    from_minute: Mapped[int] = mapped_column(Integer)
    to_minute: Mapped[int] = mapped_column(Integer)
    valid_from: Mapped[date | None] = mapped_column(Date)
    valid_to: Mapped[date | None] = mapped_column(Date)
    break_from: Mapped[int | None] = mapped_column(Integer)
    break_to: Mapped[int | None] = mapped_column(Integer)
    place: Mapped[str] = mapped_column(String(120), default="", server_default="")
    service_ids: Mapped[str] = mapped_column(String(400), default="", server_default="")


class TimeOff(Base):
    """When the doctor is away."""

    __tablename__ = "time_off"
    __table_args__ = (CheckConstraint("starts_at < ends_at", name="time_off_runs_forward"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    doctor_id: Mapped[int] = mapped_column(ForeignKey("doctors.id"), index=True)
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime)
    reason: Mapped[str] = mapped_column(String(120), default="")


class ExtraHours(Base):
    """When the doctor is there beside the weekly hours; ``place`` and ``service_ids`` as there."""

    __tablename__ = "extra_hours"
    __table_args__ = (CheckConstraint("starts_at < ends_at", name="extra_hours_run_forward"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    doctor_id: Mapped[int] = mapped_column(ForeignKey("doctors.id"), index=True)
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime)
    place: Mapped[str] = mapped_column(String(120), default="", server_default="")
    service_ids: Mapped[str] = mapped_column(String(400), default="", server_default="")
