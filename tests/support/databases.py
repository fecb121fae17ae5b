"""On which databases do the tests run? Both, built by the migrations, emptied between tests."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError

from efoy.models import Base

WANTED = os.environ.get("EFOY_TEST_DATABASES", "sqlite,postgresql").split(",")
LOCAL = ("postgresql:///postgres", "postgresql://127.0.0.1:5432/postgres")


def server() -> str | None:
    """A PostgreSQL server that answers: the one the environment names, or a local one."""
    named = os.environ.get("EFOY_TEST_POSTGRES_URL")
    for url in [named] if named else LOCAL:
        engine = create_engine(url, connect_args={"connect_timeout": 3})
        try:
            with engine.connect():
                return url
        except OperationalError:
            continue
        finally:
            engine.dispose()
    return None


def own_database(name: str) -> str:
    """A fresh PostgreSQL database of that name on the server; returns its URL."""
    url = server()
    assert url, "no PostgreSQL answers"
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))
        connection.execute(text(f'CREATE DATABASE "{name}"'))
    engine.dispose()
    return make_url(url).set(database=name).render_as_string(hide_password=False)


def drop_database(name: str) -> None:
    """Take the database away again."""
    engine = create_engine(server() or "", isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))
    engine.dispose()


def empty(engine) -> None:
    """Remove every row, past the append-only triggers and in any order: for tests alone.

    TRUNCATE would do it everywhere, but makes new files for each table and index: half a second.
    """
    names = [table.name for table in Base.metadata.sorted_tables]
    with engine.begin() as connection:
        if connection.scalar(text("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")):
            connection.execute(text("SET LOCAL session_replication_role = replica"))
            for name in names:
                connection.execute(text(f'DELETE FROM "{name}"'))
        else:
            listed = ", ".join(f'"{name}"' for name in names)
            connection.execute(text(f"TRUNCATE {listed} RESTART IDENTITY CASCADE"))


def copy_sqlite(template: Path, to: Path) -> str:
    """A copy of the migrated file; returns its URL."""
    for left in ("-journal", "-wal", "-shm"):
        to.with_name(to.name + left).unlink(missing_ok=True)
    shutil.copyfile(template, to)
    return f"sqlite:///{to}"
