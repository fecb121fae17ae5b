"""W7, sweep: ten thousand open checkouts are compared with Stripe's list."""

from __future__ import annotations

import json
import os
import subprocess
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import requests

from runner.places import PYTHON, ROOT
from tests.bench import floor
from tests.bench.ground import Ground, ground
from tests.bench.places import STRIPE_PORT, Size
from tests.bench.report import Figure, tell
from tests.bench.stand_in import Checkouts, end_of, stand_in
from tests.bench.wire import Line

NAME = "W7 sweep"
SPREAD = timedelta(minutes=20)
"""The checkouts were made over so long a time: none has reached its own end."""
BOOKINGS = 1000


def run(kind: str, size: Size) -> bool:
    """With a Stripe that answers at once, and after 150 ms."""
    held = True
    for delay in (0.0, 0.15):
        created = int((datetime.now(UTC) - SPREAD - timedelta(minutes=2)).timestamp())
        checkouts = Checkouts(
            count=size.checkouts,
            first=BOOKINGS + 1,
            created=created,
            spread=int(SPREAD.total_seconds()),
        )
        with (
            stand_in(STRIPE_PORT, delay=delay, checkouts=checkouts) as stripe,
            ground(kind, stripe=stripe, bookings=BOOKINGS, open_checkouts=size.checkouts) as made,
        ):
            _spread(made, checkouts)
            least = _floor(made, size)
            efoy = _efoy(made, size)
        held &= tell(f"{NAME}, {delay * 1000:.0f} ms", kind, efoy, least, less=True)
    return held


def _spread(made: Ground, checkouts: Checkouts) -> None:
    """Let the rows say when their checkouts were made, as the stand-in does."""
    connection = floor.open_connection(made.url)
    text = "strftime('%Y-%m-%d %H:%M:%S.000000', ?, 'unixepoch')"
    at = text if made.kind == "sqlite" else "to_timestamp(%s)"
    mark = "?" if made.kind == "sqlite" else "%s"
    sql = f"UPDATE payments SET created_at = {at} WHERE checkout_ref = {mark}"
    rows = [(each["created"], each["id"]) for each in checkouts.all()]
    connection.execute("BEGIN")
    cursor = connection.cursor()
    cursor.executemany(sql, rows)
    connection.execute("COMMIT")
    connection.close()


def _calls() -> int:
    return int(json.loads(Line(STRIPE_PORT).get("/calls").body))


def _efoy(made: Ground, size: Size) -> Figure:
    before, begun = _calls(), time.perf_counter()
    code = (
        "from wsgi import app\n"
        "import time\n"
        "from efoy.domain.role import Door, system\n"
        "from efoy.services import reconcile\n"
        "from efoy.wiring import outside\n"
        "with app.app_context():\n"
        "    out = outside()\n"
        "    stripe, actor = out.worker_stripe, system(Door.CLI)\n"
        "    sweep = reconcile.Sweep(stripe=stripe, actor=actor, now=out.clock())\n"
        "    begun = time.perf_counter()\n"
        "    count = reconcile.look_at_open(sweep)\n"
        "    print(count, time.perf_counter() - begun)\n"
    )
    done = subprocess.run(
        [str(PYTHON), "-c", code],
        cwd=ROOT,
        env={**os.environ, **made.environment, "LOG_LEVEL": "WARNING"},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(done.stderr[-3000:])
    seconds = float(done.stdout.split()[-1])
    calls = _calls() - before
    faults = _wrong_ends(made, size.checkouts)
    faults += [f"{calls} calls"] if calls > size.checkouts // 100 * 1.1 + 5 else []
    whole = time.perf_counter() - begun
    return Figure(
        value=seconds,
        unit="s",
        held=f"{calls} calls, every end as Stripe told ({whole:.1f} s with the start)",
        faults=faults,
    )


def _wrong_ends(made: Ground, count: int) -> list[str]:
    connection = floor.open_connection(made.url)
    rows = connection.execute(
        "SELECT p.checkout_ref, p.status, b.status FROM payments p"
        " JOIN bookings b ON b.id = p.booking_id WHERE p.checkout_ref LIKE 'cs_test_load_%'"
    ).fetchall()
    [[receipts]] = connection.execute(
        "SELECT count(*) FROM receipts r JOIN payments p ON p.id = r.payment_id"
        " JOIN bookings b ON b.id = p.booking_id WHERE b.starts_at > p.paid_at"
    ).fetchall()
    connection.close()
    bookings = {"paid": "confirmed", "expired": "expired", "open": "held"}
    wrong = []
    for ref, payment, booking in rows:
        number = int(ref.rpartition("_")[2]) - BOOKINGS - 1
        if number >= 0 and (payment, booking) != (end_of(number), bookings[end_of(number)]):
            wrong.append(f"{ref} {payment} {booking}")
    if receipts < count // 2:
        wrong.append(f"{receipts} receipts")
    return wrong


# -- floor: the list by a bare session, two updates a row, one transaction a page ----------------


def _floor(made: Ground, size: Size) -> Figure:
    connection = floor.open_connection(made.url)
    for name in ("payments", "bookings"):
        connection.execute(f"DROP TABLE IF EXISTS floor_{name}")
        connection.execute(
            f"CREATE TABLE floor_{name} AS SELECT * FROM {name} WHERE status IN ('open', 'held')"
        )
    connection.execute("CREATE UNIQUE INDEX floor_payments_ref ON floor_payments (checkout_ref)")
    connection.execute("CREATE UNIQUE INDEX floor_bookings_id ON floor_bookings (id)")
    begun = time.perf_counter()
    done = sum(_page(connection, page) for page in _pages(made.stripe))
    seconds = time.perf_counter() - begun
    connection.close()
    expected = sum(end_of(n) != "open" for n in range(size.checkouts))
    return Figure(
        value=seconds, unit="s", faults=[] if done == expected else [f"{done} of {expected}"]
    )


def _pages(stripe: str) -> Any:
    session, after = requests.Session(), {}
    session.trust_env = False
    while True:
        params = {"limit": 100, **after}
        page = session.get(f"{stripe}/v1/checkout/sessions", params=params, timeout=30).json()
        yield page["data"]
        if not page["has_more"]:
            return
        after = {"starting_after": page["data"][-1]["id"]}


def _page(connection: Any, rows: list[dict[str, Any]]) -> int:
    ended = [row for row in rows if row["status"] != "open"]
    values = [
        (("paid", "confirmed") if row["payment_status"] == "paid" else ("expired", "expired"), row)
        for row in ended
    ]
    sqlite = not hasattr(connection, "pgconn")
    mark = "?" if sqlite else "%s"
    cursor = connection.cursor()
    connection.execute("BEGIN")
    cursor.executemany(
        f"UPDATE floor_payments SET status = {mark} WHERE checkout_ref = {mark}",
        [(ends[0], row["id"]) for ends, row in values],
    )
    cursor.executemany(
        f"UPDATE floor_bookings SET status = {mark} WHERE id ="
        f" (SELECT booking_id FROM floor_payments WHERE checkout_ref = {mark})",
        [(ends[1], row["id"]) for ends, row in values],
    )
    connection.execute("COMMIT")
    return len(ended)
