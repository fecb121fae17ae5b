"""Is every request looked at before it is believed: its size, its origin, each parameter?"""

from __future__ import annotations

import html
import io
import json
import re

import pytest

from tests.support.account import Visitor
from tests.support.another_app import another_app
from tests.support.browser import words
from tests.support.clinic import ADMIN, PATIENT

HTTPS = {"base_url": "https://clinic.example"}


@pytest.fixture
def guest(app, clock):
    """Somebody without an account."""
    return Visitor(app, now=clock())


@pytest.fixture
def almaz(app, clock):
    """A patient, signed in."""
    return Visitor(app, PATIENT, now=clock())


def unsafe_endpoints(app):
    """Every (endpoint, path) that takes a POST, with ids that could exist."""
    for rule in app.url_map.iter_rules():
        if "POST" in rule.methods:
            path = re.sub(r"<[^>]*ref>", "7KM-4PX", re.sub(r"<int:[^>]+>", "1", rule.rule))
            yield rule.endpoint, re.sub(r"<[^>]+>", "x", path)


# -- forms of our own ---------------------------------------------------------------------------


def test_no_post_is_believed_without_its_token_except_stripes(app, almaz):
    """The API asks for the role first, then for the token wherever a cookie is the proof."""
    for endpoint, path in unsafe_endpoints(app):
        answer = almaz.post(path, csrf=False)

        refused = {400, 403} if endpoint.startswith("api.") else {400}
        assert answer.status_code in refused, endpoint
    proof = app.extensions["csrf"]
    assert {part.name for part in proof._exempt_blueprints} == {"stripe_webhook", "api"}
    assert proof._exempt_views == set()


ELSEWHERE = [
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Origin": "http://127.0.0.1:8000.evil.example"},
]


def test_a_form_another_site_sent_is_refused_even_with_a_token(app, almaz):
    token = re.search(r'csrf_token" value="([^"]+)', almaz.get("/account").text)[1]
    fields = {"csrf_token": token, "name": "Evil", "phone": "240 555 0117"}

    foreign = [almaz.send("POST", "/account", data=fields, headers=each) for each in ELSEWHERE]
    own = almaz.send("POST", "/account", data=fields, headers={"Sec-Fetch-Site": "same-origin"})

    assert [answer.status_code for answer in foreign] == [400] * len(ELSEWHERE)
    assert own.status_code == 303


def test_a_form_that_lay_open_too_long_gives_back_what_was_typed(guest):
    fields = {
        "name": "Almaz <b>",
        "email": "almaz@example.org",
        "password": "three green birds",
        "csrf_token": "old",
    }

    page = guest.send(
        "POST", "/register?next=/account", data=fields, headers={"Sec-Fetch-Site": "same-origin"}
    )

    assert page.status_code == 400
    assert "What you typed is still here" in words(page)
    assert "Almaz &lt;b&gt;" in page.text
    assert 'action="/register?next=/account"' in page.text
    assert "three green birds" not in page.text
    typed = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page.text)
    again = {name: html.unescape(value) for name, value in typed if name != "csrf_token"}
    token = re.search(r'csrf_token" value="([^"]+)', page.text)[1]
    retried = guest.send("POST", "/register", data=again | {"csrf_token": token})
    assert 'value="Almaz &lt;b&gt;"' in retried.text


def test_what_somebody_else_typed_is_never_offered_for_sending(guest):
    page = guest.send("POST", "/account", data={"name": "Evil"})

    assert page.status_code == 400
    assert "Evil" not in page.text
    assert "<form" not in page.text


def test_a_get_stays_a_get_whatever_it_claims(app, almaz):
    for headers in ({"X-HTTP-Method-Override": "POST"}, {"X-Method-Override": "DELETE"}):
        answer = almaz.get("/account?_method=POST&name=Evil&phone=1", headers=headers)

        assert answer.status_code == 200
        assert "Evil" not in answer.text


# -- sizes, parameters, characters --------------------------------------------------------------


