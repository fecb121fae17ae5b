"""How does a program get somebody to pay, see what came of it, and give money back?"""

from datetime import datetime

import pytest

from efoy.domain.payment import PaymentStatus
from efoy.models import AuditEntry, Payment, Refund
from tests.support.program import Program, problem
from tests.support.story import DECLINED

CREATE = "/payment/create-checkout-session"


@pytest.fixture
def almaz(app, clock):
    """A program that speaks for a patient."""
    return Program(app, "almaz@example.org", now=clock())


@pytest.fixture
def admin(app, clock):
    """A program that speaks for the clinic's admin."""
    return Program(app, "admin@example.org", now=clock())


def session_of(story, booking_id):
    """The checkout of the newest attempt."""
    return story.payment_of(booking_id).checkout_ref


# -- to the pay page -----------------------------------------------------------------------------


def test_the_pay_page_has_the_servers_amount(story, almaz):
    held = story.hold()

    answer = almaz.post(CREATE, bookingId=held.ref)
    page = answer.get_json()

    assert answer.status_code == 200, answer.text
    assert set(page) == {"sessionId", "checkoutUrl", "amount", "currency", "expiresAt"}
    assert (page["amount"], page["currency"]) == (4500, "USD")
    assert page["sessionId"] == session_of(story, held.id)
    assert page["checkoutUrl"].startswith("http://127.0.0.1:12111/")
    assert datetime.fromisoformat(page["expiresAt"]).utcoffset() is not None


def test_the_older_name_and_a_second_call_lead_to_the_same_page(story, almaz):
    held = story.hold()

    pages = [
        almaz.post(path, bookingId=key).get_json()
        for path in (CREATE, "/payment/create-payment-intent")
        for key in (held.ref, held.id)
    ]

    assert all(page == pages[0] for page in pages)
    assert len(story.rows(Payment)) == 1


@pytest.mark.parametrize("name", ["amount", "price", "currency", "unitAmount", "amount_total"])
def test_an_amount_sent_by_the_client_is_refused(story, almaz, name):
    held = story.hold()

    answer = almaz.post(CREATE, bookingId=held.ref, **{name: 1})

    assert answer.status_code == 422
    assert problem(answer)["errors"] == [{"field": name, "detail": "Unknown field."}]
    assert story.rows(Payment) == []


def test_what_cannot_be_paid_says_why(story, almaz, clock):
    paid, held = story.booking(story.booked()), story.hold(story.time(49))
    clock.advance(minutes=16)

    done = almaz.post(CREATE, bookingId=paid.ref)
    over = almaz.post(CREATE, bookingId=held.ref)

    assert (done.status_code, problem(done)["code"]) == (409, "already-paid")
    assert (over.status_code, problem(over)["code"]) == (409, "hold-expired")


def test_with_stripe_away_nothing_is_charged_and_it_says_so(story, almaz):
    held = story.hold()

    with story.stripe_away():
        answer = almaz.post(CREATE, bookingId=held.ref)

    assert answer.status_code == 503
    assert "Nothing was charged" in problem(answer)["detail"]
    assert answer.headers["Retry-After"]
    assert almaz.post(CREATE, bookingId=held.ref).status_code == 200


# -- what came of it -----------------------------------------------------------------------------


def test_confirming_looks_at_stripe_and_finds_the_payment(story, almaz):
    held = story.hold()
    story.pay(held.id)
    session = session_of(story, held.id)
    before = almaz.get(f"/payment/status/{session}").get_json()

    answer = almaz.post(f"/payment/confirm-payment/{session}")
    now = answer.get_json()

    assert (before["status"], before["booking"]["status"]) == ("open", "held")
    assert answer.status_code == 200
    assert (now["status"], now["standing"]) == ("paid", "paid")
    assert (now["captured"], now["booking"]["status"]) == (4500, "confirmed")
    assert almaz.get(f"/payment/status/{session}").get_json() == now
    doors = {row.door for row in story.rows(AuditEntry, object="payment", event="pay")}
    assert doors == {"api"}


