"""How is one of the two servers started, and what did it cost? Both run under the same gunicorn."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from runner import ports
from runner.places import PYTHON, ROOT
from runner.web_server import web_command
from tests.bench.wire import Line

WORKERS, THREADS = 2, 32
TICKS = os.sysconf("SC_CLK_TCK")


class NeverUp(Exception):
    """The server did not answer; its last words are in the message."""


@dataclass(frozen=True, kw_only=True)
class Served:
    """A running server."""

    port: int
    pid: int
    seconds_to_first_page: float

    def cpu(self) -> float:
        """Seconds of CPU that its processes have used so far."""
        return sum(_cpu(each) for each in [self.pid, *children(self.pid)])

    def memory(self) -> list[int]:
        """Proportional memory (PSS) of each worker, in MB."""
        return [_pss(each) for each in children(self.pid)]


@contextmanager
def serving(
    app: str, port: int, environment: Mapping[str, str], *, page: str, log: Path
) -> Iterator[Served]:
    """The named WSGI app with the settings of production, until the block ends."""
    if not ports.is_free(port, "127.0.0.1"):
        raise NeverUp(f"port {port} is taken")
    command = [app if each == "wsgi:app" else each for each in _command(port)]
    started = time.perf_counter()
    with log.open("ab") as output:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        _wait(process, port, page, log)
        yield Served(
            port=port,
            pid=process.pid,
            seconds_to_first_page=time.perf_counter() - started,
        )
    finally:
        _end(process)


def _command(port: int) -> list[str]:
    return web_command(f"127.0.0.1:{port}", workers=WORKERS, threads=THREADS)


def worker_command() -> list[str]:
    """Efoy's worker beside the server, as in production."""
    return [str(PYTHON), "-m", "flask", "--app", "wsgi", "worker"]


def _wait(process: subprocess.Popen[bytes], port: int, page: str, log: Path) -> None:
    for _ in range(600):
        if process.poll() is not None:
            break
        try:
            if Line(port).get(page).status == 200:
                return
        except OSError:
            pass
        time.sleep(0.05)
    raise NeverUp(log.read_text(errors="replace")[-3000:])


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(timeout=15)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def children(pid: int) -> list[int]:
    """The direct children of a process."""
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return [int(each) for each in text.split()]


def _cpu(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def _pss(pid: int) -> int:
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) // 1024
    return 0
