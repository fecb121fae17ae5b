"""For whom does a patient book besides themselves?"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Date, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from efoy.domain.visitor import BookedFor
from efoy.models.base import Base
from efoy.models.types import UtcDateTime, Word, one_of


class Visitor(Base):
    """A child or somebody else, kept on the account of whoever books for them."""

    __tablename__ = "visitors"
    __table_args__ = (
        CheckConstraint(one_of("kind", BookedFor), name="a_visitor_is_of_a_known_kind"),
        UniqueConstraint("user_id", "visitor_key", name="one_row_per_visitor"),
    )

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id"))
    kind: Mapped[BookedFor] = mapped_column(Word(BookedFor))
    name: Mapped[str] = mapped_column(String(120))
    born_on: Mapped[date] = mapped_column(Date)
    visitor_key: Mapped[str] = mapped_column(String(160))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
