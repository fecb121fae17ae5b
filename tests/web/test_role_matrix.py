"""Who may do what? Every route for every kind of person; a route that is not in the table fails.

AN nobody known · PO the patient of the booking · PX another patient · DA its doctor · DX another
doctor · FD front desk · CA clinic admin.
Of: which booking (paid, held), which payment by our id (ours) or Stripe's page (page) is asked for.
2 shown · 3 done, sent on · * let in, whatever the empty form is worth · L to the sign-in page
(401 for forms and programs) · F forbidden · N not found, the same bytes as for what never was.
"""

import re
from urllib.parse import urlencode

import pytest

from efoy.domain.closing import Choice, ClosingSource
from efoy.models import Booking, DayClosing
from tests.support.away import close
from tests.support.browser import Browser
from tests.support.clinic import ADMIN, COLLEAGUE, DESK, DOCTOR, OTHER, PATIENT

PEOPLE = {
    "AN": None,
    "PO": PATIENT,
    "PX": OTHER,
    "DA": DOCTOR,
    "DX": COLLEAGUE,
    "FD": DESK,
    "CA": ADMIN,
}
MATRIX = """
                                                  of    AN PO PX DA DX FD CA
GET  /                                            -     3  3  3  3  3  3  3
GET  /doctors                                     -     2  2  2  2  2  2  2
GET  /doctors/<doctor>                            -     2  2  2  2  2  2  2
GET  /privacy                                     -     2  2  2  2  2  2  2
GET  /terms                                       -     2  2  2  2  2  2  2
GET  /accessibility                               -     2  2  2  2  2  2  2
GET  /healthz                                     -     2  2  2  2  2  2  2
GET  /readyz                                      -     2  2  2  2  2  2  2
GET  /metrics                                     -     2  2  2  2  2  2  2
GET  /static/<path:filename>                      -     2  2  2  2  2  2  2

GET  /login                                       -     2  *  *  *  *  *  *
POST /login                                       -     *  *  *  *  *  *  *
POST /logout                                      -     3  3  3  3  3  3  3
GET  /register                                    -     2  *  *  *  *  *  *
POST /register                                    -     *  *  *  *  *  *  *
GET  /register/sent                               -     *  *  *  *  *  *  *
GET  /reset                                       -     2  *  *  *  *  *  *
POST /reset                                       -     *  *  *  *  *  *  *
GET  /reset/sent                                  -     *  *  *  *  *  *  *
GET  /reset/<token>                               -     *  *  *  *  *  *  *
POST /reset/<token>                               -     *  *  *  *  *  *  *
GET  /confirm/<token>                             -     *  *  *  *  *  *  *
POST /confirm/<token>                             -     *  *  *  *  *  *  *
GET  /account                                     -     L  2  2  2  2  2  2
POST /account                                     -     L  *  *  *  *  *  *
POST /account/confirm                             -     L  *  *  *  *  *  *
GET  /account/password                            -     L  2  2  2  2  2  2
POST /account/password                            -     L  *  *  *  *  *  *
POST /account/sign-out-others                     -     L  *  *  *  *  *  *

GET  /bookings/new                                -     2  2  2  F  F  F  F
POST /bookings                                    -     *  *  *  F  F  F  F
GET  /bookings                                    -     L  2  2  F  F  F  F
GET  /bookings/<ref>                              paid  L  2  N  3  N  2  2
GET  /bookings/<ref>/standing.json                paid  N  2  N  2  N  2  2
GET  /bookings/<ref>/receipt                      paid  L  2  N  N  N  2  2
GET  /bookings/<ref>/receipt.pdf                  paid  L  2  N  N  N  2  2
GET  /bookings/<ref>/calendar.ics                 paid  L  2  N  N  N  2  2
GET  /bookings/<ref>/answer                       clash L  *  N  F  N  *  *
POST /bookings/<ref>/answer                       clash L  *  N  F  N  *  *
GET  /bookings/<ref>/cancel                       paid  L  *  N  F  N  *  *
POST /bookings/<ref>/cancel                       paid  L  *  N  F  N  *  *
GET  /bookings/<ref>/move                         paid  L  2  N  F  N  2  2
POST /bookings/<ref>/move                         paid  L  *  N  F  N  *  *
POST /bookings/<ref>/check                        held  L  *  N  F  N  *  *
GET  /bookings/<ref>/review                       held  L  2  N  F  N  F  F
POST /bookings/<ref>/extend                       held  L  *  N  F  N  *  *
POST /bookings/<ref>/pay                          held  L  *  N  F  N  F  F
GET  /doctors/<doctor>/waiting                    -     2  2  2  F  F  F  F
POST /doctors/<doctor>/waiting                    -     *  *  *  F  F  F  F
GET  /waiting/<entry>                             -     N  N  N  F  F  F  F
POST /waiting/<entry>/leave                       -     N  N  N  F  F  F  F
GET  /offers/<offer>                              -     N  N  N  F  F  F  F
GET  /offers/<offer>/decline                      -     N  N  N  F  F  F  F
POST /offers/<offer>/decline                      -     N  N  N  F  F  F  F
GET  /find                                        -     2  2  2  2  2  2  2
POST /find                                        -     *  *  *  *  *  *  *
GET  /find/sent                                   -     2  2  2  2  2  2  2
GET  /help                                        -     2  2  2  2  2  2  2
GET  /account/payments                            -     L  2  2  F  F  F  F
POST /account/people                              -     L  *  *  F  F  F  F
POST /account/people/<visitor>/forget             -     L  *  *  F  F  F  F
POST /account/wishes                              -     L  *  *  *  *  *  *
GET  /bookings/<ref>/credit-notes/<number>        paid  L  N  N  N  N  N  N
GET  /bookings/<ref>/credit-notes/<number>.pdf    paid  L  N  N  N  N  N  N
GET  /pay/return                                  -     N  3  N  N  N  N  N
GET  /pay/back                                    -     N  3  N  N  N  N  N

GET  /doctor                                      -     L  F  F  2  2  F  F
GET  /doctor/week                                 -     L  F  F  2  2  F  F
GET  /doctor/visits/<ref>                         paid  L  F  F  2  N  F  F
POST /doctor/visits/<ref>                         paid  L  F  F  *  N  F  F
POST /doctor/visits/<ref>/note                    paid  L  F  F  *  N  F  F
GET  /doctor/bookings                             -     L  F  F  2  2  F  F
GET  /doctor/profile                              -     L  F  F  2  2  F  F
POST /doctor/profile                              -     L  F  F  *  *  F  F
GET  /doctor/calendar                             -     L  F  F  2  2  F  F
POST /doctor/calendar                             -     L  F  F  *  *  F  F
GET  /doctor/calendar/<token>.ics                 -     N  N  N  N  N  N  N
GET  /doctor/hours                                -     L  F  F  2  2  F  F
POST /doctor/hours                                -     L  F  F  *  *  F  F
GET  /doctor/extra-hours                          -     L  F  F  2  2  F  F
POST /doctor/extra-hours                          -     L  F  F  *  *  F  F
POST /doctor/extra-hours/<int:number>/remove      -     L  F  F  N  N  F  F
GET  /doctor/time-off                             -     L  F  F  2  2  F  F
POST /doctor/time-off                             -     L  F  F  *  *  F  F
GET  /doctor/time-off/new                         -     L  F  F  *  *  F  F
GET  /doctor/time-off/<int:off>                   off   L  F  F  2  N  F  F
POST /doctor/time-off/<int:off>/end               off   L  F  F  3  N  F  F
GET  /admin/doctors/<doctor>/hours                -     L  F  F  F  F  2  2
POST /admin/doctors/<doctor>/hours                -     L  F  F  F  F  *  *
GET  /admin/doctors/<doctor>/extra-hours          -     L  F  F  F  F  2  2
POST /admin/doctors/<doctor>/extra-hours          -     L  F  F  F  F  *  *
POST /admin/doctors/<doctor>/extra-hours/<int:number>/remove - L  F  F  F  F  N  N
GET  /desk                                        -     L  F  F  F  F  2  2
GET  /desk/bookings/new                           -     L  F  F  F  F  2  2
POST /desk/bookings/new                           -     L  F  F  F  F  *  *
GET  /desk/bookings/<ref>/take                    held  L  F  F  F  F  2  2
POST /desk/bookings/<ref>/take                    held  L  F  F  F  F  *  *
GET  /desk/bookings/<ref>/link                    held  L  F  F  F  F  3  3
POST /desk/bookings/<ref>/here                    paid  L  F  F  F  F  3  3
GET  /desk/schedule                               -     L  F  F  F  F  2  2
GET  /desk/schedule/week                          -     L  F  F  F  F  2  2
GET  /pay/link/<token>                            -     N  N  N  N  N  N  N
GET  /admin                                       -     L  F  F  F  F  F  2
POST /admin/needs/<alert>/done                    -     L  F  F  F  F  F  N
POST /admin/needs/<alert>/owner                   -     L  F  F  F  F  N  N
POST /admin/needs/<alert>/mail-again              -     L  F  F  F  F  F  N
POST /admin/needs/<alert>/mail-drop               -     L  F  F  F  F  F  N
GET  /admin/doctors/<doctor>/time-off             -     L  F  F  F  F  2  2
POST /admin/doctors/<doctor>/time-off             -     L  F  F  F  F  *  *
GET  /admin/doctors/<doctor>/time-off/new         -     L  F  F  F  F  *  *
GET  /admin/doctors/<doctor>/time-off/<int:off>   off   L  F  F  F  F  2  2
POST /admin/doctors/<doctor>/time-off/<int:off>/end off L  F  F  F  F  3  3
GET  /admin/close-day                             -     L  F  F  F  F  2  2
POST /admin/close-day                             -     L  F  F  F  F  *  *
GET  /admin/close-day/new                         -     L  F  F  F  F  *  *
GET  /admin/close-day/<closing>                   close L  F  F  F  F  2  2
GET  /admin/close-day/<closing>/progress.json     close L  F  F  F  F  2  2
POST /admin/close-day/<closing>/retry             close L  F  F  F  F  3  3
GET  /admin/clashes/<ref>                         clash L  F  F  F  F  2  2
POST /admin/clashes/<ref>                         clash L  F  F  F  F  *  *
GET  /admin/bookings                              -     L  F  F  F  F  2  2
GET  /admin/bookings/<ref>                        paid  L  F  F  F  F  2  2
POST /admin/bookings/<ref>/cancel                 paid  L  F  F  F  F  *  *
POST /admin/bookings/<ref>/check                  paid  L  F  F  F  F  F  3
POST /admin/bookings/<ref>/refund                 paid  L  F  F  F  F  *  *
POST /admin/bookings/<ref>/refund/confirm         paid  L  F  F  F  F  *  *
POST /admin/bookings/<ref>/refund/take-back       paid  L  F  F  F  F  N  N
GET  /admin/payments                              -     L  F  F  F  F  F  2
GET  /admin/refunds                               -     L  F  F  F  F  F  2
POST /admin/refunds/review                        -     L  F  F  F  F  F  3
POST /admin/refunds/approve                       -     L  F  F  F  F  F  3
GET  /admin/refunds/<refund>                      -     L  F  F  F  F  F  N
POST /admin/refunds/<refund>/hand                 -     L  F  F  F  F  F  N
POST /admin/refunds/<refund>/hand/confirm         -     L  F  F  F  F  F  N
POST /admin/refunds/<refund>/ask                  -     L  F  F  F  F  F  N
POST /admin/refunds/<refund>/note                 -     L  F  F  F  F  F  N
GET  /admin/disputes                              -     L  F  F  F  F  F  2
GET  /admin/disputes/<dispute>                    -     L  F  F  F  F  F  N
GET  /admin/parked/<payment>                      -     L  F  F  F  F  F  N
POST /admin/parked/<payment>                      -     L  F  F  F  F  F  N
GET  /refunds/wish/<token>                        -     N  N  N  N  N  N  N
POST /refunds/wish/<token>                        -     N  N  N  N  N  N  N
GET  /admin/health                                -     L  F  F  F  F  F  2
GET  /admin/payments.csv                          -     L  F  F  F  F  F  2
GET  /admin/exports                               -     L  F  F  F  F  F  2
GET  /admin/exports/<what>.csv                    -     L  F  F  F  F  F  2
GET  /admin/audit                                 -     L  F  F  F  F  F  2
GET  /admin/audit.csv                             -     L  F  F  F  F  F  2
GET  /admin/doctors                               -     L  F  F  F  F  F  2
GET  /admin/doctors/new                           -     L  F  F  F  F  F  2
POST /admin/doctors/new                           -     L  F  F  F  F  F  *
GET  /admin/doctors/<doctor>                      -     L  F  F  F  F  F  2
POST /admin/doctors/<doctor>                      -     L  F  F  F  F  F  *
POST /admin/doctors/<doctor>/pause                -     L  F  F  F  F  F  3
POST /admin/doctors/<doctor>/resume               -     L  F  F  F  F  F  3
POST /admin/doctors/<doctor>/remove               -     L  F  F  F  F  F  *
POST /admin/doctors/<doctor>/invite               -     L  F  F  F  F  F  *
GET  /admin/services                              -     L  F  F  F  F  F  2
GET  /admin/services/new                          -     L  F  F  F  F  F  2
POST /admin/services/new                          -     L  F  F  F  F  F  *
GET  /admin/services/<service>                    -     L  F  F  F  F  F  2
POST /admin/services/<service>                    -     L  F  F  F  F  F  *
POST /admin/services/<service>/fee                -     L  F  F  F  F  F  *
POST /admin/services/<service>/fee/<int:fee>/withdraw -  L  F  F  F  F  F  N
GET  /admin/policies                              -     L  F  F  F  F  F  2
GET  /admin/policies/new                          -     L  F  F  F  F  F  2
POST /admin/policies/new                          -     L  F  F  F  F  F  *
GET  /admin/policies/<int:rules>                  -     L  F  F  F  F  F  2
POST /admin/policies/<int:rules>                  -     L  F  F  F  F  F  *
GET  /admin/clinic                                -     L  F  F  F  F  F  2
POST /admin/clinic                                -     L  F  F  F  F  F  *
GET  /admin/clinic/zone                           -     L  F  F  F  F  F  2
POST /admin/clinic/zone                           -     L  F  F  F  F  F  *
POST /admin/clinic/logo                           -     L  F  F  F  F  F  *
POST /admin/clinic/logo/remove                    -     L  F  F  F  F  F  3
GET  /clinic/look-<colour>.css                    -     2  2  2  2  2  2  2
GET  /clinic/logo-<mark>.png                      -     N  N  N  N  N  N  N
GET  /admin/people                                -     L  F  F  F  F  F  2
GET  /admin/people/new                            -     L  F  F  F  F  F  2
POST /admin/people/new                            -     L  F  F  F  F  F  *
GET  /admin/people/<person>                       -     L  F  F  F  F  F  2
POST /admin/people/<person>                       -     L  F  F  F  F  F  *
POST /admin/people/<person>/invite                -     L  F  F  F  F  F  *
POST /admin/people/<person>/disable               -     L  F  F  F  F  F  3
POST /admin/people/<person>/enable                -     L  F  F  F  F  F  3

GET  /api/v1/openapi.json                         -     2  2  2  2  2  2  2
GET  /api/v1/payment/config                       -     2  2  2  2  2  2  2
GET  /api/v1/doctors                              -     2  2  2  2  2  2  2
GET  /api/v1/doctors/<doctor>/slots               -     *  *  *  *  *  *  *
POST /api/v1/bookings                             -     L  *  *  F  F  F  F
GET  /api/v1/bookings                             -     L  2  2  F  F  2  2
GET  /api/v1/bookings/<ref>                       paid  L  2  N  F  F  2  2
POST /api/v1/bookings/<ref>/cancel                held  L  *  N  F  F  *  *
POST /api/v1/bookings/<ref>/move                  paid  L  *  N  F  F  *  *
POST /api/v1/payment/create-checkout-session      -     L  *  *  F  F  F  F
POST /api/v1/payment/create-payment-intent        -     L  *  *  F  F  F  F
POST /api/v1/payment/confirm-payment/<id>         ours  L  *  N  F  F  *  *
GET  /api/v1/payment/status/<session_id>          page  L  2  N  F  F  2  2
GET  /api/v1/payment/receipt/<session_id>         page  L  2  N  F  F  2  2
POST /api/v1/payment/refund/<session_id>          page  L  F  F  F  F  F  *
GET  /api/v1/payment/transactions                 -     L  F  F  F  F  F  2
"""
SIGNED_NOT_OURS = {("POST", "/api/v1/payment/webhook")}
"""Open to Stripe alone, by its signature: no cookie counts there, and no form token is asked."""
ORDER = ("AN", "PX", "DX", "DA", "PO", "FD", "CA")
"""Those who may change nothing knock first."""
CHOICE = {"doctor": "hana-tesfaye", "service": "see-the-doctor"}
MISSING = {
    "-": "",
    "paid": "222-222",
    "held": "222-222",
    "ours": "0" * 26,
    "page": "cs_test_" + "0" * 24,
    "clash": "222-222",
    "off": "987654",
    "close": "0" * 26,
}
MALFORMED = ("x", "%00", "7KM-4PX-", "..%2F..%2Fetc", "9" * 300)


