"""Which rows stand on this page? Pages begin after a row, so that new rows never shift them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, Select, and_, or_

PAGE = 20


@dataclass(frozen=True, kw_only=True)
class Mark:
    """A row between two pages: its instant, its id, and how many rows of the list come before it.

    ``back``: the page ends before this row instead of beginning after it.
    """

    at: datetime
    id: str
    position: int
    back: bool = False


@dataclass(frozen=True, kw_only=True)
class Leaf:
    """One page of a list: its rows, which ones of how many, and the marks of its neighbours."""

    rows: Sequence[RowMapping]
    first: int
    last: int
    total: int
    previous: Mark | None
    next: Mark | None


def leaf(
    connection: Connection,
    query: Select[*tuple[Any, ...]],
    *,
    at: ColumnElement[datetime],
    key: ColumnElement[str],
    mark: Mark | None,
    total: int,
    newest_first: bool = True,
) -> Leaf:
    """One page in the order of (``at``, ``key``), beside ``mark`` or at the beginning.

    ``query`` must give the two columns the labels ``at`` and ``id``.
    """
    back = mark is not None and mark.back
    down = newest_first is not back
    if mark is not None:
        query = query.where(_beyond(at, key, mark, down=down))
    order = (at.desc(), key.desc()) if down else (at.asc(), key.asc())
    rows = connection.execute(query.order_by(*order).limit(PAGE)).mappings().all()
    if back:
        rows = rows[::-1]
    first = _first(mark, len(rows))
    return _leaf(rows, first, total)


def _beyond(
    at: ColumnElement[datetime], key: ColumnElement[str], mark: Mark, *, down: bool
) -> ColumnElement[bool]:
    if down:
        return or_(at < mark.at, and_(at == mark.at, key < mark.id))
    return or_(at > mark.at, and_(at == mark.at, key > mark.id))


def _first(mark: Mark | None, count: int) -> int:
    """The place in the whole list of the first row here, counted from 1."""
    if mark is None:
        return 1
    return max(1, mark.position - count + 1) if mark.back else mark.position + 1


def _leaf(rows: Sequence[RowMapping], first: int, total: int) -> Leaf:
    last = first + len(rows) - 1
    return Leaf(
        rows=rows,
        first=first if rows else 0,
        last=last if rows else 0,
        total=total,
        previous=_mark(rows[0], first - 1, back=True) if rows and first > 1 else None,
        next=_mark(rows[-1], last, back=False) if rows and last < total else None,
    )


def _mark(row: RowMapping, position: int, *, back: bool) -> Mark:
    return Mark(at=row["at"], id=row["id"], position=position, back=back)
