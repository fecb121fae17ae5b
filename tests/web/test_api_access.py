"""Who may use the JSON API, and how far? Tokens by scope and role, browsers with their proof."""

from datetime import timedelta

import pytest
from itsdangerous import URLSafeTimedSerializer

from efoy.domain.role import Door, system
from efoy.domain.scope import Scope
from efoy.models import Booking
from efoy.services import api_tokens
from tests.support.browser import FORM_SECRET, Browser
from tests.support.clinic import PATIENT
from tests.support.program import API, Program, problem, same

EVERYONE = {"/doctors", "/doctors/hana-tesfaye/slots", "/payment/config", "/openapi.json"}
HOLD = {"doctor": "hana-tesfaye", "service": "see-the-doctor"}
SCOPED = [
    ("GET", "/bookings", Scope.BOOKINGS_READ),
    ("GET", "/bookings/7KM-4PX", Scope.BOOKINGS_READ),
    ("POST", "/bookings", Scope.BOOKINGS_WRITE),
    ("POST", "/bookings/7KM-4PX/cancel", Scope.BOOKINGS_WRITE),
    ("POST", "/bookings/7KM-4PX/move", Scope.BOOKINGS_WRITE),
    ("POST", "/payment/create-checkout-session", Scope.PAYMENTS_WRITE),
    ("POST", "/payment/create-payment-intent", Scope.PAYMENTS_WRITE),
    ("POST", "/payment/confirm-payment/cs_test_1", Scope.PAYMENTS_WRITE),
    ("GET", "/payment/status/cs_test_1", Scope.PAYMENTS_READ),
    ("GET", "/payment/receipt/cs_test_1", Scope.PAYMENTS_READ),
]
FOR_ADMINS = [
    ("GET", "/payment/transactions", Scope.PAYMENTS_READ),
    ("POST", "/payment/refund/cs_test_1", Scope.REFUNDS_WRITE),
]


def program(app, clock, email="almaz@example.org", *scopes, **more):
    return Program(app, email, *scopes, now=clock(), **more)


def csrf(app):
    """What a page of ours would give a script for its X-CSRFToken header."""
    return URLSafeTimedSerializer(app.secret_key, salt="wtf-csrf-token").dumps(FORM_SECRET)


# -- nobody known --------------------------------------------------------------------------------


@pytest.mark.parametrize(("method", "path", "scope"), SCOPED + FOR_ADMINS)
def test_a_stranger_is_asked_to_sign_in(client, method, path, scope):
    answer = client.open(API + path, method=method)

    assert answer.status_code == 401
    assert problem(answer)["code"] == "not-signed-in"
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize("header", ["Bearer", "Bearer efoy_wrong", "Basic YTpi", "", "Bearer \x7f"])
def test_a_header_that_is_no_token_opens_nothing(app, clock, header):
    almaz = Browser(app, PATIENT, now=clock())

    answer = almaz.get(f"{API}/bookings", headers={"Authorization": header})

    assert answer.status_code == 401


def test_a_token_ends_when_it_is_over_revoked_or_its_owner_disabled(story, app, clock):
    over = program(app, clock, days=1)
    revoked, disabled = program(app, clock), program(app, clock, "daniel@example.org")
    assert {p.get("/bookings").status_code for p in (over, revoked, disabled)} == {200}

    clock.advance(days=1)
    api_tokens.revoke_token(revoked.issued.id, actor=system(Door.CLI), now=clock())
    story.run_sql("UPDATE users SET disabled_at = created_at WHERE email = 'daniel@example.org'")

    assert {p.get("/bookings").status_code for p in (over, revoked, disabled)} == {401}


def test_the_token_itself_is_stored_nowhere(story, app, clock):
    made = program(app, clock)

    rows = str(story.rows(api_tokens.ApiToken))

    assert made.issued.token not in rows
    assert made.issued.id in rows


# -- scopes and roles ----------------------------------------------------------------------------


@pytest.mark.parametrize(("method", "path", "scope"), SCOPED)
def test_a_token_without_the_scope_is_refused(app, clock, method, path, scope):
    others = [one for one in Scope if one is not scope]

    answer = program(app, clock, "almaz@example.org", *others).send(method, path, json={})

    assert answer.status_code == 403
    assert problem(answer)["code"] == "forbidden"


@pytest.mark.parametrize(("method", "path", "scope"), FOR_ADMINS)
def test_the_clinics_money_needs_an_admin_and_the_scope(app, clock, method, path, scope):
    others = [one for one in Scope if one is not scope]
    for email in ("almaz@example.org", "hana@example.org", "desk@example.org"):
        assert program(app, clock, email).send(method, path, json={}).status_code == 403

    narrow = program(app, clock, "admin@example.org", *others)
    assert narrow.send(method, path, json={}).status_code == 403


def test_doctors_see_no_bookings_with_amounts_here(app, clock):
    hana = program(app, clock, "hana@example.org")

    assert hana.get("/bookings").status_code == 403
    assert hana.get("/payment/status/cs_test_1").status_code == 403