def table():
    """(method, rule) to what it is about and one letter a person."""
    lines = [line.split() for line in MATRIX.strip().splitlines()[1:] if line.strip()]
    people = MATRIX.split("\n")[1].split()[1:]
    return {
        (method, rule): (subject, dict(zip(people, cells, strict=True)))
        for method, rule, subject, *cells in lines
    }


def routes(app):
    """Every (method, rule) the app answers to, without what Flask adds by itself."""
    return {
        (method, rule.rule)
        for rule in app.url_map.iter_rules()
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }


@pytest.fixture
def subjects(story):
    """One paid booking and one hold of the same patient with the same doctor."""
    booking_id = story.booked(story.time(4))
    payment = story.payment_of(booking_id)
    asked = story.booked(story.time(77))
    away = {"first": -1, "last": 0.5, "source": ClosingSource.TIME_OFF}
    return {
        "clash": story.booking(asked).ref,
        "close": close(story, {asked: Choice.DESK}, first=76, last=78),
        "off": str(story.rows(DayClosing, id=close(story, **away))[0].time_off_id),
        "paid": story.booking(booking_id).ref,
        "held": story.hold(story.time(28)).ref,
        "ours": payment.id,
        "page": payment.checkout_ref,
        "-": "",
        "/pay/return": f"?session_id={payment.checkout_ref}",
        "/pay/back": f"?payment={payment.id}",
        "/bookings/new": f"?{urlencode(CHOICE | {'starts_at': '2026-11-25T15:00:00Z'})}",
    }


