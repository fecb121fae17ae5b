"""Can a stranger tell known from unknown, read what others typed, or find it in the logs?"""

from __future__ import annotations

import json
import logging
import threading
import time

import pytest

from efoy.services import passwords
from tests.support.account import REGISTRATION, Visitor, give_password, mail_goes_out, sign_in
from tests.support.clinic import ADMIN, PATIENT

CANARY = "Canaryname"
MARKUP = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "{{7*7}}${7*7}<%= 7*7 %>#{7*7}",
    "</title><svg onload=alert(1)>",
    "javascript:alert(1)//",
    "\u202eevil\u202c <b>",
]


@pytest.fixture
def guest(app, clock):
    """Somebody without an account."""
    return Visitor(app, now=clock())


@pytest.mark.slow
def test_the_time_of_an_answer_does_not_tell_who_has_an_account(app, clock):
    """At best, known and unknown differ by less than a tenth, at each of three doors."""
    give_password(app, PATIENT)
    app.config["STEADY_SECONDS"] = 0.25
    doors = {
        "/login": {"password": "not the password"},
        "/reset": {},
        "/register": {"name": "Any", "phone": "240 555 0117", "password": "three green birds"},
    }
    for path, fields in doors.items():
        browser = Visitor(app, now=clock())
        taken = {"almaz@example.org": [], "nobody{}@example.org": []}
        browser.post(path, email="warm@example.org", **fields)
        for turn in range(6):
            for address, times in taken.items():
                begun = time.perf_counter()
                browser.post(path, email=address.format(turn), **fields)
                times.append(time.perf_counter() - begun)

        known, unknown = (min(times) for times in taken.values())
        assert 0.9 < known / unknown < 1.1, (path, known, unknown)


def test_nobodys_hash_costs_what_everybodys_does():
    assert not passwords.out_of_date(passwords.NOBODY)
    assert not passwords.is_password("anything at all", None)
    assert not passwords.is_password("anything at all", "not a hash")


def test_few_passwords_are_hashed_at_a_time():
    running, most, lock = 0, 0, threading.Lock()
    real = passwords._hasher

    class Counting:
        def hash(self, password):
            nonlocal running, most
            with lock:
                running += 1
                most = max(most, running)
            try:
                return real.hash(password)
            finally:
                with lock:
                    running -= 1

    passwords._hasher = Counting()
    try:
        crowd = [threading.Thread(target=passwords.hash_password, args=("x",)) for _ in range(12)]
        [one.start() for one in crowd]
        [one.join() for one in crowd]
    finally:
        passwords._hasher = real

    assert most <= passwords.AT_ONCE


def test_what_is_typed_stays_text(app, guest, clock):
    almaz, admin = (Visitor(app, who, now=clock()) for who in (PATIENT, ADMIN))
    for markup in MARKUP:
        pages = [
            guest.post("/register", **(REGISTRATION | {"name": markup, "email": "wrong"})),
            guest.post("/login", email=markup, password="x"),
            guest.get("/login", query_string={"next": markup}),
            guest.get("/doctors", query_string={"q": markup}),
        ]
        almaz.post("/account", name=markup, phone="240 555 0117")
        pages += [almaz.get("/account"), almaz.get("/doctors")]
        pages += [admin.get("/admin/bookings", query_string={"q": markup})]

        for page in pages:
            assert page.status_code < 500
            assert markup not in page.text or "<" not in markup
            assert "<img src=x" not in page.text
            assert "49${" not in page.text


def test_logs_know_nobody(app, clock, capsys):
    """Even at DEBUG: no name, address, phone, password, token, query or body."""
    from tests.support.another_app import another_app

    with another_app(app, log_level="DEBUG") as loud:
        guest = Visitor(loud, now=clock())
        fields = {
            "name": CANARY,
            "email": "canary.address@example.org",
            "phone": "240 555 0177",
            "password": "canary in a coal mine",
        }
        guest.post("/register", **fields)
        guest.post("/register", **(fields | {"phone": "canary-phone"}))
        sign_in(guest, "canary.address@example.org", "canary in a coal mine")
        sign_in(guest, "canary.address@example.org", "canary wrong word")
        guest.get("/doctors?q=canary.query")
        guest.get("/nowhere/canary.path\x1b[31m")
        guest.post("/reset", email="canary.address@example.org")
        mail_goes_out(loud)
        guest.get("/reset/canary.token")
        guest.send("POST", "/api/v1/payment/webhook", data=b'{"canary": "body"}')

    logged = capsys.readouterr().err
    lines = [json.loads(line) for line in logged.splitlines() if line.startswith("{")]
    assert len(lines) > 8
    assert "canary" not in logged.lower()
    assert "555 0177" not in logged
    assert "\x1b" not in logged
    assert all(set(line) >= {"event", "level", "timestamp"} for line in lines)


def test_a_log_line_is_one_line_and_holds_only_listed_fields(capsys):
    import structlog

    from efoy.gateways.log import start_log

    start_log("INFO")
    structlog.get_logger("efoy.story").warning(
        'broken\r\n{"event": "forged"}\u2028\x1b[2J', email="a@example.org", status=400
    )

    (line,) = capsys.readouterr().err.splitlines()
    told = json.loads(line)
    assert told["status"] == 400
    assert "email" not in told
    assert "\x1b" not in line
    assert told["event"].startswith("broken\r\n")


def test_libraries_are_heard_from_a_warning_on_and_without_values(capsys):
    from efoy.gateways.log import start_log

    start_log("DEBUG")
    library = logging.getLogger("some.library")
    library.info("sent to %s", "almaz@example.org")
    library.warning("could not send to %s", "almaz@example.org")
    start_log("INFO")

    (line,) = capsys.readouterr().err.splitlines()
    assert json.loads(line)["event"] == "could not send to %s"


def test_who_signed_in_and_who_was_refused_is_on_record_without_an_address(app, guest):
    from sqlalchemy import select

    from efoy.models import AuditEntry
    from efoy.models.base import reading

    give_password(app, PATIENT)
    sign_in(guest, "nobody@example.org", "not the password")
    sign_in(guest, "almaz@example.org", "not the password")
    sign_in(guest, "almaz@example.org")

    with app.app_context(), reading() as connection:
        table = AuditEntry.__table__
        rows = connection.execute(
            select(table.c.object_id, table.c.event, table.c.role).order_by(table.c.seq)
        ).all()
    assert [(row.event, row.role) for row in rows] == [
        ("sign_in_refused", "guest"),
        ("sign_in_refused", "guest"),
        ("sign_in", "patient"),
    ]
    assert rows[0].object_id.startswith("unknown:")
    assert {rows[1].object_id, rows[2].object_id} == {PATIENT}
    assert "example.org" not in str(rows)
