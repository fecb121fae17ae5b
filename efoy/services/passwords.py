"""Is this the person's password? Argon2id, a few at a time, as slow for people nobody knows."""

from __future__ import annotations

from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

MEMORY_KIB, ROUNDS, LANES = 19 * 1024, 2, 1
"""OWASP's least for Argon2id: 19 MiB, two rounds, one lane."""
AT_ONCE = 4
"""Hashes computed at a time in one process: at most 76 MiB, however many people sign in."""
NOBODY = (
    "$argon2id$v=19$m=19456,t=2,p=1$8mn7OYmWCmpl9XuBbcsTxw$"
    "8UJoZuBo2aeujo1nOWzwnDy+XTbgkPvAvT4Sf/IRrXQ"
)
"""Compared with when there is no such account: nobody's password, at everybody's price."""
_hasher = PasswordHasher(time_cost=ROUNDS, memory_cost=MEMORY_KIB, parallelism=LANES)
_turns = BoundedSemaphore(AT_ONCE)


def hash_password(password: str) -> str:
    """The password as it is kept."""
    with _turns:
        return _hasher.hash(password)


def is_password(password: str, kept: str | None) -> bool:
    """Whether ``password`` is the one kept; without one, the answer is a no that takes as long."""
    with _turns:
        try:
            _hasher.verify(kept or NOBODY, password)
        except (VerificationError, InvalidHashError):
            return False
    return kept is not None


def out_of_date(kept: str) -> bool:
    """Whether ``kept`` was made with other costs than today's."""
    return _hasher.check_needs_rehash(kept)
