"""How does a patient want money back that could not reach the card?"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from efoy.domain.refund_way import Wish
from efoy.models.base import Base
from efoy.models.types import UtcDateTime, Word


class RefundWish(Base):
    """One question to the patient about one failed refund, and the answer once it is there."""

    __tablename__ = "refund_wishes"
    __table_args__ = (UniqueConstraint("refund_id", name="one_wish_per_refund"),)

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    refund_id: Mapped[str] = mapped_column(ForeignKey("refunds.id"))
    asked_by: Mapped[str] = mapped_column(ForeignKey("users.id"))
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    choice: Mapped[Wish | None] = mapped_column(Word(Wish))
    phone: Mapped[str] = mapped_column(String(32), default="")
    words: Mapped[str] = mapped_column(String(500), default="")
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