def address(rule, ref, subjects=None):
    """The rule with its blanks filled in."""
    filled = {"<doctor>": "hana-tesfaye", "<path:filename>": "css/efoy.css"}
    filled |= {"<service>": "see-the-doctor", "<int:rules>": "1", "<int:fee>": "1"}
    filled |= {"<colour>": "0b5b43", "<person>": DESK, "<what>": "bookings"}
    filled |= dict.fromkeys(("<ref>", "<session_id>", "<id>", "<int:off>", "<closing>"), ref)
    path = rule
    for blank, value in filled.items():
        path = path.replace(blank, value)
    asked = (subjects or {}).get(rule, "")
    path = path.replace("<int:number>", "4000")
    return re.sub(r"<\w+>", "no-such-token", path) + asked


def knock(browser, method, path):
    """Open the page, or send its form with little but the form's own token."""
    named = {"X-Request-ID": "the-same-knock"}
    if method == "GET":
        return browser.get(path, headers=named)
    if path.startswith("/api/"):
        proof = {"X-CSRFToken": browser.form_token}
        body = {"startsAt": "2026-11-25T15:00:00Z"} if path.endswith("/move") else {}
        return browser.send("POST", path, json=body, headers=named | proof)
    return browser.post(path, **(CHOICE if path == "/bookings" else {}))


