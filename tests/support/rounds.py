"""How often is a race run? A few times each day, five hundred times when somebody asks for it.

``EFOY_RACE_ROUNDS=500`` raises it for every race of the stories; the first round that goes wrong
says which it was.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

USUAL = 6
_ASKED = os.environ.get("EFOY_RACE_ROUNDS")


def rounds(share: int = 1) -> Iterator[int]:
    """The numbers of the rounds, from 1; ``share`` races of one kind share the usual number."""
    return iter(range(1, (int(_ASKED) if _ASKED else USUAL // share) + 1))
