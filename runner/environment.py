"""Is `.venv` what the lock says, and how does it become so?"""

import contextlib
import hashlib
import importlib.util
import json
import subprocess
import sys
from collections.abc import Iterator
from enum import Enum
from pathlib import Path

from runner.installing import install
from runner.places import PYTHON, ROOT, VENV
from runner.trouble import Trouble


class Lock(Enum):
    """Which of the two lists of exact versions is wanted; the second holds the first."""

    RUNTIME = "requirements.txt"
    DEVELOPMENT = "requirements-dev.txt"


def prepare(lock: Lock) -> None:
    """Make `.venv` hold what the lock names; instant when it already does.

    Raises Trouble when the machine lacks something for it.
    """
    if is_stamped(lock):
        return
    with one_at_a_time():
        if is_stamped(lock):
            return
        if not is_usable():
            make()
        install(ROOT / lock.value)
        for held in Lock if lock is Lock.DEVELOPMENT else [lock]:
            stamp_of(held).write_text(fingerprint(held))


def stamp_of(lock: Lock) -> Path:
    """The file that remembers which lock was installed here."""
    return VENV / f"{lock.value}.installed"


def is_stamped(lock: Lock) -> bool:
    """True when exactly this lock was installed here by this Python."""
    stamp = stamp_of(lock)
    return PYTHON.exists() and stamp.exists() and stamp.read_text() == fingerprint(lock)


def fingerprint(lock: Lock) -> str:
    """What must not have changed since: the lock, the Python behind `.venv`, the folder's place."""
    digest = hashlib.sha256((ROOT / lock.value).read_bytes()).hexdigest()
    return json.dumps([digest, str(PYTHON.resolve()), str(VENV)])


def is_usable() -> bool:
    """True when there is a `.venv` whose Python starts, is new enough and has pip."""
    if not PYTHON.exists():
        return False
    probe = "import pip, sys; sys.exit(sys.version_info < (3, 11))"
    return subprocess.run([PYTHON, "-c", probe], capture_output=True, check=False).returncode == 0


def make() -> None:
    """Make an empty `.venv`; Trouble names the package that Debian and Ubuntu keep apart."""
    if importlib.util.find_spec("ensurepip") is None:
        major, minor = sys.version_info[:2]
        raise Trouble(
            "Python cannot make a virtual environment here, because its module ensurepip is"
            f" missing. Install it with: sudo apt-get install python3-venv"
            f" (or python{major}.{minor}-venv), then run this again."
        )
    print("Making the environment .venv …", flush=True)
    made = subprocess.run(
        [sys.executable, "-m", "venv", "--clear", VENV], capture_output=True, text=True, check=False
    )
    if made.returncode != 0:
        raise Trouble(
            f"The environment .venv could not be made: {last_line(made.stdout + made.stderr)}"
        )


def last_line(text: str) -> str:
    """The last line that says something."""
    return next((line for line in reversed(text.splitlines()) if line.strip()), "no reason given")


@contextlib.contextmanager
def one_at_a_time() -> Iterator[None]:
    """Two commands started at once must not install into each other (POSIX only)."""
    try:
        import fcntl
    except ImportError:  # Windows
        yield
        return
    with (ROOT / ".venv.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
