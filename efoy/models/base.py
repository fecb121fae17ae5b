"""Where does a transaction begin and end? Here, and nowhere else."""

from __future__ import annotations

import secrets
import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from contextvars import ContextVar
from functools import cache
from typing import Any, TypeVar

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import (
    Connection,
    Engine,
    MetaData,
    Select,
    bindparam,
    create_engine,
    event,
    insert,
    select,
    text,
)
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.pool import QueuePool

from efoy.domain.errors import DatabaseBusy, NotFound
from efoy.failpoints import failpoint

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
FIRST_SOUND_WAL = (3, 51, 3)
"""Older SQLite builds can corrupt a database in WAL mode (sqlite.org/wal.html, WAL-reset bug)."""
BUSY_MILLISECONDS = 20_000


class Base(DeclarativeBase):
    """The parent of every table."""

    metadata = MetaData(naming_convention=NAMING)


db = SQLAlchemy(metadata=Base.metadata, disable_autonaming=True)
Row = TypeVar("Row", bound=Base)
Posted = tuple[str, str]
_open: ContextVar[str | None] = ContextVar("open_transaction", default=None)
_turn = threading.Lock()
_announce: Callable[[list[Posted]], None] | None = None


def new_id() -> str:
    """A random id of 128 bits, in 26 letters and digits."""
    number = secrets.randbits(128)
    digits = []
    for _ in range(26):
        number, digit = divmod(number, 32)
        digits.append("0123456789abcdefghjkmnpqrstvwxyz"[digit])
    return "".join(digits)


def open_transaction() -> str | None:
    """The name of the transaction this thread has open, if any: no remote call may see one."""
    return _open.get()


def announce_with(callback: Callable[[list[Posted]], None] | None) -> None:
    """After each commit ``callback`` gets the (kind, id) pairs posted in it: wake the worker."""
    global _announce  # one engine per process, set by the assembly
    _announce = callback


@contextmanager
def transaction(story: str) -> Iterator[Session]:
    """One transaction, named after its story; commits at the end, rolls back on any error.

    Refuses to nest. Raises :class:`DatabaseBusy` when the database cannot be had.
    """
    if _open.get() is not None:
        raise RuntimeError(f"{story} inside {_open.get()}")
    token = _open.set(story)
    try:
        with _one_writer(), Session(db.engine, expire_on_commit=False) as session:
            yield session
            session.flush()
            for table, rows in session.info.pop("last", {}).items():
                session.execute(_adding(table), rows)
            failpoint(f"{story}.before_commit")
            session.commit()
            posted: list[Posted] = session.info.pop("posted", [])
        failpoint(f"{story}.after_commit")
    except (OperationalError, PoolTimeout) as error:
        raise DatabaseBusy(story) from error
    finally:
        _open.reset(token)
    if posted and _announce is not None:
        _announce(posted)


def _one_writer() -> Any:
    """SQLite has one writer at a time: threads queue here instead of polling the file."""
    return _turn if db.engine.dialect.name == "sqlite" else nullcontext()


@contextmanager
def reading() -> Iterator[Connection]:
    """A connection for plain reads, each statement on its own; given back at once.

    Nothing may be written through it.
    """
    try:
        with _reader(db.engine).connect() as connection:
            yield connection
    except (OperationalError, PoolTimeout) as error:
        raise DatabaseBusy("reading") from error


@contextmanager
def snapshot() -> Iterator[Connection]:
    """A connection that sees one moment of the database, for checks and exports."""
    sqlite = db.engine.dialect.name == "sqlite"
    options: dict[str, Any] = (
        {"efoy_begin": "BEGIN"} if sqlite else {"isolation_level": "REPEATABLE READ"}
    )
    with db.engine.execution_options(**options).connect() as connection:
        yield connection


def _reader(engine: Engine) -> Engine:
    """The same engine for single statements; made once for each, for it is asked for all day."""
    known: Engine | None = vars(engine).get("efoy_reader")
    if known is None:
        sqlite = engine.dialect.name == "sqlite"
        made = engine.execution_options(efoy_begin="") if sqlite else _single_statements(engine)
        known = vars(engine)["efoy_reader"] = made
    return known


def _single_statements(engine: Engine) -> Engine:
    """Connections that stay in autocommit: changing it there and back costs half a read."""
    size = engine.pool.size() if isinstance(engine.pool, QueuePool) else 5
    limits: dict[str, Any] = {"pool_size": size, "max_overflow": 0, "pool_timeout": 15}
    made = create_engine(engine.url, isolation_level="AUTOCOMMIT", **limits)
    event.listen(engine, "engine_disposed", lambda _: made.dispose())
    return made


def lock(session: Session, table: type[Row], key: Any) -> Row:
    """The row, locked until the transaction ends and read afresh.

    Order everywhere: payment, then booking, then refund. Raises :class:`NotFound`.
    """
    row: Row | None = session.scalars(_locking(table), {"key": key}).one_or_none()
    if row is None:
        raise NotFound(f"{table.__tablename__} {key}")
    return row


def lock_all(session: Session, table: type[Row], keys: Sequence[Any]) -> list[Row]:
    """The rows of those keys, in order of key, all locked and read afresh; missing ones are not."""
    key = table.__mapper__.primary_key[0]
    query = select(table).where(key.in_(sorted(set(keys)))).order_by(key).with_for_update()
    return list(session.scalars(query.execution_options(populate_existing=True)))


def lock_name(session: Session, name: str) -> None:
    """Let nobody else in who locks the same name, until the transaction ends.

    For what has no row of its own. SQLite has one writer anyway.
    """
    if session.get_bind().dialect.name != "sqlite":
        session.execute(_NAMED, {"name": name})


_NAMED = text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))")


@cache
def _locking(table: type[Base]) -> Select[Any]:
    key = table.__mapper__.primary_key[0]
    query = select(table).where(key == bindparam("key", type_=key.type)).with_for_update()
    return query.execution_options(populate_existing=True)


def write_last(session: Session, table: Any, row: dict[str, Any]) -> None:
    """Write a plain row at the end of the transaction, in one statement with its like."""
    session.info.setdefault("last", {}).setdefault(table, []).append(row)


@cache
def _adding(table: Any) -> Any:
    return insert(table).inline()


def posted(session: Session, kind: str, key: str) -> None:
    """Remember to wake the worker for this row once the transaction is committed."""
    session.info.setdefault("posted", []).append((kind, key))


def prepare_engine(engine: Engine) -> None:
    """Teach SQLite its manners: foreign keys, patience, durable commits, IMMEDIATE writers."""
    if engine.dialect.name != "sqlite":
        return
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)


def _prepare_sqlite(connection: sqlite3.Connection, _: Any) -> None:
    connection.isolation_level = None
    mode = "WAL" if sqlite3.sqlite_version_info >= FIRST_SOUND_WAL else "DELETE"
    for pragma in (
        f"busy_timeout={BUSY_MILLISECONDS}",
        "foreign_keys=ON",
        f"journal_mode={mode}",
        "synchronous=FULL",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    """IMMEDIATE: a late upgrade from reading to writing fails at once, time-out or not."""
    statement = connection.get_execution_options().get("efoy_begin", "BEGIN IMMEDIATE")
    if statement:
        connection.exec_driver_sql(statement)