def test_confirming_marks_nothing_that_stripe_does_not_say(story, almaz):
    held = story.hold()
    story.open(held.id)
    payment = story.payment_of(held.id)

    for key in (payment.checkout_ref, payment.id):
        answer = almaz.post(f"/payment/confirm-payment/{key}", status="paid", amount=4500)
        assert answer.get_json()["status"] == "open"

    story.pay(held.id, DECLINED)
    assert almaz.post(f"/payment/confirm-payment/{payment.id}").get_json()["captured"] == 0
    assert story.payment(payment.id).status is not PaymentStatus.PAID
    assert story.receipts() == []


def test_confirming_again_makes_one_receipt(story, almaz):
    held = story.hold()
    story.pay(held.id)
    session = session_of(story, held.id)

    answers = [almaz.post(f"/payment/confirm-payment/{session}").get_json() for _ in range(3)]
    story.deliver()

    assert answers[0] == answers[1] == answers[2]
    assert len(story.receipts()) == 1


def test_a_payment_is_known_by_its_intent_too(story, almaz):
    payment = story.payment_of(story.booked())

    found = almaz.get(f"/payment/status/{payment.intent_ref}").get_json()

    assert found["paymentId"] == payment.id


def test_a_receipt_is_there_once_it_is_paid(story, almaz):
    held = story.hold()
    story.pay(held.id)
    session = session_of(story, held.id)
    early = almaz.get(f"/payment/receipt/{session}")

    story.come_back(held.id)
    receipt = almaz.get(f"/payment/receipt/{session}").get_json()

    assert early.status_code == 404
    assert [receipt["number"]] == story.receipts()
    assert (receipt["amount"], receipt["currency"], receipt["refunded"]) == (4500, "USD", 0)
    assert receipt["url"].endswith(f"/bookings/{held.ref}/receipt")


def test_the_configuration_tells_the_mode_and_nothing_secret(almaz):
    answer = almaz.get("/payment/config")

    assert answer.get_json() == {
        "publishableKey": "",
        "currency": "USD",
        "mode": "sandbox",
        "holdMinutes": 15,
    }


# -- give back -----------------------------------------------------------------------------------


def test_a_refund_is_taken_in_and_follows_stripe(story, admin):
    session = session_of(story, story.booked())

    answer = admin.post(
        f"/payment/refund/{session}", key="refund-one", amount=1000, reason="goodwill"
    )
    refund = answer.get_json()["refund"]
    story.work()
    after = admin.get(f"/payment/status/{session}").get_json()

    assert answer.status_code == 202
    assert (refund["status"], refund["amount"], refund["currency"]) == ("requested", 1000, "USD")
    assert (after["refunded"], after["standing"]) == (1000, "partly_refunded")


def test_without_an_amount_everything_left_goes_back_once(story, admin):
    session = session_of(story, story.booked())

    first = admin.post(f"/payment/refund/{session}", key="refund-all", reason="goodwill")
    story.work()
    again = admin.post(f"/payment/refund/{session}", key="refund-all", reason="goodwill")
    fresh = admin.post(f"/payment/refund/{session}", key="refund-new", reason="goodwill")

    assert first.get_json()["refund"]["id"] == again.get_json()["refund"]["id"]
    assert again.get_json()["refund"]["status"] == "succeeded"
    assert (fresh.status_code, problem(fresh)["reason"]) == (409, "amount")
    assert [row.amount_minor for row in story.rows(Refund)] == [4500]


def test_a_key_used_for_something_else_is_refused(story, admin):
    here, there = session_of(story, story.booked()), session_of(story, story.booked(story.time(49)))
    asked = {"amount": 500, "reason": "goodwill"}
    admin.post(f"/payment/refund/{here}", key="refund-one", **asked)

    others = [
        admin.post(f"/payment/refund/{there}", key="refund-one", **asked),
        admin.post(f"/payment/refund/{here}", key="refund-one", **(asked | {"amount": 600})),
        admin.post(f"/payment/refund/{here}", key="refund-one", reason="goodwill"),
        admin.post(
            f"/payment/refund/{here}", key="refund-one", amount=500, reason="charged_wrongly"
        ),
    ]

    assert {problem(each)["code"] for each in others} == {"key-reused"}
    assert len(story.rows(Refund)) == 1


