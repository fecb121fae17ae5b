"""How do many rows get into a table at once? COPY on PostgreSQL, plain tuples on SQLite."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.orm import Session

Values = Sequence[Any]
_AS_THEY_ARE = frozenset({str, int, bool, type(None)})


def insert_many(
    session: Session, table: str, columns: Sequence[str], rows: Iterable[Values]
) -> None:
    """Write the rows in the caller's transaction. Names come from this package alone."""
    named = ", ".join(columns)
    if session.get_bind().dialect.name == "postgresql":
        _copy(session, f"COPY {table} ({named}) FROM STDIN", rows)
        return
    marks = ", ".join("?" for _ in columns)
    kept = [tuple(_sqlite(value) for value in row) for row in rows]
    if kept:
        sql = f"INSERT INTO {table} ({named}) VALUES ({marks})"  # noqa: S608  # names of ours
        session.connection().exec_driver_sql(sql, kept)


def _copy(session: Session, sql: str, rows: Iterable[Values]) -> None:
    raw: Any = session.connection().connection
    with raw.cursor().copy(sql) as copy:
        for row in rows:
            copy.write_row([_plain(value) for value in row])


def _plain(value: Any) -> Any:
    if type(value) in _AS_THEY_ARE:
        return value
    return json.dumps(value) if isinstance(value, dict | list) else value


def _sqlite(value: Any) -> Any:
    """As the columns keep it: instants without zone, in UTC; JSON as text."""
    if type(value) in _AS_THEY_ARE:
        return value
    if isinstance(value, datetime):
        return value.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")
    return _plain(value)


class Shelf:
    """Rows waiting for their table, written together in the order the tables were named."""

    def __init__(self, **tables: Sequence[str]) -> None:
        self._columns = tables
        self._rows: dict[str, list[Values]] = {name: [] for name in tables}

    def add(self, table: str, *values: Any) -> None:
        """One row."""
        self._rows[table].append(values)

    def write(self, session: Session, translate: Callable[[str], str] = str) -> None:
        """Everything on the shelf, table by table; then the shelf is empty."""
        for table, rows in self._rows.items():
            insert_many(session, translate(table), self._columns[table], rows)
            rows.clear()
