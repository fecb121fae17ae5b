"""W1, the slot page: how many a second, at a thousand and at a million bookings?"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from tests.bench import floor
from tests.bench.crowd import crowd
from tests.bench.ground import DOCTORS, SERVICE, Ground, ground, slug
from tests.bench.places import PORT, Size
from tests.bench.report import Figure, tell
from tests.bench.serving import Served, serving
from tests.bench.wire import Line

LINES = 8
NAME = "W1 slot page"


def look(
    wait: Callable[[], object],
    waits: list[float],
    port: int,
    tail: str,
    mark: bytes,
    seconds: float,
) -> tuple[int, str]:
    """Ask for pages of doctors by chance; how many, and the first that was wrong."""
    line, chance, count, wrong = Line(port), random.Random(), 0, ""
    line.open()
    wait()
    end = time.perf_counter() + seconds
    while (begun := time.perf_counter()) < end:
        answer = line.get(f"/doctors/{slug(chance.randrange(DOCTORS))}{tail}")
        waits.append(time.perf_counter() - begun)
        count += 1
        if answer.status != 200 or mark not in answer.body:
            wrong = wrong or f"{answer.status} {answer.body[:80]!r}"
    return count, wrong


def measure(served: Served, tail: str, mark: bytes, seconds: float) -> Figure:
    """Pages a second on eight lines, and what each cost."""
    crowd(look, [(served.port, tail, mark, min(1.5, seconds))] * LINES)  # everything is warm
    before = served.cpu()
    outcome = crowd(look, [(served.port, tail, mark, seconds)] * LINES)
    spent = served.cpu() - before
    count = sum(result[0] for result in outcome.results)
    return Figure(
        value=count / outcome.seconds,
        unit="pages/s",
        cpu_ms=1000 * spent / count,
        p50=outcome.percentile(0.5),
        p99=outcome.percentile(0.99),
        held=f"{count} answers, each 200 with times",
        faults=[result[1] for result in outcome.results if result[1]],
    )


def run(kind: str, size: Size) -> bool:
    """One figure for each number of bookings; the last line compares the largest and the least."""
    held, values = True, []
    for bookings in size.bookings:
        with ground(kind, bookings=bookings) as made:
            efoy, least, plain = _all(made, size)
        held &= tell(f"{NAME} {bookings}", kind, efoy, least, plain)
        values.append(efoy.value)
    print(f"{NAME} {kind}: largest to least {values[-1] / values[0]:.2f}", flush=True)
    return held


def _all(made: Ground, size: Size) -> tuple[Figure, Figure, Figure]:
    floor.make_tables_at(made.url)
    next_week = datetime.now(UTC).date() + timedelta(days=7)
    tail = f"?service={SERVICE}&week={next_week}"
    with serving("wsgi:app", PORT, made.environment, page="/healthz", log=made.log) as served:
        efoy = measure(served, tail, b'name="starts_at"', size.seconds)
    with serving(
        "tests.bench.floor:app", PORT, made.environment, page="/healthz", log=made.log
    ) as served:
        least = measure(served, "", b'name="starts_at"', size.seconds)
    with serving(
        "tests.bench.stack:app", PORT, made.environment, page="/healthz", log=made.log
    ) as served:
        plain = measure(served, "", b'name="starts_at"', size.seconds)
    return efoy, least, plain
