"""Where do the benchmarks listen, and how large are they?"""

from __future__ import annotations

from dataclasses import dataclass

PORT, STRIPE_PORT = 18511, 18512


@dataclass(frozen=True, kw_only=True)
class Size:
    """How much is measured; ``QUICK`` proves that it works, ``FULL`` gives figures."""

    seconds: float
    bookings: tuple[int, ...]
    patients: int
    clients: int
    rounds: int
    events: int
    checkouts: int


QUICK = Size(
    seconds=1.0, bookings=(1000,), patients=8, clients=24, rounds=2, events=300, checkouts=200
)
STANDARD = Size(
    seconds=6.0,
    bookings=(1000, 100_000),
    patients=64,
    clients=200,
    rounds=4,
    events=10_000,
    checkouts=10_000,
)
FULL = Size(
    seconds=8.0,
    bookings=(1000, 100_000, 1_000_000),
    patients=64,
    clients=200,
    rounds=8,
    events=10_000,
    checkouts=10_000,
)
