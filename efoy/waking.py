"""How is the worker woken when a thousand things happen at once? A few at once, the rest together.

Each message to the queue costs its lock: hundreds of requests that queue for it would wait longer
for the queue than for the database. What is put off is lost when the process dies; the rows are
committed, and the sweep finds them within a minute.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

from efoy.models.base import Posted

AT_ONCE = 8
"""So many wake-ups a window go out with their own request: nobody waits for a single mail."""
WINDOW = 0.1


class Waking:
    """Passes (kind, id) pairs on to ``send``: at once while few come, else a bundle a window."""

    def __init__(self, send: Callable[[list[Posted]], None]) -> None:
        self._send = send
        self._lock, self._begun = threading.Lock(), threading.Event()
        self._sent = 0
        self._later: list[Posted] = []
        self._thread: threading.Thread | None = None

    def __call__(self, posted: list[Posted]) -> None:
        """Pass them on now, or with the next bundle."""
        with self._lock:
            now = self._sent < AT_ONCE
            self._sent += len(posted)
            if not now:
                self._later += posted
            if self._thread is None:  # the first time, so that it lives on this side of a fork
                self._thread = threading.Thread(target=self._run, name="waking", daemon=True)
                self._thread.start()
        self._begun.set()
        if now:
            self._send(posted)

    def _run(self) -> None:
        """Close a window after each first wake-up in it; one thread, so one connection."""
        pause = threading.Event()
        while True:
            self._begun.wait()
            self._begun.clear()
            pause.wait(WINDOW)
            with self._lock:
                bundle, self._later, self._sent = self._later, [], 0
            if bundle:
                self._send(bundle)