@pytest.mark.parametrize("key", [None, "short", "with space in it", "x" * 65, "löng-enough"])
def test_a_refund_needs_a_key_of_its_own(story, admin, key):
    session = session_of(story, story.booked())

    answer = admin.post(f"/payment/refund/{session}", key=key, reason="goodwill")

    assert (answer.status_code, problem(answer)["code"]) == (400, "key-missing")
    assert story.rows(Refund) == []


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"amount": 0, "reason": "goodwill"}, 422),
        ({"amount": -1, "reason": "goodwill"}, 422),
        ({"amount": 10**30, "reason": "goodwill"}, 422),
        ({"amount": 10.0, "reason": "goodwill"}, 422),
        ({"amount": "1000", "reason": "goodwill"}, 422),
        ({"amount": True, "reason": "goodwill"}, 422),
        ({"amount": None, "reason": "goodwill"}, 422),
        ({"amount": 4501, "reason": "goodwill"}, 409),
        ({"amount": 1000, "reason": "because"}, 422),
        ({"amount": 1000}, 422),
        ({"amount": 1000, "reason": "goodwill", "currency": "EUR"}, 422),
    ],
)
def test_a_refund_that_breaks_a_rule_moves_nothing(story, admin, body, status):
    session = session_of(story, story.booked())

    answer = admin.post(f"/payment/refund/{session}", key="refund-one", **body)

    assert answer.status_code == status, answer.text
    problem(answer)
    assert story.rows(Refund) == []


def test_what_was_not_paid_cannot_go_back(story, admin):
    held = story.hold()
    story.open(held.id)

    answer = admin.post(
        f"/payment/refund/{session_of(story, held.id)}", key="refund-one", reason="goodwill"
    )

    assert (answer.status_code, problem(answer)["reason"]) == (409, "not_paid")


# -- the clinic's list ---------------------------------------------------------------------------


def test_the_transactions_go_on_where_the_page_before_ended(story, admin, clock):
    made = []
    for day in range(5):
        made.append(story.payment_of(story.booked(story.time(25 + 24 * day))).id)
        clock.advance(minutes=day % 2)  # some at the same instant

    seen, asked = [], {"limit": 2}
    while True:
        page = admin.get("/payment/transactions", **asked).get_json()
        seen += [each["paymentId"] for each in page["transactions"]]
        if page["nextCursor"] is None:
            break
        asked["cursor"] = page["nextCursor"]

    assert sorted(seen) == sorted(made)
    assert len(seen) == 5


def test_the_transactions_are_filtered_by_day_and_status(story, admin, clock):
    booked = story.payment_of(story.booked())
    clock.advance(days=1)
    held = story.hold(story.time(73))
    story.open(held.id)

    def ids(**asked):
        rows = admin.get("/payment/transactions", **asked).get_json()["transactions"]
        return [row["paymentId"] for row in rows]

    assert ids(status="paid") == [booked.id]
    assert ids(**{"from": "2026-11-24"}) == [story.payment_of(held.id).id]
    assert ids(to="2026-11-23") == [booked.id]
    assert ids(**{"from": "2026-11-25", "to": "2026-11-26"}) == []
    assert len(ids(**{"from": "2026-11-23", "to": "2026-11-24"})) == 2


def test_a_transaction_says_what_the_books_know(story, admin):
    payment = story.payment_of(story.booked())

    [row] = admin.get("/payment/transactions").get_json()["transactions"]

    assert row["paymentIntentId"] == payment.intent_ref
    assert (row["amount"], row["captured"], row["refunded"]) == (4500, 4500, 0)
    assert "4242" in row["card"]
    assert "almaz" not in str(row).lower()
