"""W2, hold and pay: sixty-four patients at once, from the form to Stripe's page."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

from tests.bench import floor
from tests.bench.crowd import Outcome, crowd
from tests.bench.ground import DOCTORS, SERVICE, Ground, ground, slug
from tests.bench.places import PORT, STRIPE_PORT, Size
from tests.bench.report import Figure, tell
from tests.bench.serving import Served, serving
from tests.bench.stand_in import stand_in
from tests.bench.wire import Line

NAME = "W2 hold and pay"
EACH, HOLDS, FAR = 6, 3, 14 * 12 + 24
"""Six bookings a line: Efoy lets nobody hold more than three, so two patients share a line."""
TOKEN = re.compile(rb'name="csrf_token" value="([^"]+)"')
CSRF = re.compile(rb'name="csrf_token" type="hidden" value="([^"]+)"')
ONCE = re.compile(rb'name="form_token" value="([^"]+)"')
REHEARSAL = 8
Job = tuple[int, list[str], list[tuple[str, str]]]


def book(
    wait: Callable[[], object],
    waits: list[float],
    port: int,
    cookies: list[str],
    wishes: list[tuple[str, str]],
) -> list[str]:
    """Form, hold, pay, for each wish; what was not answered as it should."""
    wrong: list[str] = []
    lines = [Line(port, cookie) for cookie in cookies]
    for line in lines:
        line.get("/healthz")
    wait()
    for number, (doctor, at) in enumerate(wishes):
        begun = time.perf_counter()
        wrong += _one(lines[number // HOLDS], doctor, at)
        waits.append(time.perf_counter() - begun)
    return wrong


def _one(line: Line, doctor: str, at: str) -> list[str]:
    page = line.get(f"/bookings/new?doctor={doctor}&service={SERVICE}&starts_at={at}")
    token, once = TOKEN.search(page.body), ONCE.search(page.body)
    if page.status != 200 or token is None or once is None:
        return [f"form {page.status} {page.body[:100]!r}"]
    form = {"csrf_token": token[1].decode(), "form_token": once[1].decode()}
    wish = {"doctor": doctor, "service": SERVICE, "starts_at": at}
    who = {"name": "Load Patient", "email": "patient@load.test", "phone": "+1 240 555 0117"}
    held = line.post("/bookings", {**form, **wish, **who})
    place = held.headers.get("location", "")
    if held.status != 303 or not place.endswith("/review"):
        return [f"hold {held.status} {place} {held.body[:200]!r}"]
    paid = line.post(place.replace("/review", "/pay"), {"csrf_token": form["csrf_token"]})
    if paid.status != 303 or "/c/pay/cs_test_" not in paid.headers.get("location", ""):
        return [f"pay {paid.status} {paid.headers.get('location')} {paid.body[:200]!r}"]
    return []


def book_at_floor(
    wait: Callable[[], object],
    waits: list[float],
    port: int,
    cookies: list[str],
    wishes: list[tuple[str, str]],
) -> list[str]:
    """The same where nobody signs in and one post does both."""
    wrong: list[str] = []
    line = Line(port)
    line.open()
    wait()
    for doctor, at in wishes:
        begun = time.perf_counter()
        page = line.get(f"/book?doctor={doctor}&starts_at={at}")
        paid = line.post("/pay", {"doctor": doctor, "starts_at": at, "name": "n", "email": "e"})
        if page.status != 200 or paid.status != 303:
            wrong.append(f"{page.status} {paid.status} {paid.body[:80]!r}")
        waits.append(time.perf_counter() - begun)
    return wrong


def book_at_stack(
    wait: Callable[[], object],
    waits: list[float],
    port: int,
    cookies: list[str],
    wishes: list[tuple[str, str]],
) -> list[str]:
    """The same where it is written plainly: form, hold, pay."""
    wrong: list[str] = []
    line = Line(port)
    line.get(f"/as/{hash(cookies[0]) % 200}")
    wait()
    for doctor, at in wishes:
        begun = time.perf_counter()
        page = line.get(f"/book?doctor={doctor}&starts_at={at}")
        token = CSRF.search(page.body)
        form = {"csrf_token": token[1].decode()} if token else {}
        wish = {"doctor": doctor, "starts_at": at, "name": "Load", "email": "load@load.test"}
        held = line.post("/book", {**form, **wish})
        place = held.headers.get("location", "").replace("/review", "/pay")
        paid = line.post(place, form)
        if (held.status, paid.status) != (303, 303):
            wrong.append(f"{page.status} {held.status} {paid.status} {held.body[:80]!r}")
        waits.append(time.perf_counter() - begun)
    return wrong


def figure(outcome: Outcome, spent: float, held: str) -> Figure:
    """Bookings a second; the CPU of one booking, form included."""
    count = len(outcome.waits)
    wrong = [each for result in outcome.results for each in _faults(result)]
    return Figure(
        value=count / outcome.seconds,
        unit="bookings/s",
        cpu_ms=1000 * spent / max(1, count),
        p50=outcome.percentile(0.5),
        p99=outcome.percentile(0.99),
        held=held.format(count=count),
        faults=wrong,
    )


def _faults(result: object) -> list[str]:
    return result if isinstance(result, list) else [str(result)]


def jobs(made: Ground, patients: int, *, first: int = 0) -> list[Job]:
    """Distinct times for every line, the n-th at the n-th doctor, past those that are half taken.

    ``first`` leaves out so many lines that others have used.
    """
    cookies = made.cookies(2 * (first + patients))
    times = made.slots(0, days=40)[FAR:]
    found: list[Job] = []
    for number in range(first, first + patients):
        doctor, begin = number % DOCTORS, number // DOCTORS * EACH
        wishes = [(slug(doctor), at) for at in times[begin : begin + EACH]]
        found.append((PORT, cookies[2 * number : 2 * number + 2], wishes))
    return found


def run(kind: str, size: Size) -> bool:
    """With a Stripe that answers at once, and after 150 ms."""
    held = True
    for delay in (0.0, 0.15):
        with (
            stand_in(STRIPE_PORT, delay=delay) as stripe,
            ground(kind, stripe=stripe, bookings=size.bookings[0]) as made,
        ):
            efoy, least, plain = _all(made, size)
        held &= tell(f"{NAME}, {delay * 1000:.0f} ms", kind, efoy, least, plain)
    return held


def _all(made: Ground, size: Size) -> tuple[Figure, Figure, Figure]:
    floor.make_tables_at(made.url)
    made.run("tests.bench.stack", "make_tables")
    with serving("wsgi:app", PORT, made.environment, page="/healthz", log=made.log) as served:
        _rehearse(made, book)
        work = jobs(made, size.patients, first=REHEARSAL)
        efoy = _measure(served, book, work, "{count} redirects to Stripe's page")
    with serving(
        "tests.bench.floor:app", PORT, made.environment, page="/healthz", log=made.log
    ) as served:
        _rehearse(made, book_at_floor)
        least = _measure(served, book_at_floor, work, "{count} redirects")
    with serving(
        "tests.bench.stack:app", PORT, made.environment, page="/healthz", log=made.log
    ) as served:
        _rehearse(made, book_at_stack)
        plain = _measure(served, book_at_stack, work, "{count} redirects")
    return efoy, least, plain


def _rehearse(made: Ground, act: Callable[..., list[str]]) -> None:
    crowd(act, jobs(made, REHEARSAL))


def _measure(served: Served, act: Callable[..., list[str]], work: list[Job], held: str) -> Figure:
    before = served.cpu()
    outcome = crowd(act, work)
    return figure(outcome, served.cpu() - before, held)
