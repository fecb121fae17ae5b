"""Where does the next page of a list begin? After the last row, so that new rows never shift it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, or_, true


@dataclass(frozen=True, kw_only=True)
class Cursor:
    """The last row of a page in the order (instant, id), newest first."""

    at: datetime
    id: str


def after(
    cursor: Cursor | None, at: ColumnElement[datetime], key: ColumnElement[str]
) -> ColumnElement[bool]:
    """The condition that leaves what comes after the cursor."""
    if cursor is None:
        return true()
    return or_(at < cursor.at, and_(at == cursor.at, key < cursor.id))
