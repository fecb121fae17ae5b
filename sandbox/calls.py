"""What is one call, and what is one address that answers calls?"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sandbox.errors import Json
from sandbox.expand import Tree
from sandbox.parameters import Struct
from sandbox.state import Record, State


@dataclass(frozen=True, kw_only=True)
class Call:
    """One call that was understood: ids from the address, checked parameters, what to expand."""

    state: State
    ids: tuple[str, ...]
    given: dict[str, Any]
    tree: Tree
    path: str
    base: str

    @property
    def id(self) -> str:
        """The id in the address."""
        return self.ids[0]


Answer = Callable[[Call], Record | Json]


@dataclass(frozen=True)
class Endpoint:
    """One method at one address; `kinds` are what it answers with, for expand[]."""

    method: str
    template: str
    kinds: list[str]
    takes: Struct
    answer: Answer
    pattern: re.Pattern[str] = field(init=False)

    def __post_init__(self) -> None:
        shape = self.template.replace("{id}", "([^/]+)")
        object.__setattr__(self, "pattern", re.compile(f"/v1/{shape}"))