def letter(answer):
    """What the answer says about this person, as the table writes it; * where they came in."""
    to_sign_in = answer.status_code == 303 and answer.location.startswith("/login")
    if to_sign_in or answer.status_code == 401:
        return "L"
    known = {200: "2", 303: "3", 302: "3", 403: "F", 404: "N"}
    return known.get(answer.status_code, "*" if answer.status_code < 500 else "broken")


def fits(wanted, got):
    """Whether the answer is the one of the table."""
    return got in "23*" if wanted == "*" else got == wanted


def test_every_route_is_in_the_table_and_the_table_has_no_other(app):
    assert routes(app) - SIGNED_NOT_OURS == set(table())


def test_every_person_at_every_door(story, subjects, clock):
    wrong = []
    for method in ("GET", "POST"):
        for who in ORDER:
            browser = Browser(story.app, PEOPLE[who], now=clock())
            for (verb, rule), (subject, cells) in table().items():
                if verb != method or rule == "/logout":
                    continue
                answer = knock(browser, method, address(rule, subjects[subject], subjects))
                got = letter(answer)
                if not fits(cells[who], got):
                    wrong.append(f"{method} {rule} {who}: wanted {cells[who]}, got {got}")
                if got == "N":
                    missing = knock(browser, method, address(rule, MISSING[subject]))
                    if (missing.status_code, missing.data) != (404, answer.data):
                        wrong.append(f"{method} {rule} {who}: foreign differs from missing")

    assert not wrong, "\n".join(wrong)


