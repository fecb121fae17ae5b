"""What is a new thing called?"""

from __future__ import annotations

import random
import string

_SIGNS = string.ascii_letters + string.digits
_chance = random.SystemRandom()
_LENGTHS = {
    "cs_test_a1": 58,
    "cus_": 14,
    "req_": 14,
    "evt_1": 23,
    "pm_1": 23,
    "txn_1": 23,
    "po_1": 23,
}


def new_id(prefix: str) -> str:
    """A random id such as Stripe makes: `pi_3…`, `cs_test_a1…`."""
    return prefix + word(_LENGTHS.get(prefix, 23))


def word(length: int) -> str:
    """Random letters and digits."""
    bits = _chance.getrandbits(8 * length).to_bytes(length, "big")
    return "".join(_SIGNS[b % 62] for b in bits)
