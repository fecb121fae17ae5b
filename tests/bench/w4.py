"""W4, webhooks: ten thousand signed messages, some of them twice, half of those in flight."""

from __future__ import annotations

import hashlib
import hmac
import json
import random
import time
from collections.abc import Callable

from tests.bench import floor
from tests.bench.crowd import crowd
from tests.bench.ground import SECRET, Ground, ground
from tests.bench.places import PORT, Size
from tests.bench.report import Figure, tell
from tests.bench.serving import Served, serving
from tests.bench.wire import Line

NAME = "W4 webhooks"
LINES = 16
PATHS = {"efoy": "/api/v1/payment/webhook", "floor": "/webhook", "stack": "/webhook"}


def message(number: int) -> bytes:
    """The n-th event, with a session of the size that Stripe sends."""
    ref = f"cs_test_bench_{number:08d}"
    thing = {
        "id": ref,
        "object": "checkout.session",
        "status": "complete",
        "payment_status": "paid",
        "payment_intent": f"pi_bench_{number:08d}",
        "amount_total": 4500,
        "currency": "usd",
        "client_reference_id": f"bench{number:021d}",
        "metadata": {"app": "efoy", "env": "development", "attempt": f"bench{number:021d}"},
        "customer_details": {"email": "someone@load.test", "name": "Somebody"},
        "url": None,
        "filler": "x" * 1200,
    }
    now = int(time.time())
    event = {
        "id": f"evt_bench_{number:08d}",
        "object": "event",
        "type": "checkout.session.completed",
        "created": now,
        "livemode": False,
        "api_version": "2026-10-28.endive",
        "data": {"object": thing},
    }
    return json.dumps(event).encode()


def signed(body: bytes) -> dict[str, str]:
    """The header that proves it."""
    at = str(int(time.time()))
    proof = hmac.new(SECRET.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return {"Stripe-Signature": f"t={at},v1={proof}", "Content-Type": "application/json"}


def deliver(
    wait: Callable[[], object], waits: list[float], port: int, path: str, numbers: list[int]
) -> list[str]:
    """Send them one after the other; what was not answered with 204."""
    line = Line(port)
    line.get("/healthz")
    bodies = [message(number) for number in numbers]
    ready = [(body, signed(body)) for body in bodies]
    wait()
    wrong = []
    for body, headers in ready:
        begun = time.perf_counter()
        answer = line.ask("POST", path, body, headers)
        waits.append(time.perf_counter() - begun)
        if answer.status != 204:
            wrong.append(f"{answer.status} {answer.body[:80]!r}")
    return wrong


def shares(events: int) -> list[list[int]]:
    """Who sends what: one in ten comes twice, half of those on the neighbour line at once."""
    unique = events * 10 // 11
    lines: list[list[int]] = [list(range(n, unique, LINES)) for n in range(LINES)]
    chance = random.Random(4)
    for again in range(events - unique):
        number = chance.randrange(unique)
        place = number // LINES
        target = lines[(number + 1) % LINES]
        if again % 2:
            target.insert(min(place, len(target)), number)
        else:
            target.append(number)
    return lines


def run(kind: str, size: Size) -> bool:
    """Stored and acknowledged; the worker is not running, as it would take the other core."""
    with ground(kind, bookings=size.bookings[0]) as made:
        floor.make_tables_at(made.url)
        with serving("wsgi:app", PORT, made.environment, page="/healthz", log=made.log) as served:
            efoy = _measure(served, made, "efoy", "stripe_events", size)
        with serving(
            "tests.bench.floor:app", PORT, made.environment, page="/healthz", log=made.log
        ) as served:
            least = _measure(served, made, "floor", "floor_events", size)
        made.run("tests.bench.stack", "make_tables")
        with serving(
            "tests.bench.stack:app", PORT, made.environment, page="/healthz", log=made.log
        ) as served:
            plain = _measure(served, made, "stack", "stack_events", size)
    return tell(NAME, kind, efoy, least, plain)


def _measure(served: Served, made: Ground, whose: str, table: str, size: Size) -> Figure:
    crowd(deliver, [(PORT, PATHS[whose], [10**7 + n]) for n in range(LINES)])
    known, before = _count(made, table), served.cpu()
    lines = shares(size.events)
    outcome = crowd(deliver, [(PORT, PATHS[whose], numbers) for numbers in lines])
    spent, sent = served.cpu() - before, sum(map(len, lines))
    unique = len({number for numbers in lines for number in numbers})
    grown = _count(made, table) - known
    faults = [each for result in outcome.results for each in result]
    faults += [] if grown == unique else [f"{grown} stored of {unique}"]
    return Figure(
        value=sent / outcome.seconds,
        unit="events/s",
        cpu_ms=1000 * spent / sent,
        p50=outcome.percentile(0.5),
        p99=outcome.percentile(0.99),
        held=f"{sent} answered 204, {unique} stored",
        faults=faults,
    )


def _count(made: Ground, table: str) -> int:
    connection = floor.open_connection(made.url)
    [[count]] = connection.execute(f"SELECT count(*) FROM {table}").fetchall()
    connection.close()
    return int(count)
