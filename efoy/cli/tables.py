"""How does a database become empty again? Tables dropped, and built anew by the migrations."""

from __future__ import annotations

from flask_migrate import downgrade, upgrade

from efoy.cli.guard import not_in_production


def empty_tables() -> None:
    """Throw every row away. The append-only tables refuse DELETE, so the tables themselves go."""
    not_in_production()
    downgrade(revision="base")
    upgrade()
