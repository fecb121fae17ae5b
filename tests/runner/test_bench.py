"""Do the benchmarks still run? Small; their figures are for quiet machines."""

from __future__ import annotations

from tests.bench import w3
from tests.bench.places import QUICK
from tests.support import databases


def test_a_benchmark_runs_and_holds_what_it_must(capfd):
    kind = "postgresql" if databases.server() else "sqlite"

    assert w3.run(kind, QUICK), capfd.readouterr().out
