"""What is the least that could do the same? Flask, Jinja and the bare driver: no login, no CSRF.

Served like Efoy, on the same database: it reads Efoy's tables and writes tables of its own.
"""

from __future__ import annotations

import hashlib
import hmac
import http.client
import json
import os
import queue
import secrets
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit
from zoneinfo import ZoneInfo

import psycopg
from flask import Flask, redirect, request

URL = os.environ.get("FLOOR_DATABASE", "")
STRIPE = os.environ.get("FLOOR_STRIPE", "")
SECRET = os.environ.get("FLOOR_SECRET", "").encode()
SQLITE = URL.startswith("sqlite")
DAYS, CONNECTIONS = 14, 16
TABLES = (
    "CREATE TABLE IF NOT EXISTS floor_bookings (id TEXT PRIMARY KEY, doctor INTEGER NOT NULL,"
    " starts_at TEXT NOT NULL, patient TEXT NOT NULL, status TEXT NOT NULL, url TEXT,"
    " UNIQUE (doctor, starts_at))",
    "CREATE TABLE IF NOT EXISTS floor_events (id TEXT PRIMARY KEY, type TEXT NOT NULL,"
    " object_id TEXT NOT NULL, at TEXT NOT NULL)",
)
WEEK = """<!doctype html><html lang="en"><head><title>{{ name }}</title>
<link rel="stylesheet" href="/static/site.css"></head><body><h1>{{ name }}</h1>
<form action="/book"><input type="hidden" name="doctor" value="{{ slug }}">
{% for day, times in days %}<section><h2>{{ day }}</h2><ul>
{% for at in times %}<li><label>
<input type="radio" name="starts_at" value="{{ at }}">{{ at[11:16] }}
</label></li>{% endfor %}</ul></section>{% endfor %}<button>Continue</button></form>
</body></html>"""
FORM = """<!doctype html><html lang="en"><head><title>Book</title></head><body><h1>{{ name }}</h1>
<form action="/pay" method="post"><input type="hidden" name="doctor" value="{{ slug }}">
<input type="hidden" name="starts_at" value="{{ at }}">
<label>Name <input name="name"></label>
<label>Email <input name="email"></label><button>Pay {{ price }}</button></form></body></html>"""
GONE = """<!doctype html><html lang="en"><head><title>Gone</title></head><body>
<h1>That time has just gone</h1><ul>{% for at in times %}<li>{{ at }}</li>{% endfor %}</ul>
<p><a href="/doctors/{{ slug }}">Other times</a></p></body></html>"""

app = Flask(__name__, static_folder=None)
_pages = {each: app.jinja_env.from_string(each) for each in (WEEK, FORM, GONE)}
_spare: queue.LifoQueue[Any] = queue.LifoQueue()
_made = threading.Semaphore(CONNECTIONS)
_turn = threading.Lock()
_line = threading.local()


def open_connection(url: str = URL) -> Any:
    """The bare driver, as durable as Efoy's."""
    if not url.startswith("sqlite"):
        return psycopg.connect(url, autocommit=True)
    path = url.removeprefix("sqlite:///")
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA busy_timeout=20000")
    connection.execute("PRAGMA synchronous=FULL")
    return connection


@contextmanager
def connected() -> Iterator[Any]:
    """One of a few connections."""
    try:
        connection = _spare.get_nowait()
    except queue.Empty:
        connection = open_connection() if _made.acquire(blocking=False) else _spare.get()
    try:
        yield connection
    finally:
        _spare.put(connection)


def run(connection: Any, sql: str, *values: Any) -> list[Any]:
    """The rows of one statement, committed."""
    cursor = connection.execute(sql if SQLITE else sql.replace("?", "%s"), values)
    return cursor.fetchall() if cursor.description else []


def write(connection: Any, sql: str, *values: Any) -> list[Any]:
    """The same for a statement that writes: on SQLite one writer after the other."""
    if not SQLITE:
        return run(connection, sql, *values)
    with _turn:
        connection.execute("BEGIN IMMEDIATE")
        rows = run(connection, sql, *values)
        connection.execute("COMMIT")
    return rows


def make_tables_at(url: str) -> None:
    """Once, before the servers start."""
    connection = open_connection(url)
    for sql in TABLES:
        connection.execute(sql)
    connection.close()


@app.get("/healthz")
def healthz() -> str:
    """Up."""
    return "ok"


