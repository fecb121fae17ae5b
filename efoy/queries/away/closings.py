"""How far is each closed time, and what became of each visit in it?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, func, select

from efoy.domain.closing import OPEN, Choice, ClosingSource, ClosingStatus, ItemStatus
from efoy.domain.errors import NotFound
from efoy.domain.money import Money
from efoy.models.base import reading
from efoy.models.booking import Booking
from efoy.models.clinic import Doctor, Service, TimeOff
from efoy.models.closing import DayClosing, DayClosingItem
from efoy.models.user import User

MOST_LISTED = 60
Counts = Mapping[ItemStatus, int]


@dataclass(frozen=True, kw_only=True)
class AwayRow:
    """One time off in a list, with how far its visits are."""

    id: int
    starts_at: datetime
    ends_at: datetime
    reason: str
    counts: Counts
    closing_id: str


@dataclass(frozen=True, kw_only=True)
class ClosingRow:
    """One closed time in a list; ``who`` closed it."""

    id: str
    doctor_name: str
    doctor_slug: str
    starts_at: datetime
    ends_at: datetime
    reason: str
    status: ClosingStatus
    source: ClosingSource
    who: str
    created_at: datetime
    time_off_id: int | None
    counts: Counts

    @property
    def total(self) -> int:
        """How many visits it is about."""
        return sum(self.counts.values())

    @property
    def to_go(self) -> int:
        """How many the worker has still to see to."""
        return self.counts.get(ItemStatus.WAITING, 0)


@dataclass(frozen=True, kw_only=True)
class ItemRow:
    """One visit of a closed time."""

    id: str
    ref: str
    visit_at: datetime
    starts_at: datetime
    visitor_name: str
    phone: str
    service_name: str
    price: Money
    choice: Choice
    status: ItemStatus
    problem: str
    answer_by: datetime | None
    changed_at: datetime

    @property
    def open(self) -> bool:
        """Whether somebody has still to decide, or the worker to act."""
        return self.status in OPEN


@dataclass(frozen=True, kw_only=True)
class ClosingPage:
    """One closed time with its visits, by the clock."""

    closing: ClosingRow
    items: Sequence[ItemRow]


@dataclass(frozen=True, kw_only=True)
class ClashPage:
    """One visit somebody must decide about."""

    item: ItemRow
    closing: ClosingRow
    clashes: bool


_OFF: Select[*tuple[Any, ...]] = select(
    TimeOff.id, TimeOff.starts_at, TimeOff.ends_at, TimeOff.reason
)


def time_off_of(doctor_id: int, *, now: datetime) -> tuple[Sequence[AwayRow], Sequence[AwayRow]]:
    """Time off that goes on or is to come, soonest first; and what is over, latest first."""
    query = _OFF.where(TimeOff.doctor_id == doctor_id).order_by(TimeOff.starts_at)
    with reading() as connection:
        found = [_away(connection, row) for row in connection.execute(query).all()]
    ahead = [row for row in found if row.ends_at > now]
    past = [row for row in reversed(found) if row.ends_at <= now]
    return ahead, past[:MOST_LISTED]


def one_time_off(time_off_id: int, doctor_id: int) -> AwayRow:
    """One time off of this doctor; another's is not found."""
    query = _OFF.where(TimeOff.id == time_off_id, TimeOff.doctor_id == doctor_id)
    with reading() as connection:
        row = connection.execute(query).first()
        if row is None:
            raise NotFound(f"time off {time_off_id}")
        return _away(connection, row)


def _away(connection: Connection, row: Row[Any]) -> AwayRow:
    mine = select(DayClosing.id).where(DayClosing.time_off_id == row.id)
    keys = list(connection.scalars(mine.order_by(DayClosing.created_at)))
    counts: Counter[ItemStatus] = Counter()
    for each in _counts(connection, keys).values():
        counts.update(each)
    return AwayRow(
        id=row.id,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        reason=row.reason,
        counts=counts,
        closing_id=keys[-1] if keys else "",
    )


def _counts(connection: Connection, keys: Sequence[str]) -> dict[str, Counts]:
    item = DayClosingItem
    query = select(item.closing_id, item.status, func.count()).where(item.closing_id.in_(keys))
    found: dict[str, dict[ItemStatus, int]] = {}
    for key, status, count in connection.execute(query.group_by(item.closing_id, item.status)):
        found.setdefault(key, {})[status] = count
    return dict(found)


_CLOSINGS: Select[*tuple[Any, ...]] = (
    select(
        DayClosing.id,
        Doctor.name.label("doctor_name"),
        Doctor.slug.label("doctor_slug"),
        DayClosing.starts_at,
        DayClosing.ends_at,
        DayClosing.reason,
        DayClosing.status,
        DayClosing.source,
        func.coalesce(User.name, "").label("who"),
        DayClosing.created_at,
        DayClosing.time_off_id,
    )
    .join(Doctor, Doctor.id == DayClosing.doctor_id)
    .outerjoin(User, User.id == DayClosing.actor_id)
)


def closings() -> Sequence[ClosingRow]:
    """The latest closed times, newest first."""
    query = _CLOSINGS.where(DayClosing.source != ClosingSource.CLASH)
    with reading() as connection:
        return _closings(connection, query.order_by(DayClosing.created_at.desc()))


def _closings(connection: Connection, query: Select[*tuple[Any, ...]]) -> list[ClosingRow]:
    rows = connection.execute(query.limit(MOST_LISTED)).mappings().all()
    counts = _counts(connection, [row["id"] for row in rows])
    return [ClosingRow(**row, counts=counts.get(row["id"], {})) for row in rows]


def closing_page(closing_id: str) -> ClosingPage:
    """One closed time with every visit in it. Raises NotFound."""
    with reading() as connection:
        found = _closings(connection, _CLOSINGS.where(DayClosing.id == closing_id))
        if not found:
            raise NotFound("closing")
        items = _items(connection, DayClosingItem.closing_id == closing_id)
    return ClosingPage(closing=found[0], items=items)


def clash_page(ref: str) -> ClashPage:
    """The newest item about a booking, with its closing. Raises NotFound where there is none."""
    with reading() as connection:
        items = _items(connection, Booking.ref == ref)
        if not items:
            raise NotFound(f"clash {ref}")
        item = max(items, key=lambda one: (one.open, one.changed_at))
        key = select(DayClosingItem.closing_id).where(DayClosingItem.id == item.id)
        closing = _closings(connection, _CLOSINGS.where(DayClosing.id == key.scalar_subquery()))[0]
    return ClashPage(item=item, closing=closing, clashes=item.open)


def _items(connection: Connection, which: Any) -> list[ItemRow]:
    item, visit = DayClosingItem, Booking
    query = (
        select(
            item.id,
            visit.ref,
            item.visit_at,
            visit.starts_at,
            visit.visitor_name,
            visit.visitor_phone.label("phone"),
            Service.name.label("service_name"),
            item.choice,
            item.status,
            item.problem,
            item.answer_by,
            item.changed_at,
            visit.price_minor,
            visit.currency,
        )
        .join(visit, visit.id == item.booking_id)
        .join(Service, Service.id == visit.service_id)
        .where(which)
        .order_by(item.visit_at, item.id)
    )
    rows = [dict(row) for row in connection.execute(query).mappings()]
    return [
        ItemRow(price=Money(row.pop("price_minor"), row.pop("currency")), **row) for row in rows
    ]
