"""How do many people do something at the same moment? Threads released by one barrier."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any


def at_once(app, acts: list[Callable[[], Any]]) -> list[Any]:
    """Do every act in a thread of its own, all released together; results or errors, in order."""
    gate = threading.Barrier(len(acts))

    def run(act: Callable[[], Any]) -> Any:
        with app.app_context():
            gate.wait(timeout=30)
            try:
                return act()
            except Exception as error:  # the story asks what each one got
                return error

    with ThreadPoolExecutor(max_workers=len(acts)) as pool:
        return list(pool.map(run, acts))
