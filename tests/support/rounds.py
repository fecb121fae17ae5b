"""How often is a race run? A few times each day, five hundred times when somebody asks for it.

``EFOY_RACE_ROUNDS=500`` raises it for every race of the stories; the first round that goes wrong
says which it was.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

ROUNDS = int(os.environ.get("EFOY_RACE_ROUNDS", "25"))


def rounds() -> Iterator[int]:
    """The numbers of the rounds, from 1."""
    return iter(range(1, ROUNDS + 1))
