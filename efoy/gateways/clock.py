"""What time is it? The only reader of the time."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path


class Clock:
    """The real time; tests may move it by an offset in seconds, read from a file at each use."""

    def __init__(self, offset_file: str = "") -> None:
        self._file = Path(offset_file) if offset_file else None

    def __call__(self) -> datetime:
        """The present instant, aware, in UTC."""
        return datetime.fromtimestamp(time.time() + self._offset(), UTC)

    def _offset(self) -> float:
        if self._file is None:
            return 0.0
        try:
            return float(self._file.read_text() or 0)
        except (FileNotFoundError, ValueError):
            return 0.0
