"""How is `./run demo` started and ended by a test, and what does it say of itself?"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path

from runner import ports

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 240  # seconds; the first start may have to install


@dataclass(frozen=True, kw_only=True)
class Demo:
    """A running demo: real gunicorn, worker, SMTP, sandbox, webhooks over HTTP."""

    web: str
    sandbox: str
    mail: str
    folder: Path
    process: subprocess.Popen[str]

    def login(self, role: str) -> tuple[str, str]:
        """Address and password of the demo's user of this role."""
        logins = json.loads((self.folder / "demo-logins.json").read_text())
        return next((one["email"], one["password"]) for one in logins if one["role"] == role)


def wished_ports() -> list[int]:
    """Web, sandbox and mail: those of EFOY_TEST_DEMO_PORTS, else free ones."""
    named = os.environ.get("EFOY_TEST_DEMO_PORTS")
    if named:
        return [int(port) for port in named.split(",")]
    return [ports.any_free(*range(first, first + 50)) for first in (18200, 18300, 18400)]


def start() -> Demo:
    """Start it and wait until it says that it is up; fails with what it said otherwise."""
    web, sandbox, mail = wished_ports()
    folder = Path(os.environ.get("EFOY_DEMO_DIR") or tempfile.mkdtemp(prefix="efoy-walk-"))
    options = ["--port", str(web), "--sandbox-port", str(sandbox), "--mail-port", str(mail)]
    process = subprocess.Popen(
        [sys.executable, "run", "demo", "--no-browser", *options],
        cwd=ROOT,
        env={**os.environ, "EFOY_DEMO_DIR": str(folder)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    said = _listen(process)
    assert "Efoy is up." in said, said
    return Demo(
        web=f"http://127.0.0.1:{web}",
        sandbox=f"http://127.0.0.1:{sandbox}",
        mail=f"http://127.0.0.1:{mail}",
        folder=folder,
        process=process,
    )


def _listen(process: subprocess.Popen[str]) -> str:
    said: list[str] = []
    too_long = threading.Timer(PATIENCE, process.terminate)
    too_long.start()
    for line in process.stdout or ():
        said.append(line)
        if line.startswith("Ctrl-C ends all"):
            break
    too_long.cancel()
    return "".join(said)


def end(demo: Demo) -> str:
    """Press Ctrl-C; what it said last."""
    demo.process.send_signal(signal.SIGINT)
    said, _ = demo.process.communicate(timeout=60)
    return said
