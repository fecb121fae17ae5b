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
    leaves out that many requests. Texts are kept with their objects, so 10,000 cost little.
    """
    out = [f'"clock":{state.now}']
    if "requests" in parts:
        out.append(f'"requests":[{",".join(journal.lines[since:])}]')
    shelves = {k: rows for k, rows in state.shelves.items() if "objects" in parts or k in parts}
    if shelves:
        kinds = (f'"{kind}":[{",".join(r.text for r in rows)}]' for kind, rows in shelves.items())
        out.append(f'"objects":{{{",".join(kinds)}}}')
    if "deliveries" in parts:
        out.append('"deliveries":' + json.dumps([d.told for d in mail.all]))
    return "{" + ",".join(out) + "}"
