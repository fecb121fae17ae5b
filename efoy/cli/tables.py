"""How does a database become empty again, and how is it filled without waiting for the disk?"""

from __future__ import annotations

from typing import Any

from flask_migrate import downgrade, upgrade
from sqlalchemy import event

from efoy.cli.guard import not_in_production
from efoy.models import db


def empty_tables() -> None:
    """Throw every row away. The append-only tables refuse DELETE, so the tables themselves go."""
    not_in_production()
    downgrade(revision="base")
    upgrade()


def do_not_wait_for_the_disk() -> None:
    """For the rest of this command: a power cut would cost the database that is being filled."""
    not_in_production()
    if db.engine.dialect.name == "sqlite":
        db.engine.dispose()
        event.listen(db.engine, "connect", _hurry)


def _hurry(connection: Any, _: Any) -> None:
    connection.execute("PRAGMA synchronous=OFF")