def test_a_form_of_more_than_64_kib_is_refused(guest):
    almost = guest.post("/login", email="x" * 60_000, password="x")
    more = guest.post("/login", email="x" * 65_536, password="x")

    assert almost.status_code == 400
    assert more.status_code == 413
    assert "That was too much" in words(more)


def test_a_form_of_a_hundred_and_one_parts_is_refused(guest):
    parts = {f"part{n}": "x" for n in range(120)}

    answer = guest.send("POST", "/login", data=parts, content_type="multipart/form-data")

    assert answer.status_code in {400, 413}


def test_a_parameter_given_twice_is_refused(guest):
    for path in ("/login?next=/a&next=/b", "/doctors?q=a&q=b"):
        assert guest.get(path).status_code == 400

    token = re.search(r'csrf_token" value="([^"]+)', guest.get("/login").text)[1]
    twice = {"csrf_token": token, "email": ["a@example.org", "b@example.org"], "password": "x"}
    assert guest.send("POST", "/login", data=twice).status_code == 400


def test_control_characters_in_an_address_are_refused(guest):
    for path in ("/doctors?q=a{}b", "/login?next=/a{}b", "/doctors?q{}=a"):
        for sign in ("%00", "%07", "%1b", "%0d%0a", "%7f"):
            assert guest.get(path.format(sign)).status_code == 400, (path, sign)


def test_odd_paths_are_not_found(guest):
    for path in ("/doctors/%00", "/bookings/%0d%0a", "/%ff", "/doctors/../x"):
        assert guest.get(path).status_code in {303, 400, 404}, path


def test_methods_nobody_declared_are_refused(guest):
    for method in ("PUT", "DELETE", "PATCH", "TRACE", "PROPFIND", "BREW"):
        answer = guest.send(method, "/login")

        assert answer.status_code == 405, method
        assert "GET" in answer.headers["Allow"]


def test_head_answers_like_get_without_a_body(guest):
    for path in ("/login", "/privacy", "/healthz", "/nowhere"):
        head, get = guest.send("HEAD", path), guest.get(path)

        assert head.status_code == get.status_code
        assert head.data == b""


def test_json_to_a_form_is_no_form(guest):
    answer = guest.send("POST", "/login", json={"email": "a@example.org", "password": "x"})

    assert answer.status_code == 400


def test_a_file_or_json_where_a_form_asks_for_words_counts_as_nothing(guest, almaz):
    token = re.search(r'csrf_token" value="([^"]+)', guest.get("/register").text)[1]
    for odd in (b"x", b"\x00\xff"):
        parts = {"csrf_token": token, "name": (io.BytesIO(odd), "name.txt"), "email": "a@b.example"}
        answer = guest.send("POST", "/register", data=parts, content_type="multipart/form-data")
        assert answer.status_code == 400
        assert "Enter your name" in words(answer)

    token = re.search(r'csrf_token" value="([^"]+)', almaz.get("/account").text)[1]
    for value in (5, None, [1], {"a": 1}):
        json_fields = {"name": value, "phone": value}
        sent = almaz.send("POST", "/account", json=json_fields, headers={"X-CSRFToken": token})
        assert sent.status_code == 400


def test_broken_bytes_and_odd_kinds_of_body_are_refused(guest):
    form = "application/x-www-form-urlencoded"
    for body in (b"\xff\xfe=\xff", b"%ff%fe=%ff&csrf_token=%00", b"&&&&=&="):
        assert guest.send("POST", "/login", data=body, content_type=form).status_code == 400, body
    for kind in ("multipart/form-data", "multipart/form-data; boundary=", "text/plain", "x/y; c"):
        answer = guest.send("POST", "/login", data=b"--x\r\n\r\n", content_type=kind)
        assert answer.status_code == 400, kind


# -- hosts and proxies --------------------------------------------------------------------------


