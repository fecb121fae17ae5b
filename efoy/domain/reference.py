"""What does a public booking reference look like? 7KM-4PX: random, and readable on the phone."""

from __future__ import annotations

import re
from collections.abc import Callable

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""No 0, O, 1, I or L."""
PATTERN = re.compile(rf"[{ALPHABET}]{{3}}-[{ALPHABET}]{{3}}")


def reference(pick: Callable[[str], str]) -> str:
    """A fresh reference; ``pick`` chooses one character (``secrets.choice`` outside tests)."""
    letters = [pick(ALPHABET) for _ in range(6)]
    return f"{''.join(letters[:3])}-{''.join(letters[3:])}"


def is_reference(text: str) -> bool:
    """Whether ``text`` could be a booking reference at all."""
    return PATTERN.fullmatch(text) is not None
