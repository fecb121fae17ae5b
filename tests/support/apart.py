"""How does one story run in a process of its own, on a copy of the source, without a slow start?

A server that has the libraries imported, and nothing of ours, forks for each: the copy's modules
are read afresh, the libraries are not.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
from collections.abc import Mapping
from pathlib import Path

LIBRARIES = (
    "alembic.context",
    "argon2",
    "babel.dates",
    "cryptography.hazmat.primitives",
    "flask_babel",
    "flask_limiter",
    "flask_login",
    "flask_mail",
    "flask_migrate",
    "flask_sqlalchemy",
    "flask_wtf",
    "fpdf",
    "huey",
    "hypothesis",
    "icalendar",
    "prometheus_client",
    "psycopg",
    "pytest",
    "requests",
    "sqlalchemy.dialects.postgresql",
    "sqlalchemy.dialects.sqlite",
    "sqlalchemy.orm",
    "stripe",
    "structlog",
    "wtforms",
)


def run_apart(place: Path, arguments: list[str], environment: Mapping[str, str]) -> tuple[int, str]:
    """Run pytest in ``place`` with ``arguments``; its exit code and all that it said."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(list(LIBRARIES))
    said = place / "said.txt"
    child = context.Process(
        target=_child, args=(str(place), arguments, dict(environment), str(said))
    )
    child.start()
    child.join(timeout=120)
    if child.exitcode is None:
        child.kill()
        child.join()
    return child.exitcode or 0, said.read_text() if said.exists() else ""


def _child(place: str, arguments: list[str], environment: dict[str, str], said: str) -> None:
    with Path(said).open("w") as out:
        os.dup2(out.fileno(), 1)
        os.dup2(out.fileno(), 2)
    os.environ.update(environment)
    os.environ.pop("PYTEST_XDIST_WORKER", None)
    os.chdir(place)
    sys.path.insert(0, place)
    sys.argv = ["pytest", *arguments]
    import pytest

    sys.exit(int(pytest.main(arguments)))