def test_a_malformed_reference_is_not_found_by_anyone_let_in(story, clock):
    wrong = []
    for who in ("PO", "DA", "CA"):
        browser = Browser(story.app, PEOPLE[who], now=clock())
        for (method, rule), (_, cells) in table().items():
            if "<ref>" not in rule or cells[who] == "F":
                continue
            for ref in MALFORMED:
                status = knock(browser, method, address(rule, ref)).status_code
                if status not in {400, 404}:
                    wrong.append(f"{method} {address(rule, ref)} {who}: {status}")

    assert not wrong, "\n".join(wrong)


def test_no_form_is_taken_without_its_token(story, subjects, clock):
    wrong = []
    for who in ("AN", "PO", "CA"):
        browser = Browser(story.app, PEOPLE[who], now=clock())
        for (method, rule), (subject, _) in table().items():
            if method == "POST":
                answer = browser.post(address(rule, subjects[subject], subjects), csrf=False)
                refusals = {400, 401, 403} if rule.startswith("/api/") else {400}
                if answer.status_code not in refusals:
                    wrong.append(f"{rule} {who}: {answer.status_code}")

    assert not wrong, "\n".join(wrong)
    assert {row.status for row in story.rows(Booking)} == {"confirmed", "held"}


def test_head_is_get_without_a_body_and_undeclared_methods_are_405(app, story, subjects, clock):
    browser, wrong = Browser(app, ADMIN, now=clock()), []
    for (method, rule), (subject, _) in table().items():
        path = address(rule, subjects[subject], subjects)
        if rule.startswith("/static/"):
            continue
        if method == "GET":
            head, got = browser.send("HEAD", path), browser.get(path)
            if (head.status_code, head.data) != (got.status_code, b""):
                wrong.append(f"HEAD {rule}: {head.status_code}, GET {got.status_code}")
        for verb in ("PUT", "DELETE", "PATCH", "TRACE"):
            status = browser.send(verb, path).status_code
            if status not in {400, 405}:
                wrong.append(f"{verb} {rule}: {status}")

    assert not wrong, "\n".join(wrong)


def test_a_method_named_in_a_parameter_or_header_changes_nothing(story, subjects, clock):
    desk = Browser(story.app, DESK, now=clock())
    path = f"/admin/bookings/{subjects['paid']}/cancel"

    answers = [
        desk.get(f"{path}?_method=POST&reason=x").status_code,
        desk.get(path, headers={"X-HTTP-Method-Override": "POST"}).status_code,
    ]

    assert answers == [405, 405]
    assert {row.status for row in story.rows(Booking)} == {"confirmed", "held"}


def test_a_disabled_person_is_a_stranger_from_the_next_request_on(story, clock):
    browser = Browser(story.app, ADMIN, now=clock())
    assert browser.get("/admin").status_code == 200

    story.run_sql("UPDATE users SET disabled_at = :now WHERE id = :id", now=clock(), id=ADMIN)

    assert browser.get("/admin").location.startswith("/login")
