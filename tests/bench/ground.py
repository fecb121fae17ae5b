"""On which data is measured? A database of its own each time, made by the commands of Efoy."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from runner.places import PYTHON, ROOT
from runner.web_server import flask_command
from tests.support import databases

SECRET = "whsec_of_the_benchmarks"
DOCTORS = 50
SERVICE = "load-visit"


@dataclass(frozen=True, kw_only=True)
class Ground:
    """One database with load data, and the settings that lead Efoy to it."""

    kind: str
    url: str
    folder: Path
    stripe: str

    @property
    def environment(self) -> dict[str, str]:
        """Settings as in production, but for a stand-in at Stripe's place and no rate limit."""
        return {
            "EFOY_ENV": "development",
            "SECRET_KEY": "benchmarks-have-no-secrets-but-need-a-long-key",
            "DATABASE_URL": self.url,
            "QUEUE_URL": f"sqlite:////{self.folder}/queue.sqlite3",
            "BASE_URL": "http://127.0.0.1:8000",
            "STRIPE_SECRET_KEY": "sk_test_benchmarks",
            "STRIPE_PUBLISHABLE_KEY": "pk_test_benchmarks",
            "STRIPE_WEBHOOK_SECRET": SECRET,
            "STRIPE_API_BASE": self.stripe,
            "STRIPE_CHECKOUT_HOST": self.stripe,
            "RATELIMIT_ENABLED": "false",
            "LOG_LEVEL": "INFO",
            "FLOOR_DATABASE": self.url,
            "FLOOR_STRIPE": self.stripe,
            "FLOOR_SECRET": SECRET,
        }

    @property
    def log(self) -> Path:
        """Where the servers write."""
        return self.folder / "server.log"

    def flask(self, *arguments: str) -> str:
        """Run one of Efoy's commands; what it printed."""
        done = subprocess.run(
            flask_command(*arguments),
            cwd=ROOT,
            env={**os.environ, **self.environment},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"flask {' '.join(arguments)}: {done.stderr[-2000:]}")
        return done.stdout

    def run(self, module: str, function: str) -> None:
        """Call a function of a module in a process with these settings."""
        code = f"from {module} import {function}; {function}()"
        environment = {**os.environ, **self.environment}
        subprocess.run([str(PYTHON), "-c", code], cwd=ROOT, env=environment, check=True)

    def cookies(self, count: int) -> list[str]:
        """Login cookies of so many patients."""
        lines = self.flask("load-sessions", str(count)).splitlines()
        return [json.loads(line)["cookie"] for line in lines if line.startswith("{")]

    def slots(self, doctor: int, *, days: int = 14) -> list[str]:
        """Free times of one doctor, as the forms write them."""
        lines = self.flask(
            *("slots", "--doctor", slug(doctor), "--service", SERVICE, "--days", str(days))
        ).splitlines()
        found = [json.loads(line)["starts_at"] for line in lines if line.startswith("{")]
        return [each.replace("+00:00", "Z") for each in found]


def slug(doctor: int) -> str:
    """The address of the n-th load doctor."""
    return f"load-doctor-{doctor}"


@contextmanager
def ground(
    kind: str, *, stripe: str = "http://127.0.0.1:9", bookings: int = 1000, open_checkouts: int = 0
) -> Iterator[Ground]:
    """A migrated database of that kind, filled; thrown away at the end of the block."""
    folder = Path(tempfile.mkdtemp(prefix="efoy-bench-"))
    name = f"efoy_bench_{os.getpid()}"
    url = f"sqlite:////{folder}/efoy.sqlite3" if kind == "sqlite" else databases.own_database(name)
    try:
        made = Ground(kind=kind, url=url, folder=folder, stripe=stripe)
        made.flask("db", "upgrade")
        sizes = [f"--bookings={bookings}", f"--payments={bookings // 2}"]
        made.flask("load-data", *sizes, f"--open-checkouts={open_checkouts}")
        yield made
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        if kind != "sqlite":
            databases.drop_database(name)
