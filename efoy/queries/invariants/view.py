"""How does one moment of the database look to a law? Plain SQL that both databases understand.

Three spellings are translated: ``epoch(x)`` is a column's instant in whole seconds,
``fact(x, 'a')`` a text out of a JSON column, ``{NAME}`` a list of status words of the domain.
Status words stand in the text itself: SQLite leaves a partial index alone that is asked for by a
bound value.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, bindparam, text

from efoy.domain import booking, closing, event, machine, outbox, payment, refund, waiting
from efoy.models.types import UtcDateTime

ROOM_KIB, USUAL_KIB = 256 * 1024, 2000
_EPOCH = re.compile(r"epoch\(([\w.]+)\)")
_FACT = re.compile(r"fact\(([\w.]+), '([\w,]+)'\)")


def _listed(words: Iterable[StrEnum]) -> str:
    return "(" + ", ".join(sorted(f"'{word}'" for word in words)) + ")"


def _edges(*tables: Any) -> str:
    pairs = {f"'{before}>{after}'" for table in tables for before, after in machine.edges(table)}
    return "(" + ", ".join(sorted(pairs)) + ")"


WORDS = {
    "{LIVE}": _listed(booking.LIVE),
    "{PAID_FOR}": _listed(booking.PAID_FOR),
    "{BOOKING}": _listed(booking.BookingStatus),
    "{PAYMENT}": _listed(payment.PaymentStatus),
    "{REFUND}": _listed(refund.RefundStatus),
    "{EVENT}": _listed(event.EventStatus),
    "{OUTBOX}": _listed(outbox.OutboxStatus),
    "{UNDECIDED}": _listed(payment.UNDECIDED),
    "{OVER}": _listed(refund.OVER),
    "{REFUND_FIRST}": _listed(refund.FIRST),
    "{BOOKING_EDGES}": _edges(booking.BOOKING),
    "{PAYMENT_EDGES}": _edges(payment.PAYMENT),
    "{REFUND_EDGES}": _edges(refund.REFUND),
    "{OPEN_ITEM}": _listed(closing.OPEN),
    "{CLOSING_EDGES}": _edges(closing.CLOSING),
    "{WAITING_EDGES}": _edges(waiting.WAITING),
    "{OFFER_EDGES}": _edges(waiting.OFFER),
    "{ITEM_EDGES}": _edges(closing.ITEM),
}


class View:
    """One read-only moment, with the present it is judged from."""

    def __init__(
        self,
        connection: Connection,
        *,
        now: datetime,
        at_rest: bool = False,
        whole_chain: bool = False,
    ) -> None:
        self.connection, self.now = connection, now
        self.at_rest, self.whole_chain = at_rest, whole_chain
        self.sqlite = connection.dialect.name == "sqlite"

    def rows(self, sql: str, **values: Any) -> Iterator[Any]:
        """The rows of a statement; instants among the values are bound as the columns keep them."""
        statement = text(self.translated(sql))
        for name, value in values.items():
            kind = UtcDateTime() if isinstance(value, datetime) else None
            statement = statement.bindparams(bindparam(name, value, type_=kind))
        yield from self.connection.execute(statement)

    def pairs(self, sql: str, **values: Any) -> Iterator[tuple[str, str]]:
        """(subject, sentence) for each row: the second column fills the sentence's place."""
        for row in self.rows(sql, **values):
            yield str(row[0]), str(row[1])

    def translated(self, sql: str) -> str:
        """The statement in this database's spelling."""
        for name, words in WORDS.items():
            sql = sql.replace(name, words)
        if self.sqlite:
            sql = _EPOCH.sub(r"CAST(strftime('%s', \1) AS INTEGER)", sql)
            return _FACT.sub(lambda m: f"json_extract({m[1]}, '{_sqlite_path(m[2])}')", sql)
        sql = _EPOCH.sub(r"CAST(FLOOR(EXTRACT(EPOCH FROM \1)) AS BIGINT)", sql)
        return _FACT.sub(r"(\1 #>> '{\2}')", sql)

    @contextmanager
    def room_to_sort(self) -> Iterator[None]:
        """A quarter of a gigabyte for SQLite while whole tables are sorted, given back after."""
        if not self.sqlite:
            yield
            return
        self.connection.exec_driver_sql(f"PRAGMA cache_size=-{ROOM_KIB}")
        yield
        self.connection.exec_driver_sql(f"PRAGMA cache_size=-{USUAL_KIB}")

    def ago(self, **span: float) -> datetime:
        """An instant before the present; at rest, the present itself: nothing may wait."""
        return self.now if self.at_rest else self.now - timedelta(**span)


def _sqlite_path(path: str) -> str:
    steps = (f"[{step}]" if step.isdigit() else f".{step}" for step in path.split(","))
    return "$" + "".join(steps)
