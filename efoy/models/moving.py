"""From where to where was a visit moved, or is it to be moved once the top-up is paid?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    String,
    delete,
    not_,
    select,
    text,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from efoy.domain.money import Money
from efoy.domain.moving import MoveStatus
from efoy.models.base import Base
from efoy.models.booking import SlotClaim, claim_again, hand_on
from efoy.models.types import UtcDateTime, Word, one_of

_PENDING = text("status = 'pending'")


class BookingMove(Base):
    """One move of one visit. While ``pending`` its booking has the cells of both times.

    ``from_*`` is where the visit was and what it cost; the rest is where it goes. ``payment_id`` is
    the top-up, ``back_minor`` what the clinic owes for a cheaper time; ``why`` says how a dropped
    one ended. ``sequence`` is the calendar's, raised by the move: it tells their order.
    """

    __tablename__ = "booking_moves"
    __table_args__ = (
        CheckConstraint(one_of("status", MoveStatus), name="a_move_has_a_known_status"),
        CheckConstraint("starts_at < ends_at", name="a_moved_visit_runs_forward"),
        CheckConstraint(
            "price_minor >= 0 AND from_price_minor >= 0", name="a_moved_price_is_not_negative"
        ),
        CheckConstraint(
            "status <> 'pending' OR payment_id IS NOT NULL", name="a_pending_move_has_its_top_up"
        ),
        Index(
            "one_pending_move_per_booking",
            "booking_id",
            unique=True,
            sqlite_where=_PENDING,
            postgresql_where=_PENDING,
        ),
        Index("ix_booking_moves_booking", "booking_id"),
    )

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    booking_id: Mapped[str] = mapped_column(ForeignKey("bookings.id"))
    status: Mapped[MoveStatus] = mapped_column(Word(MoveStatus))
    from_doctor_id: Mapped[int] = mapped_column(ForeignKey("doctors.id"))
    from_starts_at: Mapped[datetime] = mapped_column(UtcDateTime)
    from_ends_at: Mapped[datetime] = mapped_column(UtcDateTime)
    from_price_minor: Mapped[int] = mapped_column(Integer)
    doctor_id: Mapped[int] = mapped_column(ForeignKey("doctors.id"))
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime)
    busy_until: Mapped[datetime] = mapped_column(UtcDateTime)
    window_starts_at: Mapped[datetime] = mapped_column(UtcDateTime)
    window_ends_at: Mapped[datetime] = mapped_column(UtcDateTime)
    place: Mapped[str | None] = mapped_column(String(120))
    price_minor: Mapped[int] = mapped_column(Integer)
    currency: Mapped[str] = mapped_column(String(3))
    tax_label: Mapped[str] = mapped_column(String(60), default="")
    tax_basis_points: Mapped[int] = mapped_column(Integer, default=0)
    back_minor: Mapped[int] = mapped_column(Integer, default=0)
    moved_by: Mapped[str] = mapped_column(String(16))
    payment_id: Mapped[str | None] = mapped_column(ForeignKey("payments.id"), unique=True)
    form_token: Mapped[str | None] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    sequence: Mapped[int | None] = mapped_column(Integer)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    why: Mapped[str] = mapped_column(String(24), default="")

    @property
    def difference(self) -> Money:
        """What the new time costs more than the old one; negative where it is cheaper."""
        return Money(self.price_minor - self.from_price_minor, self.currency)


def pending_move(session: Session, booking_id: str) -> BookingMove | None:
    """The move of this booking that waits for its top-up (the booking is locked)."""
    query = select(BookingMove).where(BookingMove.booking_id == booking_id, _PENDING)
    return session.scalar(query.execution_options(populate_existing=True))


def claim_besides(session: Session, booking_id: str, doctor_id: int, cells: Sequence[int]) -> bool:
    """Take every cell that the booking does not have yet, or none of them.

    Old and new time may share cells. The booking must be locked; a "no" leaves the caller's
    transaction alive.
    """
    mine = session.scalars(
        select(SlotClaim.cell_at).where(
            SlotClaim.booking_id == booking_id, SlotClaim.doctor_id == doctor_id
        )
    )
    missing = sorted(set(cells) - set(mine))
    return not missing or claim_again(session, booking_id, doctor_id, missing)


def free_all_but(session: Session, booking_id: str, doctor_id: int, cells: Sequence[int]) -> None:
    """Give back every cell of the booking outside these (the booking is locked)."""
    kept = (SlotClaim.doctor_id == doctor_id) & SlotClaim.cell_at.between(cells[0], cells[-1])
    query = delete(SlotClaim).where(SlotClaim.booking_id == booking_id, not_(kept))
    freed = session.execute(query.returning(SlotClaim.doctor_id, SlotClaim.cell_at))
    hand_on(session, booking_id, [(row.doctor_id, row.cell_at) for row in freed])
