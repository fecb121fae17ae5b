"""What time is it in a story? The time the story says."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

MONDAY_MORNING = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)
"""9:00 in New York, a working day, no clock change near."""


class StoryClock:
    """A clock that stands still until it is moved."""

    def __init__(self, at: datetime = MONDAY_MORNING) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at

    def advance(self, **span: float) -> datetime:
        """Move on by ``minutes=…``, ``hours=…``, ``days=…``."""
        self.at += timedelta(**span)
        return self.at
