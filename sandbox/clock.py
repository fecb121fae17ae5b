"""What time is it in the sandbox?"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

Source = Callable[[], float | datetime]


class Clock:
    """Outside time, moved by a file that others may read too, and by hand on top of that."""

    def __init__(self, source: Source = time.time, file: Path | None = None) -> None:
        self.source, self.file, self.advanced = source, file, 0.0

    def outside(self) -> float:
        """Seconds since 1970 as the programs around the sandbox see them.

        Webhooks are stamped with this one: who checks them does not know of `advance`.
        """
        read = self.source()
        return (read.timestamp() if isinstance(read, datetime) else read) + self._offset()

    def now(self) -> int:
        """Whole seconds since 1970 by the sandbox's own clock."""
        return int(self.outside() + self.advanced)

    def advance(self, seconds: float) -> None:
        """Move the sandbox's clock alone."""
        self.advanced += seconds

    def _offset(self) -> float:
        if self.file is None:
            return 0.0
        try:
            return float(self.file.read_text(encoding="utf-8").strip() or 0)
        except (OSError, ValueError):
            return 0.0
