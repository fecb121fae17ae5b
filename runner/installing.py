"""How do the locked packages get in, and what does a person see meanwhile?"""

import os
import re
import subprocess
import time
from pathlib import Path

from runner.places import PYTHON, VENV
from runner.trouble import Trouble

NO_NETWORK = re.compile(
    r"NewConnectionError|NameResolutionError|Temporary failure in name resolution"
    r"|ConnectTimeoutError|Connection refused|No matching distribution found|ReadTimeoutError"
    r"|ProxyError|SSLError|Network is unreachable|Max retries exceeded"
)
WRONG_HASH = "DO NOT MATCH THE HASHES"
# "Collecting flask==3.1.3 …", or "Processing /some/where/flask-3.1.3-py3-none-any.whl …"
FETCHED = re.compile(
    r"^\s*(?:(?:Collecting|Requirement already satisfied:) ([A-Za-z0-9._-]+)"
    r"|Processing \S*?([A-Za-z0-9._]+)-[0-9]\S*\.(?:whl|tar\.gz))",
    re.MULTILINE,
)
FULL_DISK = "No space left on device"


def install(lock: Path) -> None:
    """Install every package of a hashed lock into `.venv`, one line of progress a package.

    Raises Trouble with the cure when the network, the disk or a package's hash is in the way.
    """
    log = VENV / "install.log"
    packages = len(re.findall(r"^[a-zA-Z]", lock.read_text(), re.MULTILINE))
    print(f"Installing {packages} packages from {lock.name} (once; a minute or so)", flush=True)
    with log.open("w") as output:
        pip = subprocess.Popen(
            [PYTHON, "-m", "pip", "install", "--require-hashes", "-r", lock, *PIP_OPTIONS],
            stdout=output,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            env={**os.environ, "PIP_USER": "0"},
        )
        try:
            show_progress(pip, log, packages)
        finally:
            if pip.poll() is None:
                pip.terminate()
                pip.wait()
    if pip.returncode != 0:
        raise Trouble(diagnosis(log.read_text(errors="replace"), log))


PIP_OPTIONS = [
    "--disable-pip-version-check",
    "--no-input",
    "--progress-bar=off",
    "--retries=2",
    "--timeout=30",
    "--no-compile",
]


def show_progress(pip: "subprocess.Popen[bytes]", log: Path, packages: int) -> None:
    """Read pip's log while it works; say each package once, then count those unpacked."""
    said: list[str] = []
    unpacking_since, before = 0.0, unpacked()
    while pip.poll() is None:
        time.sleep(0.2)
        text = log.read_text(errors="replace")
        said += announce([name for name in fetched(text) if name not in said], len(said), packages)
        if "Installing collected packages" in text and time.monotonic() - unpacking_since > 3:
            unpacking_since = time.monotonic()
            in_place = min(unpacked() - before, packages)
            print(f"Unpacking: {in_place} of {packages} are in place …", flush=True)


def fetched(log_text: str) -> list[str]:
    """The packages that pip has looked up so far, in order, each once."""
    named = FETCHED.findall(log_text)
    return list(dict.fromkeys((name or file).lower().replace("_", "-") for name, file in named))


def announce(names: list[str], before: int, packages: int) -> list[str]:
    """Say one line a package and give the names back."""
    for number, name in enumerate(names, start=before + 1):
        print(f"Installing {min(number, packages)} of {packages}: {name}", flush=True)
    return names


def unpacked() -> int:
    """How many packages are unpacked in `.venv` now."""
    return sum(1 for _ in VENV.glob("[Ll]ib/**/site-packages/*.dist-info"))


def diagnosis(log_text: str, log: Path) -> str:
    """One sentence and the cure for a failed installation."""
    if FULL_DISK in log_text:
        return "The disk is full: free about half a gigabyte, then run this again."
    if WRONG_HASH in log_text:
        return (
            "A downloaded package is not the one that was locked, so nothing was installed."
            f" Look at {log} before you try again from another network."
        )
    if NO_NETWORK.search(log_text):
        return (
            "The packages could not be downloaded: no network, or no package index behind it."
            " Connect (or set PIP_INDEX_URL to an index you can reach), then run this again."
            f" What pip said is in {log}."
        )
    return f"The packages could not be installed; what pip said is in {log}:\n{tail(log_text)}"


def tail(text: str, lines: int = 8) -> str:
    """The last lines of a text, indented."""
    return "\n".join(f"    {line}" for line in text.splitlines()[-lines:])
