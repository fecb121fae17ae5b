"""Which databases and which browser can the tests use on this machine?"""

import os
import shutil
import subprocess
from pathlib import Path

from runner.places import PYTHON

# The tests make databases of their own there and drop them; no other database is touched.
POSTGRES_CANDIDATES = ["postgresql:///postgres", "postgresql://127.0.0.1:5432/postgres"]
PROBE = """
import sys, psycopg
with psycopg.connect(sys.argv[1], connect_timeout=3) as connection:
    may = "select rolcreatedb or rolsuper from pg_roles where rolname = current_user"
    sys.exit(not connection.execute(may).fetchone()[0])
"""

CHROMIUM_NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]
CHROMIUM_PATHS = [
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
]


def find_postgres() -> str | None:
    """The address of a PostgreSQL server for tests: the one that is named, or one that answers.

    A named one that does not answer is none: `EFOY_TEST_POSTGRES_URL` is never second-guessed.
    """
    named = os.environ.get("EFOY_TEST_POSTGRES_URL")
    candidates = [named] if named else POSTGRES_CANDIDATES
    return next(filter(answers, candidates), None)


def answers(url: str) -> bool:
    """True when psycopg can connect there and may make databases."""
    plain = url.replace("postgresql+psycopg://", "postgresql://", 1)
    probe = subprocess.run([PYTHON, "-c", PROBE, plain], capture_output=True, check=False)
    return probe.returncode == 0


def find_chromium() -> str | None:
    """The path of a Chromium: EFOY_TEST_CHROMIUM, one that is installed, or playwright's own."""
    named = os.environ.get("EFOY_TEST_CHROMIUM")
    if named:
        return named if Path(named).exists() else None
    installed = filter(None, map(shutil.which, CHROMIUM_NAMES))
    elsewhere = (path for path in CHROMIUM_PATHS if Path(path).exists())
    return next(installed, None) or next(elsewhere, None) or downloaded_chromium()


def downloaded_chromium() -> str | None:
    """The Chromium that `playwright install chromium` put into the home directory."""
    browsers = Path.home() / ".cache" / "ms-playwright"
    found = sorted(browsers.glob("chromium-*/chrome-linux*/chrome"))
    return str(found[-1]) if found else None