def _free(connection: Any, slug: str) -> tuple[Any, list[tuple[str, list[str]]]]:
    [doctor] = run(connection, "SELECT id, name FROM doctors WHERE slug = ?", slug)
    hours = run(
        connection,
        "SELECT weekday, from_minute, to_minute FROM opening_hours WHERE doctor_id = ?",
        doctor[0],
    )
    [[zone]] = run(connection, "SELECT zone FROM clinic")
    local = ZoneInfo(zone)
    first = datetime.now(local).date() + timedelta(days=1)
    begin = datetime(first.year, first.month, first.day, tzinfo=local).astimezone(UTC)
    end = begin + timedelta(days=DAYS)
    if SQLITE:
        begin, end = (f"{each:%Y-%m-%d %H:%M:%S.%f}" for each in (begin, end))  # type: ignore[assignment]
    taken = run(
        connection,
        "SELECT starts_at FROM bookings WHERE doctor_id = ? AND starts_at >= ? AND starts_at < ?"
        " AND status IN ('held', 'confirmed')",
        *(doctor[0], begin, end),
    )
    gone = {_text(row[0]) for row in taken}
    return doctor, [(str(day), times_of(day, hours, local, gone)) for day in days_from(first)]


def _text(at: Any) -> str:
    return at[:16] if isinstance(at, str) else f"{at.astimezone(UTC):%Y-%m-%d %H:%M}"


def days_from(first: Any) -> list[Any]:
    """The fourteen days that are shown."""
    return [first + timedelta(days=n) for n in range(DAYS)]


def times_of(day: Any, hours: list[Any], local: ZoneInfo, gone: set[str]) -> list[str]:
    """The free times of one day."""
    found = []
    for weekday, start, end in hours:
        if weekday == day.weekday():
            midnight = datetime(day.year, day.month, day.day, tzinfo=local).astimezone(UTC)
            for minute in range(start, end, 20):
                at = f"{midnight + timedelta(minutes=minute):%Y-%m-%d %H:%M}"
                if at not in gone:
                    found.append(at)
    return found


@app.get("/doctors/<slug>")
def week(slug: str) -> str:
    """W1: the free times of fourteen days."""
    with connected() as connection:
        doctor, days = _free(connection, slug)
    return _pages[WEEK].render(slug=slug, name=doctor[1], days=days)


@app.get("/book")
def book() -> str:
    """W2: the form."""
    slug = request.args["doctor"]
    with connected() as connection:
        [[name]] = run(connection, "SELECT name FROM doctors WHERE slug = ?", slug)
    return _pages[FORM].render(slug=slug, name=name, at=request.args["starts_at"], price="$45.00")


def _hold(connection: Any, doctor: int, at: str) -> str | None:
    key = secrets.token_hex(13)
    taken = write(
        connection,
        "INSERT INTO floor_bookings (id, doctor, starts_at, patient, status)"
        " VALUES (?, ?, ?, ?, 'held') ON CONFLICT DO NOTHING RETURNING id",
        *(key, doctor, at, request.form.get("email", "")),
    )
    return key if taken else None


@app.post("/hold")
def hold() -> Any:
    """W3: the time is somebody's; everybody else gets three others."""
    slug, at = request.form["doctor"], request.form["starts_at"]
    with connected() as connection:
        [[doctor]] = run(connection, "SELECT id FROM doctors WHERE slug = ?", slug)
        if _hold(connection, doctor, at):
            return redirect("/review", 303)
        _, days = _free(connection, slug)
    near = [each for _, times in days for each in times][:3]
    return _pages[GONE].render(slug=slug, times=near), 409


@app.post("/pay")
def pay() -> Any:
    """W2: hold and commit, ask Stripe with nothing open, record and commit, redirect."""
    slug, at = request.form["doctor"], request.form["starts_at"]
    with connected() as connection:
        [[doctor]] = run(connection, "SELECT id FROM doctors WHERE slug = ?", slug)
        key = _hold(connection, doctor, at)
    if key is None:
        return "gone", 409
    url = _checkout(key)
    with connected() as connection:
        sql = "UPDATE floor_bookings SET status = 'open', url = ? WHERE id = ?"
        write(connection, sql, url, key)
    return redirect(url, 303)


def _checkout(key: str) -> str:
    if not hasattr(_line, "stripe"):
        parts = urlsplit(STRIPE)
        _line.stripe = http.client.HTTPConnection(parts.hostname or "", parts.port)
    form = urlencode({"client_reference_id": key, "mode": "payment"})
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Idempotency-Key": key}
    _line.stripe.request("POST", "/v1/checkout/sessions", form, headers)
    url: str = json.load(_line.stripe.getresponse())["url"]
    return url


@app.post("/webhook")
def webhook() -> Any:
    """W4: proved, stored once, answered."""
    body = request.get_data(cache=False)
    parts = dict(part.split("=", 1) for part in request.headers["Stripe-Signature"].split(","))
    proof = hmac.new(SECRET, parts["t"].encode() + b"." + body, hashlib.sha256).hexdigest()
    if abs(time.time() - int(parts["t"])) > 300 or not hmac.compare_digest(proof, parts["v1"]):
        return "", 400
    event = json.loads(body)
    with connected() as connection:
        write(
            connection,
            "INSERT INTO floor_events (id, type, object_id, at) VALUES (?, ?, ?, ?)"
            " ON CONFLICT DO NOTHING",
            *(event["id"], event["type"], event["data"]["object"]["id"], parts["t"]),
        )
    return "", 204
