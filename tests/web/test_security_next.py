"""After signing in one goes to a page of ours, or to one's own page: never anywhere else."""

from __future__ import annotations

from itertools import product
from urllib.parse import urlsplit

from tests.support.account import Visitor, give_password, sign_in
from tests.support.clinic import PATIENT

EVIL = "evil.example"
STARTS = """
// /// //// /\\ \\/ \\\\ /\\/ /%2f %2f%2f /%5c %5c%5c /%09/ /%0a/ /%0d/ /%00/ /./ /../ /.// /;/ /@
http:// https:// HTTP:// https:/ https: http:\\\\ //%20 /%2e%2e// ftp:// ws:// file:// blob:https://
""".split()
TAILS = [EVIL, f"user@{EVIL}", f"127.0.0.1:8000@{EVIL}", f"{EVIL}/account", f"{EVIL}%2faccount"]
SINGLES = [
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "java\tscript:alert(1)",
    "java%0ascript:alert(1)",
    "/javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:x",
    "mailto:a@evil.example",
    "//evil.example%00.127.0.0.1",
    "/\t/evil.example",
    "/\n/evil.example",
    "/\r\nLocation: https://evil.example",
    "/account\r\nSet-Cookie: a=b",
    "/account%0d%0aSet-Cookie:%20a=b",
    "\u2044\u2044evil.example",
    "/\u2044evil.example",
    "/\uff0fevil.example",
    "\uff0f\uff0fevil.example",
    "/\u3002evil\u3002example",
    "https://127.0.0.1:8000.evil.example/",
    "https://evil.example#127.0.0.1:8000",
    "https://evil.example?127.0.0.1:8000",
    "http://127.0.0.1:8000/account",
    "account",
    "./account",
    "../account",
    "?next=/account",
    "#account",
    "/account#@evil.example",
    "/account?next=//evil.example/x",
    "/account/../../evil.example",
    "/login",
    "/logout",
    "/login?next=//evil.example",
    "/static/css/efoy.css",
    "/api/v1/doctors",
    "/nowhere",
    "/bookings/new/../..//evil.example",
    "/" * 600,
    "/account" + "x" * 600,
    " /account",
    "/account ",
    "/acc\u200bount",
    "//",
    "/\\",
    "\\",
    ":",
    "@evil.example",
    "%",
    "%00",
    "\x00",
]
CORPUS = [start + tail for start, tail in product(STARTS, TAILS)] + [
    f" {start}{EVIL}" for start in STARTS
]
CORPUS += [f"/account{start}{EVIL}" for start in STARTS] + [f"\t{start}{EVIL}" for start in STARTS]
CORPUS += SINGLES


def inside(app, text: str) -> str:
    """What is made of a wish for the next page."""
    from efoy.web.links import safe_next

    with app.test_request_context("/"):
        return safe_next(text)


def test_the_corpus_is_as_large_as_it_should_be():
    assert len(set(CORPUS)) >= 300


def test_no_wish_leads_out_of_the_house(app):
    for wish in CORPUS:
        allowed = inside(app, wish)

        parts = urlsplit(allowed)
        assert (parts.scheme, parts.netloc) == ("", ""), wish
        assert allowed in {"", wish}
        assert not allowed.startswith(("//", "/\\", "/login", "/logout", "/static", "/api")), wish
        assert EVIL not in parts.path, wish


OURS = [
    "/account",
    "/doctors/hana-tesfaye?service=see-the-doctor&week=2026-11-23",
    "/bookings/7KM-4PX/review",
    "/bookings/new?doctor=hana-tesfaye&service=see-the-doctor&starts_at=2026-11-24T14:20:00Z",
    "/admin/bookings?status=held&page=2",
    "/",
]


def test_pages_of_ours_are_allowed(app):
    assert [inside(app, wish) for wish in OURS] == OURS


def test_a_wrong_wish_lands_on_ones_own_page_and_a_header_is_never_split(app, clock):
    give_password(app, PATIENT)
    for wish in [f"//{EVIL}", "/account\r\nSet-Cookie: a=b", f"/\\{EVIL}", f"https://{EVIL}"]:
        browser = Visitor(app, now=clock())

        answer = sign_in(browser, "almaz@example.org", next=wish)

        assert (answer.status_code, answer.location) == (303, "/bookings"), wish
        assert "a=b" not in str(answer.headers)


def test_somebody_signed_in_is_not_sent_out_by_a_link_to_the_sign_in_page(app, clock):
    almaz = Visitor(app, PATIENT, now=clock())

    assert almaz.get(f"/login?next=//{EVIL}").location == "/bookings"
    assert almaz.get("/login?next=/account").location == "/account"
