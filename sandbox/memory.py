"""How does the sandbox know, after it was started anew, what it knew before?"""

from __future__ import annotations

import io
import pickle
import threading
from pathlib import Path
from typing import Any

from sandbox.app import Sandbox

EVERY = 2.0  # seconds between two looks whether something happened
OURS = ("sandbox.", "functools.partial")


class Memory:
    """All objects, plans and keys of one sandbox in a file; deliveries under way are not kept."""

    def __init__(self, box: Sandbox, file: Path) -> None:
        self.box, self.file = box, file
        self._kept = -1
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._keep_on, daemon=True)

    def recall(self) -> None:
        """Take up what the file holds, where there is one; then keep it up to date.

        Raises SystemExit when the file cannot be understood.
        """
        if self.file.exists():
            try:
                kept = _Reader(io.BytesIO(self.file.read_bytes()), self.box).load()
            except (pickle.UnpicklingError, AttributeError, EOFError, ImportError) as why:
                raise SystemExit(f"{self.file} is from another version: delete it") from why
            self.box.state.go_on(kept["state"])
            self.box.api.keys.stored = kept["keys"]
            self.box.clock.advanced = kept["advanced"]
        self._thread.start()

    def close(self) -> None:
        """Keep the last state and stop."""
        self._over.set()
        self._thread.join()
        self.keep()

    def keep(self) -> None:
        """Write everything down, if anything happened since."""
        box, text = self.box, io.BytesIO()
        with box.state.lock:
            if len(box.state.by_id) == self._kept:
                return
            self._kept = len(box.state.by_id)
            keys, advanced = box.api.keys.stored, box.clock.advanced
            kept = {"state": box.state.kept(), "keys": keys, "advanced": advanced}
            _Writer(text, box).dump(kept)
        fresh = self.file.with_suffix(".new")
        fresh.touch(mode=0o600)
        fresh.write_bytes(text.getvalue())
        fresh.replace(self.file)

    def _keep_on(self) -> None:
        while not self._over.wait(EVERY):
            self.keep()


class _Writer(pickle.Pickler):
    """Plans point at the sandbox's state; it is named, not written."""

    def __init__(self, file: io.BytesIO, box: Sandbox) -> None:
        super().__init__(file)
        self.box = box

    def persistent_id(self, thing: Any) -> str | None:
        return "state" if thing is self.box.state else None


class _Reader(pickle.Unpickler):
    """Puts the living state where it was named; refuses what is not ours."""

    def __init__(self, file: io.BytesIO, box: Sandbox) -> None:
        super().__init__(file)
        self.box = box

    def persistent_load(self, name: str) -> Any:
        return self.box.state

    def find_class(self, module: str, name: str) -> Any:
        if not f"{module}.{name}".startswith(OURS):
            raise pickle.UnpicklingError(f"{module}.{name} is not the sandbox's")
        return super().find_class(module, name)
