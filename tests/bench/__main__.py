"""Which benchmarks, on which database, how large? `./run bench [name …] [--quick | --full]`."""

from __future__ import annotations

import argparse
import sys
from importlib import import_module

from runner.processes import ended_by_signals
from tests.bench.places import FULL, QUICK, STANDARD
from tests.support import databases

NAMES = ("w1", "w2", "w3", "w4", "w6", "w7")


def main(arguments: list[str]) -> int:
    """Run each on each database; 1 when something was not held."""
    parser = argparse.ArgumentParser(prog="./run bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="name", help=f"of {', '.join(NAMES)}")
    parser.add_argument("--database", choices=["sqlite", "postgresql"], action="append")
    size = parser.add_mutually_exclusive_group()
    size.add_argument("--quick", action="store_true", help="small: proves that it works")
    size.add_argument("--full", action="store_true", help="up to a million bookings")
    options = parser.parse_args(arguments)
    unknown = set(options.names) - set(NAMES)
    if unknown:
        parser.error(f"there is no {', '.join(sorted(unknown))}; there are {', '.join(NAMES)}")
    chosen = QUICK if options.quick else FULL if options.full else STANDARD
    held = True
    with ended_by_signals():  # so that no server outlives us
        for kind in options.database or _databases():
            for name in options.names or NAMES:
                held &= import_module(f"tests.bench.{name}").run(kind, chosen)
    return 0 if held else 1


def _databases() -> list[str]:
    if databases.server() is None:
        print("No PostgreSQL server answers: SQLite alone. EFOY_TEST_POSTGRES_URL names one.")
        return ["sqlite"]
    return ["sqlite", "postgresql"]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
