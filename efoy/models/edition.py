"""Has what the clinic offers changed? One number says so: the rest need not be read all day.

Triggers of the database write a new random number with every change of a doctor, a service, a fee,
a rule or an hour, in the change's own transaction, whoever makes it. What was read under a number
may be kept for as long as the number is the same: it is never stale, in no process.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import BigInteger, CheckConstraint, Connection, Integer, bindparam, func, select
from sqlalchemy.orm import Mapped, mapped_column

from efoy.models.base import Base
from efoy.models.price import ServicePrice
from efoy.models.types import UtcDateTime

MOST = 2_000
"""Readings kept of one edition; past them everything is read afresh, as before."""
Reading = TypeVar("Reading")


class Edition(Base):
    """The number of what is offered now: one row, written by triggers only."""

    __tablename__ = "editions"
    __table_args__ = (CheckConstraint("id = 1", name="there_is_one_edition"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(BigInteger)


@dataclass(frozen=True)
class Shelf:
    """What was read of one edition so far; without a number nothing is kept."""

    stamp: tuple[Any, ...] | None
    read: dict[Hashable, Any]

    def get(self, key: Hashable, read: Callable[[], Reading]) -> Reading:
        """What ``read`` returned for this key before, or returns now. It must not be changed."""
        if self.stamp is None:
            return read()
        found: Reading | None = self.read.get(key)
        if found is None:
            found = read()
            if len(self.read) < MOST:
                self.read[key] = found
        return found


EMPTY = Shelf(None, {})
"""For readers inside a transaction: they read what is there."""
_newest = EMPTY
_STAMP = select(
    Edition.number,
    select(func.max(ServicePrice.starts_at))
    .where(ServicePrice.starts_at <= bindparam("now", type_=UtcDateTime))
    .scalar_subquery(),
).where(Edition.id == 1)


def shelf(connection: Connection, now: datetime) -> Shelf:
    """What is known of the offers of this moment: the edition, and the fees that have begun."""
    global _newest  # one shelf a process: older editions are nobody's any more
    row = connection.execute(_STAMP, {"now": now}).one_or_none()
    if row is None:
        return EMPTY
    stamp = tuple(row)
    known = _newest
    if known.stamp != stamp:
        known = _newest = Shelf(stamp, {})
    return known
