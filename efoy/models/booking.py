"""Who has which time? The database refuses a second booking of one five-minute cell."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    Connection,
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    TextClause,
    bindparam,
    delete,
    literal_column,
    select,
    text,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from efoy.domain import slot
from efoy.domain.booking import LIVE, BookingStatus
from efoy.domain.money import Money
from efoy.domain.policy import Policy
from efoy.models.base import Base, posted
from efoy.models.types import UtcDateTime, Word, one_of


class Booking(Base):
    """A patient's claim on a time, with price, tax and refund rules as they stood when held.

    ``busy_until`` is the end of the visit and its buffer; ``window_*`` the opening hours it was
    offered in; ``place`` where it was offered (None: the doctor's usual place); ``arrived_at`` is
    when the patient came, whatever became of the visit; ``browser_hash`` lets the browser that
    made it see it without an account. ``holder`` is whose limits it counts towards: a signed-in
    patient's id, a guest's browser, none for the desk's; ``visitor_key`` tells the visitors of one
    booker apart, ``booker_name`` is empty for whoever books for themselves.
    ``made_by`` booked it at the desk, ``pay_by`` is how long its pay link keeps the time;
    ``overbooked_reason`` says why it stands beside another visit, ``free_reason`` why it is free.
    ``quoted_*``: what the patient was told comes back when they cancelled, and when that was said.
    """

    __tablename__ = "bookings"
    __table_args__ = (
        CheckConstraint(one_of("status", BookingStatus), name="a_booking_has_a_known_status"),
        CheckConstraint("starts_at < ends_at", name="a_visit_runs_forward"),
        CheckConstraint("ends_at <= busy_until", name="a_buffer_follows_the_visit"),
        CheckConstraint(
            "window_starts_at <= starts_at AND ends_at <= window_ends_at",
            name="a_visit_lies_in_opening_hours",
        ),
        CheckConstraint("price_minor >= 0", name="a_booked_price_is_not_negative"),
        CheckConstraint(
            "status <> 'held' OR hold_expires_at IS NOT NULL", name="a_hold_has_an_end"
        ),
        CheckConstraint("free_reason = '' OR price_minor = 0", name="a_free_visit_costs_nothing"),
        CheckConstraint(
            "overbooked_reason = '' OR made_by IS NOT NULL", name="an_overbooking_is_somebodys"
        ),
        Index(
            "ix_bookings_overbooked",
            "doctor_id",
            "starts_at",
            sqlite_where=text("overbooked_reason <> ''"),
            postgresql_where=text("overbooked_reason <> ''"),
        ),
        CheckConstraint("quoted_minor >= 0", name="a_quote_is_not_negative"),
        CheckConstraint(
            "(quoted_minor IS NULL) = (quoted_at IS NULL)", name="a_quote_has_its_time"
        ),
        Index("ix_bookings_doctor_day", "doctor_id", "starts_at"),
        Index("ix_bookings_patient", "patient_id", "starts_at"),
        Index("ix_bookings_day", "starts_at"),
        Index("ix_bookings_holder", "holder", "starts_at"),
        Index(
            "ix_bookings_holds",
            "hold_expires_at",
            sqlite_where=text("status = 'held'"),
            postgresql_where=text("status = 'held'"),
        ),
    )

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    ref: Mapped[str] = mapped_column(String(7), unique=True)
    patient_id: Mapped[str] = mapped_column(ForeignKey("users.id"))
    visitor_name: Mapped[str] = mapped_column(String(120))
    visitor_email: Mapped[str] = mapped_column(String(254))
    visitor_phone: Mapped[str] = mapped_column(String(32), default="")
    visitor_born_on: Mapped[date | None] = mapped_column(Date)
    visitor_key: Mapped[str] = mapped_column(String(160), default="me", server_default="me")
    booker_name: Mapped[str] = mapped_column(String(120), default="", server_default="")
    browser_hash: Mapped[str | None] = mapped_column(String(64))
    holder: Mapped[str | None] = mapped_column(String(64))
    locale: Mapped[str] = mapped_column(String(8), default="en")
    doctor_id: Mapped[int] = mapped_column(ForeignKey("doctors.id"))
    service_id: Mapped[int] = mapped_column(ForeignKey("services.id"))
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime)
    busy_until: Mapped[datetime] = mapped_column(UtcDateTime)
    window_starts_at: Mapped[datetime] = mapped_column(UtcDateTime)
    window_ends_at: Mapped[datetime] = mapped_column(UtcDateTime)
    zone: Mapped[str] = mapped_column(String(40))
    place: Mapped[str | None] = mapped_column(String(120))
    status: Mapped[BookingStatus] = mapped_column(Word(BookingStatus))
    held_at: Mapped[datetime] = mapped_column(UtcDateTime)
    hold_expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    hold_extended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    price_minor: Mapped[int] = mapped_column(Integer)
    currency: Mapped[str] = mapped_column(String(3))
    tax_label: Mapped[str] = mapped_column(String(60), default="")
    tax_basis_points: Mapped[int] = mapped_column(Integer, default=0)
    policy_json: Mapped[dict[str, Any]] = mapped_column("policy", JSON)
    reason: Mapped[str] = mapped_column(Text, default="")
    form_token: Mapped[str | None] = mapped_column(String(64), unique=True)
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    arrived_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    cancelled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    cancelled_by: Mapped[str | None] = mapped_column(String(16))
    cancel_reason: Mapped[str] = mapped_column(String(300), default="")
    quoted_minor: Mapped[int | None] = mapped_column(Integer)
    quoted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    calendar_sequence: Mapped[int] = mapped_column(Integer, default=0)
    made_by: Mapped[str | None] = mapped_column(ForeignKey("users.id"))
    pay_by: Mapped[datetime | None] = mapped_column(UtcDateTime)
    overbooked_reason: Mapped[str] = mapped_column(String(200), default="", server_default="")
    free_reason: Mapped[str] = mapped_column(String(200), default="", server_default="")

    @property
    def price(self) -> Money:
        """The price as it stood when the time was held."""
        return Money(self.price_minor, self.currency)

    @property
    def policy(self) -> Policy:
        """The refund rules as they stood when the time was held."""
        return Policy.from_json(self.policy_json)


class SlotClaim(Base):
    """One five-minute cell of one doctor, taken by one booking. The primary key is the promise."""

    __tablename__ = "slot_claims"

    doctor_id: Mapped[int] = mapped_column(ForeignKey("doctors.id"), primary_key=True)
    cell_at: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    booking_id: Mapped[str] = mapped_column(
        ForeignKey("bookings.id", deferrable=True, initially="DEFERRED"), index=True
    )


def claim(session: Session, booking_id: str, doctor_id: int, cells: Sequence[int]) -> bool:
    """Take every cell or none; False when another booking has one (cells counted from 1970).

    ``INSERT … ON CONFLICT DO NOTHING`` against the primary key is the decision; asking first
    would sell one time twice. On False the caller's transaction must roll back.
    """
    values: dict[str, Any] = {f"cell_{number}": cell for number, cell in enumerate(cells)}
    values |= {"doctor": doctor_id, "booking": booking_id}
    taken = session.connection().execute(_claiming(len(cells)), values)
    return len(taken.all()) == len(cells)


@cache
def _claiming(count: int) -> TextClause:
    """The statement for so many cells, in words that both databases know: SQLAlchemy compiles an
    insert of several rows anew each time, and this is asked for with every hold."""
    rows = ", ".join(f"(:doctor, :cell_{number}, :booking)" for number in range(count))
    return text(
        f"INSERT INTO slot_claims (doctor_id, cell_at, booking_id) VALUES {rows} "  # noqa: S608
        "ON CONFLICT DO NOTHING RETURNING cell_at"
    )


def visibly_taken(connection: Connection, doctor_id: int, cells: Sequence[int]) -> bool:
    """Whether somebody has one of the cells already: a hint for losers, never the decision."""
    mine = {"doctor": doctor_id, "first": cells[0], "last": cells[-1]}
    return connection.execute(_SEEN, mine).first() is not None


_SEEN = (
    select(SlotClaim.cell_at)
    .where(
        SlotClaim.doctor_id == bindparam("doctor"),
        SlotClaim.cell_at.between(bindparam("first"), bindparam("last")),
    )
    .limit(1)
)


def claim_again(session: Session, booking_id: str, doctor_id: int, cells: Sequence[int]) -> bool:
    """Like ``claim``, but a "no" leaves the caller's transaction alive (late money asks)."""
    with session.begin_nested() as savepoint:
        taken = claim(session, booking_id, doctor_id, cells)
        if not taken:
            savepoint.rollback()
    return taken


def claim_beside(
    session: Session, booking_id: str, doctor_id: int, cells: Sequence[int]
) -> tuple[int, set[str]]:
    """Take the cells nobody has; returns how many, and the bookings that have the others.

    Those keep their cells until this transaction ends: their rows are locked, so that whoever
    gives one up waits, then finds this booking and hands the cell on (``free_claims``).
    """
    wanted = (SlotClaim.doctor_id == doctor_id, SlotClaim.cell_at.in_(list(cells)))
    values: dict[str, Any] = {f"cell_{number}": cell for number, cell in enumerate(cells)}
    values |= {"doctor": doctor_id, "booking": booking_id}
    while True:
        session.execute(_claiming(len(cells)), values)
        query = select(SlotClaim.booking_id).where(*wanted).order_by(SlotClaim.cell_at)
        owners = list(session.scalars(query.with_for_update()))
        if len(owners) == len(cells):  # else one was given up between the two: take it now
            others = {owner for owner in owners if owner != booking_id}
            return owners.count(booking_id), others


def free_claims(session: Session, booking_id: str) -> None:
    """Give every cell of the booking back; a visit that stands beside it on purpose takes them on.

    So a cell is free only when no live visit lies in it, and the key alone says what is free.
    """
    query = delete(SlotClaim).where(SlotClaim.booking_id == booking_id)
    freed = session.execute(query.returning(SlotClaim.doctor_id, SlotClaim.cell_at))
    hand_on(session, booking_id, [(row.doctor_id, row.cell_at) for row in freed])
    posted(session, "opening", booking_id)  # somebody may be waiting for it


def hand_on(session: Session, booking_id: str, freed: Sequence[tuple[int, int]]) -> None:
    """Give cells (doctor, cell) that a booking left to the visits that stand beside it, if any."""
    for doctor_id in sorted({each for each, _ in freed}):
        left = sorted(cell for each, cell in freed if each == doctor_id)
        around = {
            "booking": booking_id,
            "doctor": doctor_id,
            "start": slot.cell_start(left[0]),
            "end": slot.cell_start(left[-1] + 1),
        }
        for heir in session.execute(_HEIRS, around).all():
            inherited = set(left).intersection(slot.cells(heir.starts_at, heir.busy_until))
            if inherited:
                claim(session, heir.id, doctor_id, sorted(inherited))


_HEIRS = (
    select(Booking.id, Booking.starts_at, Booking.busy_until)
    .where(
        Booking.doctor_id == bindparam("doctor"),
        Booking.overbooked_reason != literal_column("''"),
        Booking.id != bindparam("booking"),
        Booking.status.in_([literal_column(f"'{word}'") for word in sorted(LIVE)]),
        Booking.starts_at < bindparam("end", type_=UtcDateTime),
        Booking.busy_until > bindparam("start", type_=UtcDateTime),
    )
    .order_by(Booking.id)
    .with_for_update()
)
"""Locked: one that is being given up at the same moment inherits nothing."""