def test_in_production_only_our_own_host_is_answered(app, tmp_path):
    queue = f"sqlite:///{tmp_path}/queue.sqlite3"
    with another_app(app, env="production", queue_url=queue, **HTTPS) as live:
        client = live.test_client()
        answers = {
            host: client.get("/privacy", headers={"Host": host}, buffered=True).status_code
            for host in ("clinic.example", "127.0.0.1:8000", "evil.example", "clinic.example.evil")
        }

    assert answers == {
        "clinic.example": 200,
        "127.0.0.1:8000": 200,
        "evil.example": 400,
        "clinic.example.evil": 400,
    }


def test_claims_of_proxies_nobody_trusts_change_nothing(app):
    headers = {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "https"}
    with another_app(app, ratelimit_enabled=True) as plain:
        seen = [
            wrong_password(plain, {**headers, "X-Forwarded-For": f"203.0.113.{n}"}, n)
            for n in range(12)
        ]

    assert seen == [401] * 10 + [429] * 2


def test_as_many_proxies_are_believed_as_the_settings_say(app):
    with another_app(app, ratelimit_enabled=True, trusted_proxies=1) as proxied:
        spoofed = [
            wrong_password(proxied, {"X-Forwarded-For": f"198.51.100.{n}, 203.0.113.7"}, n)
            for n in range(12)
        ]
        elsewhere = wrong_password(proxied, {"X-Forwarded-For": "203.0.113.8"}, 99)

    assert spoofed == [401] * 10 + [429] * 2
    assert elsewhere == 401


def wrong_password(app, headers, n):
    """One try with a made-up address, from wherever the headers claim."""
    client = app.test_client()
    page = client.get("/login", buffered=True)
    token = re.search(r'csrf_token" value="([^"]+)', page.text)[1]
    fields = {"csrf_token": token, "email": f"person{n}@example.org", "password": "wrong"}
    return client.post("/login", data=fields, headers=headers, buffered=True).status_code


# -- limits -------------------------------------------------------------------------------------


def test_ten_tries_for_one_account_known_or_not_then_a_pause_for_that_account(app):
    with another_app(app, ratelimit_enabled=True, trusted_proxies=1) as proxied:
        for address in ("almaz@example.org", "nobody@example.org"):
            answers = [tried(proxied, address, f"203.0.113.{n}") for n in range(12)]

            assert [answer.status_code for answer in answers] == [401] * 10 + [429] * 2
            assert "Too many tries" in words(answers[-1])
            assert int(answers[-1].headers["Retry-After"]) > 0


def tried(app, address, source):
    """A wrong password for ``address``, from one place."""
    client, headers = app.test_client(), {"X-Forwarded-For": source}
    page = client.get("/login", headers=headers, buffered=True)
    token = re.search(r'csrf_token" value="([^"]+)', page.text)[1]
    fields = {"csrf_token": token, "email": address, "password": "wrong"}
    return client.post("/login", data=fields, headers=headers, buffered=True)


# -- what is told when something breaks ---------------------------------------------------------


def test_our_own_fault_tells_a_code_and_nothing_else(app, guest, capsys):
    def broken():
        raise RuntimeError("secret words of a library about almaz@example.org")

    app.view_functions["pages.privacy"], kept = broken, app.view_functions["pages.privacy"]
    broken.efoy_rule = kept.efoy_rule
    answer = guest.get("/privacy", headers={"X-Request-ID": "request-of-a-story"})

    assert answer.status_code == 500
    assert "Something went wrong on our side" in words(answer)
    code = re.search(r"Error (\S{3}-\S{2})\.", words(answer))[1]
    assert "secret words" not in answer.text
    line = next(
        json.loads(line) for line in capsys.readouterr().err.splitlines() if '"broken"' in line
    )
    assert line["error_id"] == code
    assert line["request_id"] == "request-of-a-story"
    assert line["fault"] == "RuntimeError"
    assert "almaz" not in json.dumps(line)


def test_without_its_database_every_page_still_says_so(app, guest, almaz):
    from efoy.models import db

    with app.app_context():
        pool = db.engine
    for path in ("/login", "/account", "/doctors", "/nowhere", "/metrics", "/readyz"):
        pool.dispose()
        with broken_database(app):
            answer = almaz.get(path)
        assert answer.status_code in {503, 404, 200}, path
        assert answer.headers["Content-Security-Policy"]
    with broken_database(app):
        assert almaz.get("/account").status_code == 503
        assert almaz.get("/healthz").status_code == 200


