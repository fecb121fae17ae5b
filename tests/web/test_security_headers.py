"""Does every answer carry the headers that keep a browser honest, and no page stay in a cache?"""

from __future__ import annotations

import re

import pytest

from tests.support.account import Visitor
from tests.support.another_app import another_app
from tests.support.clinic import ADMIN, PATIENT

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
    "connect-src 'self'; form-action 'self' http://127.0.0.1:12111; frame-ancestors 'none'; "
    "base-uri 'none'"
)
PATHS = """
/ /doctors /doctors/hana-tesfaye /login /register /reset /privacy /terms /accessibility /healthz
/readyz /metrics /account /nowhere /reset/x /doctors?q=%00 /bookings/7KM-4PX /admin /doctor
/api/v1/doctors /api/v1/nowhere
""".split()


@pytest.fixture
def guest(app, clock):
    """Somebody without an account."""
    return Visitor(app, now=clock())


def answers(app, clock):
    """Each path as a guest, a patient and an admin get it."""
    for who in (None, PATIENT, ADMIN):
        browser = Visitor(app, who, now=clock())
        for path in PATHS:
            yield path, browser.get(path)
        yield "POST /login", browser.post("/login")
        yield "POST /nowhere", browser.post("/nowhere")
        yield "PUT /login", browser.send("PUT", "/login")
        yield "webhook", browser.send("POST", "/api/v1/payment/webhook", data=b"{}")


def test_every_answer_is_guarded(app, clock):
    for path, answer in answers(app, clock):
        headers = answer.headers
        assert headers["Content-Security-Policy"] == POLICY, path
        assert headers["X-Content-Type-Options"] == "nosniff", path
        assert headers["Referrer-Policy"] == "same-origin", path
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin", path
        assert headers["X-Frame-Options"] == "DENY", path
        assert "Strict-Transport-Security" not in headers, path
        assert not [name for name, _ in headers if name.startswith("Access-Control")], path
        assert "Server" not in headers
        assert headers["X-Request-ID"], path


def test_every_answer_says_what_it_is_in_which_letters(app, clock):
    for path, answer in answers(app, clock):
        if answer.data:
            assert re.match(
                r"text/[a-z]+; .*charset=utf-8|application/(problem\+)?json", (answer.content_type)
            ), (path, answer.content_type)


def test_no_page_stays_in_a_cache(app, clock):
    for path, answer in answers(app, clock):
        assert "no-store" in answer.headers["Cache-Control"], path
        assert "Cookie" in answer.headers["Vary"], path


def test_over_https_the_browser_is_told_to_stay_there(app, tmp_path):
    with another_app(app, base_url="https://clinic.example") as live:
        answer = live.test_client().get("/login", base_url="https://clinic.example", buffered=True)

    assert answer.headers["Strict-Transport-Security"] == "max-age=63072000; includeSubDomains"
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-efoy=")
    for mark in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"):
        assert mark in cookie
    assert "Domain" not in cookie


def test_no_page_holds_script_or_style_of_its_own(app, clock):
    for path, answer in answers(app, clock):
        text = answer.text
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:", text), path
        assert not re.search(r"<script(?![^>]*\ssrc=)", text), path
        for address in re.findall(r'(?:src|href|action)="(https?:[^"]*)"', text):
            raise AssertionError(f"{path} leads to {address}")


# -- files --------------------------------------------------------------------------------------


def test_files_are_named_by_their_content_and_kept_for_a_year(app, guest):
    page = guest.get("/login").text
    style = re.search(r'href="(/static/css/efoy\.css\?v=[0-9a-f]{10})"', page)[1]

    answer = guest.get(style)

    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["Content-Security-Policy"] == POLICY
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.content_type == 'text/css; charset="utf-8"'
    assert "Access-Control-Allow-Origin" not in answer.headers
    assert "Set-Cookie" not in answer.headers


NOT_GIVEN = """
/static/ /static/css/ /static/../efoy/settings.py /static/%2e%2e/.env /static/..%2f.env
/static//etc/passwd /.env /.git/config /instance/efoy.sqlite3 /static/css/nothing.css
""".split()


def test_nothing_but_the_files_is_given_away(guest):
    for path in NOT_GIVEN:
        answer = guest.get(path)

        assert answer.status_code in {303, 308, 400, 404}, path
        assert b"SECRET_KEY" not in answer.data
