"""How are several processes started, watched and ended as one?"""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from runner.installing import tail
from runner.places import ROOT, WINDOWS
from runner.trouble import Trouble

GRACE_SECONDS = 12


@dataclass(frozen=True, kw_only=True)
class Child:
    """One started process; without a log its output is ours."""

    name: str
    process: "subprocess.Popen[bytes]"
    log: Path | None


class Crew:
    """Processes that live and die together."""

    def __init__(self, environment: Mapping[str, str], *, grace: float = GRACE_SECONDS) -> None:
        """Nothing is started yet; `environment` is given to each, `grace` seconds to all to end."""
        self.environment = dict(environment)
        self.grace = grace
        self.children: list[Child] = []

    def start(self, name: str, command: Sequence[str], *, log: Path | None = None) -> None:
        """Start one process in a group of its own, so that a Ctrl-C reaches it through us alone."""
        output = log.open("ab") if log else None
        process = subprocess.Popen(
            list(command),
            cwd=ROOT,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT if output else None,
            start_new_session=not WINDOWS,
        )
        if output:
            output.close()
        self.children.append(Child(name=name, process=process, log=log))

    def demand_alive(self) -> None:
        """Trouble with the last lines of its log when one of them has ended."""
        for child in self.children:
            if child.process.poll() is not None:
                raise Trouble(obituary(child))

    def wait_for(self, what: str, ready: Callable[[], bool], *, seconds: float = 60) -> None:
        """Wait until `ready`, as long as all are alive."""
        deadline = time.monotonic() + seconds
        while not ready():
            self.demand_alive()
            if time.monotonic() > deadline:
                raise Trouble(f"{what} did not answer within {seconds:.0f} seconds; see its log.")
            time.sleep(0.1)

    def watch(self) -> None:
        """Stay until one of them ends."""
        while True:
            self.demand_alive()
            time.sleep(0.3)

    def end(self) -> None:
        """End them in the reverse order of their start: kindly first, then by force."""
        try:
            for child in reversed(self.children):
                send(child.process, signal.SIGTERM)
            self.wait_until_gone(time.monotonic() + self.grace)
        finally:  # a second Ctrl-C comes here at once
            for child in self.children:
                kill_group(child.process)
                child.process.wait()

    def wait_until_gone(self, deadline: float) -> None:
        """Wait for each, at most until the deadline."""
        for child in self.children:
            with suppress(subprocess.TimeoutExpired):
                child.process.wait(max(0.0, deadline - time.monotonic()))


def obituary(child: Child) -> str:
    """What is said of a process that ended on its own."""
    status = child.process.returncode
    said = f"{child.name} ended by itself with status {status}, so all else was stopped."
    if child.log:
        said += f" The end of {child.log}:\n{tail(child.log.read_text(errors='replace'), 15)}"
    return said


def send(process: "subprocess.Popen[bytes]", number: int) -> None:
    """Send a signal to a process that may have ended already."""
    if process.poll() is None:
        process.send_signal(number)


def kill_group(process: "subprocess.Popen[bytes]") -> None:
    """Kill what is left of the process and of those that it started."""
    if WINDOWS:
        process.kill()
        return
    deadline = time.monotonic() + 1  # dying takes a moment; the dead may stay listed for longer
    with suppress(ProcessLookupError):  # all gone, as it should be
        while time.monotonic() < deadline:
            os.killpg(process.pid, signal.SIGKILL)
            process.poll()
            time.sleep(0.02)


@contextmanager
def ended_by_signals() -> Iterator[None]:
    """Inside, SIGTERM and a closed terminal do what Ctrl-C does, and that is never ignored.

    (A shell starts background jobs with Ctrl-C's signal ignored.)
    """
    names = ["SIGINT", "SIGTERM", *([] if WINDOWS else ["SIGHUP"])]
    before = {number: signal.signal(number, interrupt) for number in map(signal_number, names)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def signal_number(name: str) -> signal.Signals:
    """SIGHUP does not exist on Windows, so signals are looked up by name."""
    return signal.Signals[name]


def interrupt(number: int, frame: FrameType | None) -> None:
    """A signal handler that behaves as Ctrl-C."""
    raise KeyboardInterrupt
