"""How does Efoy run in production? `./run serve`: gunicorn and worker, settings from `.env`."""

import argparse
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from runner import ports
from runner.environment import Lock, prepare
from runner.places import PYTHON, ROOT, WINDOWS
from runner.processes import Crew, ended_by_signals
from runner.static_files import compress
from runner.trouble import Trouble
from runner.web_server import flask_command, web_command

GRACE_SECONDS = 35  # a call to Stripe or a mail server that is under way may end


def main(arguments: list[str]) -> int:
    """Serve until a signal (status 0); when one part dies, end all (status 1) for a restart."""
    options = parse(arguments)
    demand_settings()
    host, port = address(options.bind)
    if not options.worker and not ports.is_free(port, host):
        raise Trouble(f"Port {port} is taken; end what listens there, or choose another --bind.")
    prepare(Lock.RUNTIME)
    if subprocess.run([PYTHON, "-c", "import wsgi"], cwd=ROOT, check=False).returncode != 0:
        return 1  # it has said, once, what is wrong with the settings
    compress()
    figures = Path(tempfile.mkdtemp(prefix="efoy-metrics-"))
    environment = {**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(figures)}
    crew = Crew(environment, grace=GRACE_SECONDS)
    with ended_by_signals():
        try:
            start(crew, options)
            crew.watch()
        except KeyboardInterrupt:
            return 0
        finally:
            crew.end()
            shutil.rmtree(figures, ignore_errors=True)
    return 0


def parse(arguments: list[str]) -> argparse.Namespace:
    """The options of `./run serve`."""
    parser = argparse.ArgumentParser(prog="./run serve", description=__doc__)
    one = parser.add_mutually_exclusive_group()
    one.add_argument("--web", action="store_true", help="the web server alone")
    one.add_argument("--worker", action="store_true", help="the worker alone")
    parser.add_argument("--bind", default="127.0.0.1:8000", help="address:port of the web server")
    parser.add_argument("--workers", type=int, default=max(2, os.cpu_count() or 2))
    parser.add_argument("--threads", type=int, default=32, help="of each web process")
    return parser.parse_args(arguments)


def address(bind: str) -> tuple[str, int]:
    """Host and port of `--bind`."""
    host, _, port = bind.rpartition(":")
    if not host or not port.isdigit():
        raise Trouble(f"--bind takes address:port, for instance 127.0.0.1:8000, not {bind}.")
    return host, int(port)


def demand_settings() -> None:
    """Trouble when there are no settings to serve with, or no way to serve at all."""
    if WINDOWS:
        raise Trouble("gunicorn does not run on Windows; serve from Linux (WSL, a container).")
    if not (ROOT / ".env").exists() and "EFOY_ENV" not in os.environ:
        raise Trouble("There are no settings: copy .env.example to .env and fill it in.")


def start(crew: Crew, options: argparse.Namespace) -> None:
    """Start what was asked for; logs go to our own output."""
    if not options.worker:
        command = web_command(options.bind, workers=options.workers, threads=options.threads)
        crew.start("The web server", command)
    if not options.web:
        crew.start("The worker", flask_command("worker"))
