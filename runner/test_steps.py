"""Which steps does `./run test` take, and how does one go?"""

import os
import re
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass

from runner.places import PYTHON, ROOT

LAYERS = "from importlinter.cli import lint_imports_command; lint_imports_command()"
PROCESSES = str(max(2, min(4, os.cpu_count() or 2)))
SUMMARY = re.compile(r"^=+ .* in [0-9.]+s.* =+$|^no tests ran|\d+ (passed|failed|error)")


@dataclass(frozen=True, kw_only=True)
class Step:
    """One thing that must hold: its name and the command that shows it."""

    name: str
    command: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """How a step went; `closing` is pytest's last line where there is one."""

    name: str
    passed: bool
    seconds: float
    closing: str = ""

    @property
    def skipped(self) -> int:
        """How many tests pytest left out."""
        found = re.search(r"(\d+) skipped", self.closing)
        return int(found[1]) if found else 0


def module(*command: str) -> tuple[str, ...]:
    """A command line that runs an installed tool by its module, wherever `.venv` was moved to."""
    return (str(PYTHON), "-m", *command)


def pytest_step(name: str, *arguments: str) -> Step:
    """A step that runs pytest; in colour where a person looks on."""
    colour = "--color=yes" if sys.stdout.isatty() else "--color=no"
    return Step(name=name, command=module("pytest", colour, *arguments))


CHECKS = [
    Step(name="Format (ruff)", command=module("ruff", "format", "--check", ".")),
    Step(name="Lint (ruff)", command=module("ruff", "check", ".")),
    Step(name="Types (mypy)", command=module("mypy")),
    Step(name="Layers (import-linter)", command=(str(PYTHON), "-c", LAYERS)),
]
PARALLEL = ("-n", PROCESSES, "-m", "not browser")
BROWSER = ("-m", "browser")


def take(step: Step, environment: Mapping[str, str]) -> Outcome:
    """Run one step with its output shown as it comes."""
    print(f"\n━━ {step.name}", flush=True)
    started = time.monotonic()
    closing = ""
    with subprocess.Popen(
        step.command,
        cwd=ROOT,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    ) as process:
        for line in process.stdout or ():
            print(line, end="", flush=True)
            closing = line.strip("= \n") if SUMMARY.search(line) else closing
    seconds = time.monotonic() - started
    passed = process.returncode == 0
    print(f"── {step.name}: {'passed' if passed else 'FAILED'} in {seconds:.1f} s", flush=True)
    return Outcome(name=step.name, passed=passed, seconds=seconds, closing=closing)