@pytest.mark.parametrize("email", ["hana@example.org", "desk@example.org", "admin@example.org"])
def test_staff_neither_book_nor_pay_in_their_own_name(story, app, clock, email):
    staff = program(app, clock, email)

    held = staff.post("/bookings", **HOLD, startsAt=story.time().isoformat())
    paid = staff.post("/payment/create-checkout-session", bookingId="7KM-4PX")

    assert held.status_code == paid.status_code == 403
    assert story.rows(Booking) == []


def test_what_is_somebody_elses_is_not_found_exactly_as_what_is_not_there(story, app, clock):
    booking = story.booking(story.booked())
    session = story.payment_of(booking.id).checkout_ref
    daniel = program(app, clock, "daniel@example.org")
    missing = {booking.ref: "7KM-4PX", booking.id: "0" * 26, session: "cs_test_none"}

    for key, nothing in missing.items():
        for method, path in (
            ("GET", "/bookings/{}"),
            ("POST", "/bookings/{}/cancel"),
            ("GET", "/payment/status/{}"),
            ("GET", "/payment/receipt/{}"),
            ("POST", "/payment/confirm-payment/{}"),
        ):
            foreign = daniel.send(method, path.format(key))
            assert foreign.status_code == 404, path
            assert same(foreign, daniel.send(method, path.format(nothing)))
    paying = daniel.post("/payment/create-checkout-session", bookingId=booking.ref)
    assert paying.status_code == 404
    assert daniel.get("/bookings").get_json()["bookings"] == []


def test_a_token_opens_no_pages(story, app, clock):
    ref = story.booking(story.booked()).ref
    almaz = program(app, clock)

    answer = almaz.client.get(f"/bookings/{ref}", headers=almaz.headers)

    assert answer.status_code == 303


# -- browsers ------------------------------------------------------------------------------------


def test_a_browser_reads_with_its_cookie_and_writes_with_its_proof_too(story, app, clock):
    almaz = Browser(app, PATIENT, now=clock())
    wish = HOLD | {"startsAt": story.time().isoformat()}

    bare = almaz.send("POST", f"{API}/bookings", json=wish)
    proved = almaz.send("POST", f"{API}/bookings", json=wish, headers={"X-CSRFToken": csrf(app)})

    assert almaz.get(f"{API}/bookings").status_code == 200
    assert bare.status_code == 400
    assert problem(bare)["code"] == "form-token"
    assert proved.status_code == 201
    assert len(story.rows(Booking)) == 1


def test_another_site_cannot_write_with_the_cookie(story, app, clock):
    almaz = Browser(app, PATIENT, now=clock())
    wish = HOLD | {"startsAt": story.time().isoformat()}

    for header in ({"Authorization": "Bearer x"}, {"Origin": "https://elsewhere.example"}):
        answer = almaz.send("POST", f"{API}/bookings", json=wish, headers=header)
        assert answer.status_code in {400, 401}
    assert story.rows(Booking) == []


def test_everyone_may_look_at_what_is_offered(client):
    for path in sorted(EVERYONE):
        answer = client.get(
            API + path, query_string={"service": "see-the-doctor"} if path.endswith("slots") else {}
        )
        assert answer.status_code == 200, path
        assert "Access-Control-Allow-Origin" not in answer.headers


def test_a_token_cannot_outlive_a_year_or_have_no_person(app, clock):
    with app.app_context():
        for email, days in (("nobody@example.org", 1), ("almaz@example.org", 400)):
            with pytest.raises(api_tokens.InvalidValue):
                api_tokens.issue_token(
                    email,
                    frozenset(Scope),
                    lasts=timedelta(days=days),
                    actor=system(Door.CLI),
                    now=clock(),
                )


# -- the operator --------------------------------------------------------------------------------


def test_the_operator_makes_a_token_and_takes_it_back(app, client):
    run = app.test_cli_runner().invoke
    made = run(args=["create-api-token", "almaz@example.org", "--scope", "bookings:read"])
    words = made.output.split()
    headers = {"Authorization": f"Bearer {words[-1]}"}
    assert made.exit_code == 0, made.output
    assert client.get(f"{API}/bookings", headers=headers).status_code == 200

    gone = run(args=["revoke-api-token", words[1].rstrip(",")])

    assert gone.exit_code == 0, gone.output
    assert client.get(f"{API}/bookings", headers=headers).status_code == 401


@pytest.mark.parametrize(
    "arguments",
    [
        ["create-api-token", "nobody@example.org", "--scope", "bookings:read"],
        ["create-api-token", "almaz@example.org", "--scope", "everything"],
        ["create-api-token", "almaz@example.org"],
        ["create-api-token", "almaz@example.org", "--scope", "bookings:read", "--days", "0"],
        ["revoke-api-token", "none"],
    ],
)
def test_the_operator_is_told_what_is_wrong(app, arguments):
    told = app.test_cli_runner().invoke(args=arguments)

    assert told.exit_code != 0
    assert "Error:" in told.output
    assert "Traceback" not in told.output
