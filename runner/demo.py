"""How does everything run on one machine, from nothing, with demo data? `./run demo`."""

import argparse
import contextlib
import os
import shutil
import subprocess
import sys
import webbrowser
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from runner import ports
from runner.demo_past import tell_the_past
from runner.demo_settings import (
    DemoPorts,
    demo_environment,
    demo_settings,
    webhook_url,
    write_settings,
)
from runner.demo_welcome import welcome
from runner.environment import Lock, prepare
from runner.installing import tail
from runner.places import PYTHON, ROOT, WINDOWS, instance
from runner.processes import Crew, ended_by_signals
from runner.static_files import compress
from runner.trouble import Trouble
from runner.web_server import flask_command, web_command


def main(arguments: list[str]) -> int:
    """Run the demo until Ctrl-C (status 0) or until a part of it dies (status 1)."""
    options = parse(arguments)
    wanted = {"--port": options.port, "--sandbox-port": options.sandbox_port}
    ports.demand({**wanted, "--mail-port": options.mail_port})
    prepare(Lock.RUNTIME)
    folder = instance()
    with alone(folder):
        if options.reset:
            forget(folder)
        chosen = DemoPorts(
            web=options.port,
            sandbox=options.sandbox_port,
            mail=options.mail_port,
            smtp=ports.any_free(options.mail_port + 1000),
        )
        with ended_by_signals():
            return run(folder, chosen, browser=not options.no_browser)


def parse(arguments: list[str]) -> argparse.Namespace:
    """The options of `./run demo`."""
    parser = argparse.ArgumentParser(prog="./run demo", description=__doc__)
    parser.add_argument("--port", type=int, default=8000, help="of the clinic's pages")
    parser.add_argument("--sandbox-port", type=int, default=12111, help="of the sandbox")
    parser.add_argument("--mail-port", type=int, default=8025, help="of the mail catcher's pages")
    parser.add_argument("--reset", action="store_true", help="throw away the demo's data first")
    parser.add_argument("--no-browser", action="store_true", help="do not open a browser")
    return parser.parse_args(arguments)


@contextlib.contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Two demos on other ports would share one database and two sandboxes (POSIX only)."""
    try:
        import fcntl
    except ImportError:  # Windows
        yield
        return
    with (folder / ".demo.lock").open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise Trouble(
                f"A demo is running in {folder} already: use that one, or end it with Ctrl-C."
                " For a second one, set EFOY_DEMO_DIR to a folder of its own."
            ) from None
        yield


def forget(folder: Path) -> None:
    """Delete the demo's own files; other files of the folder stay."""
    for path in [*folder.glob("demo*"), folder / "log"]:
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)


def run(folder: Path, chosen: DemoPorts, *, browser: bool) -> int:
    """Start everything, say where it is, stay until the end."""
    settings = demo_settings(folder, chosen)
    write_settings(folder, settings)
    figures = folder / "demo-metrics"
    shutil.rmtree(figures, ignore_errors=True)
    figures.mkdir()
    crew = Crew({**demo_environment(settings), "PROMETHEUS_MULTIPROC_DIR": str(figures)})
    try:
        start(crew, folder, chosen)
        print(welcome(folder, chosen), flush=True)
        if browser and has_screen():
            webbrowser.open(settings["BASE_URL"])
        crew.watch()
    except KeyboardInterrupt:
        print("\nStopping …", flush=True)
    finally:
        crew.end()
    print("Everything has ended.", flush=True)
    return 0


def start(crew: Crew, folder: Path, chosen: DemoPorts) -> None:
    """Sandbox and mail first, for the demo's data is made beside them; then web and worker."""
    log = folder / "log"
    shutil.rmtree(log, ignore_errors=True)
    log.mkdir()
    crew.start("The sandbox", sandbox_command(crew, folder, chosen), log=log / "sandbox.log")
    crew.start("The mail catcher", mail_command(chosen), log=log / "mail.log")
    wait(crew, "The sandbox", chosen.sandbox, "/")
    wait(crew, "The mail catcher", chosen.mail, "/messages.json")
    make_data(crew, folder, log, f"http://{ports.HOST}:{chosen.sandbox}")
    print("Starting the clinic and its worker …", flush=True)
    compress()
    bind = f"{ports.HOST}:{chosen.web}"
    crew.start("The web server", web_command(bind, workers=2, threads=32), log=log / "web.log")
    crew.start("The worker", flask_command("worker"), log=log / "worker.log")
    wait(crew, "The web server", chosen.web, "/healthz")


def make_data(crew: Crew, folder: Path, log: Path, sandbox: str) -> None:
    """Migrate and load the demo clinic, unless that was done here with these very migrations."""
    stamp = folder / "demo-prepared"
    migrations = "\n".join(sorted(path.name for path in ROOT.glob("migrations/versions/*.py")))
    if (folder / "demo.sqlite3").exists() and stamp.exists() and stamp.read_text() == migrations:
        return
    once(crew, "Preparing the database", ["db", "upgrade"], log / "migrate.log")
    once(crew, "Loading the demo clinic", ["seed-demo"], log / "seed.log")
    tell_the_past(folder / "demo.sqlite3", sandbox)
    stamp.write_text(migrations)


def wait(crew: Crew, what: str, port: int, path: str) -> None:
    """Wait until a server answers."""
    crew.wait_for(what, partial(ports.answers, f"http://{ports.HOST}:{port}{path}"))


def sandbox_command(crew: Crew, folder: Path, chosen: DemoPorts) -> list[str]:
    """The command line of the sandbox; it remembers, and shares the clock file if there is one."""
    settings = crew.environment
    clock = settings.get("EFOY_CLOCK_FILE")
    return [
        *(str(PYTHON), "-m", "sandbox", "--port", str(chosen.sandbox)),
        *("--webhook-url", webhook_url(chosen)),
        *("--webhook-secret", settings["STRIPE_WEBHOOK_SECRET"]),
        *("--key", settings["STRIPE_SECRET_KEY"]),
        *("--memory", str(folder / "demo-sandbox.memory")),
        *(("--clock-file", clock) if clock else ()),
    ]


def mail_command(chosen: DemoPorts) -> list[str]:
    """The command line of the mail catcher."""
    where = ["--smtp-port", str(chosen.smtp), "--web-port", str(chosen.mail)]
    return [str(PYTHON), "-m", "mailcatcher", *where]


def once(crew: Crew, doing: str, arguments: list[str], log: Path) -> None:
    """Run one command of the application to its end; Trouble with what it said when it fails."""
    print(f"{doing} …", flush=True)
    with log.open("wb") as output:
        done = subprocess.run(
            flask_command(*arguments),
            cwd=ROOT,
            env=crew.environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            check=False,
        )
    if done.returncode != 0:
        end = tail(log.read_text(errors="replace"), 15)
        raise Trouble(
            f"{doing} failed. If the demo's data is from an older version, ./run demo --reset"
            f" starts over. The end of {log}:\n{end}"
        )


def has_screen() -> bool:
    """True when opening a browser opens a window (and not a text browser in this terminal)."""
    if WINDOWS or sys.platform == "darwin":
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
