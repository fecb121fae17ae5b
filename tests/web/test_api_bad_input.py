"""Whatever a program sends: a 4xx problem, nothing changed, never a 5xx."""

import io
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from efoy.models import Booking, Payment, Refund
from tests.support.program import API, Program, problem

PATHS = [
    "/bookings",
    "/payment/create-checkout-session",
    "/payment/create-payment-intent",
    "/payment/refund/cs_test_1",
    "/bookings/7KM-4PX/move",
]
NAMES = "bookingId doctor service startsAt name email phone amount reason price status".split()
TEXTS = st.text(max_size=40) | st.sampled_from(
    "|hana-tesfaye|see-the-doctor|7KM-4PX|2026-11-24T10:00:00Z|2026-13-45T99:99:99Z|\x00|\ud800|"
    f"' OR 1=1 --|../../etc/passwd|NaN|{'x' * 20_000}".split("|")
)
NUMBERS = st.integers() | st.sampled_from([0, -1, 2**31, 2**63, 10**300]) | st.floats()
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=5,
)
BODIES = st.dictionaries(st.sampled_from(NAMES) | st.text(max_size=8), VALUES, max_size=6) | VALUES
SHOWN = [
    "/bookings/{}",
    "/payment/status/{}",
    "/payment/receipt/{}",
    "/doctors/{}/slots?service=see-the-doctor",
]
LISTS = ["/bookings", "/payment/transactions", "/doctors/hana-tesfaye/slots", "/doctors"]
EASY = settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@pytest.fixture
def admin(app, clock):
    """A program that speaks for the clinic's admin."""
    return Program(app, "admin@example.org", now=clock())


@pytest.fixture
def almaz(app, clock):
    """A program that speaks for a patient."""
    return Program(app, "almaz@example.org", now=clock())


def nothing_changed(story):
    """Whether nothing was made."""
    return not any(story.rows(table) for table in (Booking, Payment, Refund))


def refused(answer):
    """A 4xx that programs can read."""
    assert 400 <= answer.status_code < 500, (answer.status_code, answer.text)
    problem(answer)


@pytest.mark.parametrize("path", PATHS)
@EASY
@given(body=BODIES)
def test_any_json_is_refused_and_changes_nothing(story, almaz, admin, path, body):
    who = admin if "refund" in path else almaz
    raw = json.dumps(body)

    refused(
        who.send(
            "POST",
            path,
            data=raw,
            content_type="application/json",
            headers={"Idempotency-Key": "some-key-1"},
        )
    )

    assert nothing_changed(story)


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"", "application/json", 422),
        (b"{}", "application/json", 422),
        (b"[]", "application/json", 422),
        (b"null", "application/json", 422),
        (b'"text"', "application/json", 422),
        (b"{", "application/json", 400),
        (b"not json", "application/json", 400),
        (b"\xff\xfe", "application/json", 400),
        (b'{"bookingId": NaN}', "application/json", 400),
        (b'{"bookingId": "1", "bookingId": "2"}', "application/json", 400),
        (b"[" * 50_000, "application/json", 400),
        (b'{"amount": ' + b"9" * 10_000 + b"}", "application/json", 400),
        (b"bookingId=7KM-4PX", "application/x-www-form-urlencoded", 415),
        (b'{"bookingId": "7KM-4PX"}', "text/plain", 415),
        (b"<a/>", "application/xml", 415),
        (b" " * 70_000 + b"{}", "application/json", 413),
    ],
)
def test_a_body_that_is_no_object_of_ours(story, almaz, admin, path, body, kind, status):
    who = admin if "refund" in path else almaz

    answer = who.send(
        "POST", path, data=body, content_type=kind, headers={"Idempotency-Key": "some-key-1"}
    )

    assert answer.status_code == status, answer.text
    problem(answer)
    assert nothing_changed(story)


def test_a_body_in_pieces_of_unknown_length_has_the_same_limit(almaz):
    pieces = io.BytesIO(b'{"bookingId": "7KM-4PX"}' + b" " * 90_000)

    answer = almaz.send(
        "POST",
        "/payment/create-checkout-session",
        input_stream=pieces,
        content_type="application/json",
        environ_overrides={"wsgi.input_terminated": True},
    )

    assert answer.status_code == 413
    problem(answer)


@pytest.mark.parametrize("path", SHOWN)
@EASY
@given(key=TEXTS.filter(lambda text: "\ud800" not in text and len(text) < 5000))
def test_any_id_is_missing_or_refused(admin, path, key):
    from urllib.parse import quote

    answer = admin.send("GET", path.format(quote(key, safe="")))

    # werkzeug itself leads doubled slashes to the single one, and an empty id to the list
    assert answer.status_code < 500
    if answer.status_code >= 400:
        refused(answer)


@pytest.mark.parametrize("path", LISTS)
@EASY
@given(
    asked=st.dictionaries(
        st.sampled_from("service from to limit cursor status page".split()) | st.text(max_size=5),
        TEXTS.filter(lambda text: "\ud800" not in text and len(text) < 1000),
        max_size=4,
    )
)
def test_any_question_is_answered_or_refused(admin, path, asked):
    answer = admin.send("GET", path, query_string=asked)

    assert answer.status_code < 500, answer.text
    if answer.status_code >= 400:
        refused(answer)


@pytest.mark.parametrize("path", LISTS)
def test_a_parameter_given_twice_is_refused(admin, path):
    refused(admin.send("GET", f"{path}?service=a&service=b"))


@pytest.mark.parametrize("path", ["/bookings/{}/cancel", "/payment/confirm-payment/{}"])
@pytest.mark.parametrize("key", ["%00", "%ff%fe", "..", "a" * 3000, "7KM-4PX%0A", "cs_%00", "'"])
def test_a_post_to_a_malformed_id_is_refused(almaz, path, key):
    refused(almaz.post(path.format(key)))


def test_a_refusal_repeats_nothing_of_what_was_sent(almaz):
    answer = almaz.post("/payment/create-checkout-session", bookingId="<b>secret</b>" * 9)

    assert "secret" not in answer.text
    assert answer.status_code == 422
    assert API in answer.request.path