def broken_database(app):
    """While this lasts, no connection can be had."""
    from contextlib import contextmanager

    from sqlalchemy import event
    from sqlalchemy.exc import OperationalError

    from efoy.models import db
    from efoy.models.base import reading

    @contextmanager
    def broken():
        def refuse(*_):
            raise OperationalError("connect", {}, Exception("away"))

        with app.app_context():
            db.engine.dispose()
            with reading() as connection:  # PostgreSQL's readers have connections of their own
                engines = {db.engine, connection.engine}
            db.engine.dispose()
        for engine in engines:
            event.listen(engine, "do_connect", refuse)
        try:
            yield
        finally:
            for engine in engines:
                event.remove(engine, "do_connect", refuse)

    return broken()


def test_every_answer_names_its_request_and_takes_only_decent_names(guest):
    given = guest.get("/healthz", headers={"X-Request-ID": "7f3c-request.of_a-proxy"})
    forged = guest.get(
        "/healthz", headers={"X-Request-ID": 'a"\r\n injected: {}'.replace("\r\n", "")}
    )
    none = guest.get("/healthz")

    assert given.headers["X-Request-ID"] == "7f3c-request.of_a-proxy"
    assert re.fullmatch(r"[0-9a-f]{24}", forged.headers["X-Request-ID"])
    assert re.fullmatch(r"[0-9a-f]{24}", none.headers["X-Request-ID"])


def test_a_change_is_written_down_with_its_request(app, almaz):
    from efoy.models import AuditEntry
    from efoy.models.base import reading

    token = re.search(r'csrf_token" value="([^"]+)', almaz.get("/account").text)[1]
    fields = {"csrf_token": token, "name": "Almaz B", "phone": "240 555 0117"}
    almaz.send("POST", "/account", data=fields, headers={"X-Request-ID": "request-of-a-story"})

    from sqlalchemy import select

    with app.app_context(), reading() as connection:
        row = connection.execute(
            select(AuditEntry.__table__).where(AuditEntry.event == "update_account")
        ).one()
    assert (row.actor_id, row.role, row.door) == (PATIENT, "patient", "web")
    assert row.request_id == "request-of-a-story"


def test_probes_are_for_the_inside_only(app, clock):
    with another_app(app, trusted_proxies=1) as proxied:
        client = proxied.test_client()
        outside = {"X-Forwarded-For": "203.0.113.7"}
        for path in ("/readyz", "/metrics"):
            assert client.get(path, headers=outside, buffered=True).status_code == 404
            assert client.get(path, buffered=True).status_code in {200, 503}
        assert client.get("/healthz", headers=outside, buffered=True).status_code == 200
    behind_an_unknown_proxy = app.test_client().get(
        "/metrics", headers={"X-Forwarded-For": "10.0.0.1"}, buffered=True
    )
    assert behind_an_unknown_proxy.status_code == 404


def test_readiness_looks_at_schema_database_disk_and_worker(app, almaz):
    from tests.support.account import mail_goes_out

    before = almaz.get("/readyz")
    mail_goes_out(app)
    after = almaz.get("/readyz")

    assert before.status_code == 200
    assert before.json == {
        "ready": True,
        "schema": "ok",
        "database": "ok",
        "disk": "ok",
        "worker": "silent",
    }
    assert after.json["worker"] == "ok"


def test_metrics_count_requests_and_name_nobody(app, almaz, clock):
    almaz.get("/account?name=almaz@example.org")
    Visitor(app, ADMIN, now=clock()).get("/bookings/7KM-4PX")

    text = almaz.get("/metrics").text

    assert 'efoy_requests_total{method="GET",route="/account",status="200"}' in text
    assert 'route="/bookings/<ref>"' in text
    assert "efoy_outbox_waiting 0.0" in text
    assert "efoy_database_up 1.0" in text
    for private in ("almaz", "7KM-4PX", PATIENT):
        assert private not in text
