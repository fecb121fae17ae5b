"""W3, one slot: two hundred clients want the same time at the same moment."""

from __future__ import annotations

import statistics
import time
from collections import Counter
from collections.abc import Callable

from tests.bench import floor
from tests.bench.crowd import crowd
from tests.bench.ground import SERVICE, Ground, ground, slug
from tests.bench.places import PORT, Size
from tests.bench.report import Figure, tell
from tests.bench.serving import Served, serving
from tests.bench.w2 import CSRF, FAR, ONCE, TOKEN
from tests.bench.wire import Line

NAME = "W3 one slot"


def grab(
    wait: Callable[[], object], waits: list[float], port: int, cookie: str, doctor: str, at: str
) -> str:
    """Have the form open, then hold with all the others; the status and where it led."""
    line = Line(port, cookie)
    page = line.get(f"/bookings/new?doctor={doctor}&service={SERVICE}&starts_at={at}")
    token, once = TOKEN.search(page.body), ONCE.search(page.body)
    assert token is not None, page.body[:200]
    assert once is not None
    form = {"csrf_token": token[1].decode(), "form_token": once[1].decode()}
    form |= {"doctor": doctor, "service": SERVICE, "starts_at": at}
    form |= {"name": "Load", "email": "load@load.test", "phone": "+1 240 555 0117"}
    wait()
    begun = time.perf_counter()
    answer = line.post("/bookings", form)
    waits.append(time.perf_counter() - begun)
    clear = b"That time has just gone" in answer.body
    return f"{answer.status}" + ("" if answer.status == 303 or clear else " unclear")


def grab_at_floor(
    wait: Callable[[], object], waits: list[float], port: int, cookie: str, doctor: str, at: str
) -> str:
    """The same without sign-in and tokens."""
    line = Line(port)
    line.get("/healthz")
    wait()
    begun = time.perf_counter()
    answer = line.post("/hold", {"doctor": doctor, "starts_at": at, "email": cookie})
    waits.append(time.perf_counter() - begun)
    return f"{answer.status}"


def grab_at_stack(
    wait: Callable[[], object], waits: list[float], port: int, cookie: str, doctor: str, at: str
) -> str:
    """The same where it is written plainly."""
    line = Line(port)
    line.get(f"/as/{hash(cookie) % 200}")
    page = line.get(f"/book?doctor={doctor}&starts_at={at}")
    token = CSRF.search(page.body)
    assert token is not None
    form = {"csrf_token": token[1].decode(), "doctor": doctor, "starts_at": at}
    wait()
    begun = time.perf_counter()
    answer = line.post("/book", {**form, "name": "Load", "email": "load@load.test"})
    waits.append(time.perf_counter() - begun)
    return f"{answer.status}"


def run(kind: str, size: Size) -> bool:
    """Several times, each on another doctor; the median counts."""
    with ground(kind, bookings=size.bookings[0]) as made:
        floor.make_tables_at(made.url)
        cookies = made.cookies(size.clients)
        at = made.slots(0, days=40)[FAR::24]
        with serving("wsgi:app", PORT, made.environment, page="/healthz", log=made.log) as served:
            efoy = _measure(served, made, grab, cookies, at, size)
        with serving(
            "tests.bench.floor:app", PORT, made.environment, page="/healthz", log=made.log
        ) as served:
            least = _measure(served, made, grab_at_floor, cookies, at, size)
        made.run("tests.bench.stack", "make_tables")
        with serving(
            "tests.bench.stack:app", PORT, made.environment, page="/healthz", log=made.log
        ) as served:
            plain = _measure(served, made, grab_at_stack, cookies, at, size)
    return tell(NAME, kind, efoy, least, plain, less=True)


def _measure(
    served: Served,
    made: Ground,
    act: Callable[..., str],
    cookies: list[str],
    at: list[str],
    size: Size,
) -> Figure:
    seconds, waits, faults, cpu = [], [], [], 0.0
    for number in range(size.rounds):
        before = served.cpu()
        outcome = crowd(act, [(PORT, cookie, slug(number), at[number]) for cookie in cookies])
        cpu += served.cpu() - before
        counted = Counter(map(str, outcome.results))
        if counted != {"303": 1, "409": len(cookies) - 1}:
            faults.append(str(counted))
        if number:  # the first one warms everything
            seconds.append(outcome.seconds)
        waits += outcome.waits
    if act is grab:
        faults += _in_database(made, size.rounds)
    return Figure(
        value=statistics.median(seconds),
        unit="s for all",
        cpu_ms=1000 * cpu / len(waits),
        held=f"{size.rounds} × one winner, in the database too; {len(cookies) - 1} clear 409",
        faults=faults,
    )


def _in_database(made: Ground, rounds: int) -> list[str]:
    """Exactly one live booking for each time that was fought for: each is of another doctor."""
    connection = floor.open_connection(made.url)
    sql = (
        "SELECT doctor_id, count(*) FROM bookings WHERE status = 'held'"
        " AND form_token IS NOT NULL GROUP BY doctor_id"
    )
    rows = connection.execute(sql).fetchall()
    connection.close()
    return [] if [count for _, count in rows] == [1] * rounds else [f"in the database: {rows}"]
