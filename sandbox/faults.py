"""Which request is to go wrong, and how?"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from sandbox.errors import Json, Refusal

ACTIONS = (
    "timeout_before",
    "apply_then_timeout",
    "500_unapplied_stored",
    "500_applied_stored",
    "429",
    "409",
    "reset_half_body",
    "garbage_200",
)


@dataclass
class Fault:
    """From the nth matching request on, `times` requests suffer the action."""

    method: str
    path: str
    action: str
    nth: int = 1
    times: int = 1
    seen: int = 0

    def hits(self, method: str, path: str) -> bool:
        """Counts the request when it matches; says whether it is one of those meant."""
        if self.method not in ("*", method) or not re.fullmatch(_pattern(self.path), path):
            return False
        self.seen += 1
        return self.nth <= self.seen < self.nth + self.times


def _pattern(path: str) -> str:
    """`*` and `{id}` stand for one part of an address, `**` for the rest."""
    pieces = re.split(r"(\*\*|\*|\{\w+\})", path)
    holes = {"**": ".*", "*": "[^/]+"}
    return "".join(
        re.escape(piece) if n % 2 == 0 else holes.get(piece, "[^/]+")
        for n, piece in enumerate(pieces)
    )


class Faults:
    """What was ordered; each fault counts for itself."""

    def __init__(self) -> None:
        self.planned: list[Fault] = []

    def order(self, rows: Any) -> list[Json]:
        """Add faults to those that wait; an empty list takes all away. Raises Refusal."""
        if not isinstance(rows, list):
            raise Refusal("faults are a list of {method, path, nth, action}")
        new = [_read(row) for row in rows]
        self.planned = [*self.planned, *new] if new else []
        return [vars(fault) for fault in self.planned]

    def take(self, method: str, path: str) -> str | None:
        """The action for this request, if any."""
        hit = [fault.action for fault in self.planned if fault.hits(method, path)]
        return hit[0] if hit else None


def _read(row: Any) -> Fault:
    known = {"method", "path", "nth", "action", "times"}
    if not isinstance(row, dict) or set(row) - known or "action" not in row:
        raise Refusal(f"a fault has an action, and may have method, path, nth, times: {row}")
    action = str(row["action"])
    if action not in ACTIONS and not re.fullmatch(r"slow=\d+(\.\d+)?", action):
        raise Refusal(f"unknown action {action}: one of {', '.join(ACTIONS)}, slow=SECONDS")
    return Fault(
        method=str(row.get("method", "*")).upper(),
        path=str(row.get("path", "**")),
        action=action,
        nth=int(row.get("nth", 1)),
        times=int(row.get("times", 1)),
    )
