"""How does a migration change a check of a table that is full of rows?"""

from __future__ import annotations

from sqlalchemy import Connection, text


def replace_check(connection: Connection, table: str, name: str, before: str, after: str) -> None:
    """The check ``name`` of ``table`` reads ``after`` from now on; it read ``before``.

    SQLite cannot alter a check. Its own procedure for changes that touch no row is to rewrite the
    stored text of the table (sqlite.org/lang_altertable.html, "making other kinds of changes");
    copying a table to which others refer would break their foreign keys.
    """
    if connection.dialect.name == "sqlite":
        rewrite(connection, table, f"{name} CHECK ({before})", f"{name} CHECK ({after})")
        return
    connection.execute(text(f"ALTER TABLE {table} DROP CONSTRAINT {name}"))
    added = f"ALTER TABLE {table} ADD CONSTRAINT {name} CHECK ({after}) NOT VALID"
    connection.execute(text(added))
    connection.execute(text(f"ALTER TABLE {table} VALIDATE CONSTRAINT {name}"))


def rewrite(connection: Connection, table: str, before: str, after: str) -> None:
    """Replace a piece of a table's stored text (SQLite); raises LookupError where it is not."""
    found = "SELECT sql FROM sqlite_master WHERE type = 'table' AND name = :table"
    stored = connection.execute(text(found), {"table": table}).scalar_one()
    if stored.count(before) != 1:
        raise LookupError(f"{table} has no {before}")
    version = connection.exec_driver_sql("PRAGMA schema_version").scalar_one()
    connection.exec_driver_sql("PRAGMA writable_schema=ON")
    written = "UPDATE sqlite_master SET sql = :sql WHERE type = 'table' AND name = :table"
    connection.execute(text(written), {"sql": stored.replace(before, after), "table": table})
    connection.exec_driver_sql(f"PRAGMA schema_version={version + 1}")
    connection.exec_driver_sql("PRAGMA writable_schema=RESET")
