"""What was asked of the sandbox so far?"""

from __future__ import annotations

import json
from typing import Any

from sandbox.delivery import Mail
from sandbox.state import State


class Journal:
    """Every request as one line of JSON, made when it is noted and never again."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def clear(self) -> None:
        """Start a new one."""
        self.lines = []

    def note(self, **facts: Any) -> None:
        """Add a request."""
        self.lines.append(json.dumps(facts, separators=(",", ":")))


def told(state: State, journal: Journal, mail: Mail, parts: set[str], since: int) -> str:
    """Requests, objects by kind, deliveries as one JSON document.

    `parts` narrows it to some of requests, objects, deliveries or to kinds of objects; `since`
    leaves out that many requests. Only the lists are copied under the lock: what an object says is
    never edited, and its text is kept with it, so that 10,000 of them cost little.
    """
    with state.lock:
        state.run_due()
        out = [f'"clock":{state.now}']
        lines = journal.lines[since:] if "requests" in parts else None
        wanted = [k for k in state.shelves if "objects" in parts or k in parts]
        shelves = {kind: list(state.shelves[kind]) for kind in wanted}
        sent = [d.told for d in mail.all] if "deliveries" in parts else None
    if lines is not None:
        out.append(f'"requests":[{",".join(lines)}]')
    if shelves:
        kinds = (f'"{kind}":[{",".join(r.text for r in rows)}]' for kind, rows in shelves.items())
        out.append(f'"objects":{{{",".join(kinds)}}}')
    if sent is not None:
        out.append('"deliveries":' + json.dumps(sent))
    return "{" + ",".join(out) + "}"
