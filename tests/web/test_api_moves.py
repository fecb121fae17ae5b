"""How does a program move a booked visit, and pay what a dearer time costs more?"""

import pytest

from efoy.models import Payment
from tests.support.moves import CHEAPER, DEARER, SAMUEL, fee, place
from tests.support.program import Program, problem


@pytest.fixture
def almaz(app, clock):
    """A program that speaks for a patient."""
    return Program(app, "almaz@example.org", now=clock())


@pytest.fixture
def visit(story):
    """A booked visit of hers."""
    return story.booking(story.booked())


def path(visit):
    return f"/bookings/{visit.ref}/move"


def test_a_visit_of_the_same_price_is_moved_at_once(story, almaz, visit):
    at = story.time(49).isoformat()

    answer = almaz.post(path(visit), key="the-key-of-it", startsAt=at)
    again = almaz.post(path(visit), key="the-key-of-it", startsAt=at)

    assert answer.status_code == again.status_code == 200
    body = answer.get_json()
    assert (body["startsAt"], body["ref"]) == ("2026-11-25T10:00:00-05:00", visit.ref)
    assert body["move"] == again.get_json()["move"]
    assert body["move"]["status"] == "done"
    assert place(story, visit.id) == (1, story.time(49))


def test_a_cheaper_time_says_what_goes_back(story, almaz, visit):
    fee(story, CHEAPER)

    answer = almaz.post(
        path(visit), startsAt=story.time(49).isoformat(), doctor=SAMUEL, difference=-1000
    )

    move = answer.get_json()["move"]
    assert (move["difference"], move["back"], move["currency"]) == (-1000, 1000, "USD")
    assert answer.get_json()["amount"] == CHEAPER


def test_a_dearer_time_is_held_and_leads_to_the_pay_page(story, almaz, visit):
    fee(story, DEARER)

    answer = almaz.post(path(visit), startsAt=story.time(49).isoformat(), doctor=SAMUEL)

    move = answer.get_json()["move"]
    assert answer.status_code == 202
    assert (move["status"], move["difference"]) == ("pending", 1000)
    assert move["checkoutUrl"].startswith("http://127.0.0.1:12111/c/pay/")
    assert place(story, visit.id) == (1, story.time(25))
    paid = next(row for row in story.rows(Payment) if row.amount_minor == 1000)
    story.box.pay(paid.checkout_ref)
    story.settle(paid.id)
    assert place(story, visit.id) == (2, story.time(49))


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"startsAt": "later"}, 422, ""),
        ({}, 422, ""),
        ({"startsAt": "2026-11-25T10:00:00-05:00", "difference": "0"}, 422, ""),
        ({"startsAt": "2026-11-25T10:00:00-05:00", "difference": 500}, 409, "stale-amount"),
        ({"startsAt": "2026-11-25T10:01:00-05:00"}, 409, "slot-not-offered"),
        ({"startsAt": "2026-11-24T10:00:00-05:00"}, 409, "same-time"),
        ({"startsAt": "2026-11-25T10:00:00-05:00", "doctor": "nobody"}, 409, "slot-not-offered"),
        ({"startsAt": "2026-11-25T10:00:00-05:00", "price": 1}, 422, ""),
    ],
)
def test_what_cannot_be_is_refused_and_the_visit_stays(story, almaz, visit, body, status, code):
    answer = almaz.post(path(visit), **body)

    assert answer.status_code == status
    assert not code or problem(answer)["code"] == code
    assert place(story, visit.id) == (1, story.time(25))


def test_a_key_that_comes_again_for_another_time_is_a_mistake(story, almaz, visit):
    almaz.post(path(visit), key="the-key-of-it", startsAt=story.time(49).isoformat())

    answer = almaz.post(path(visit), key="the-key-of-it", startsAt=story.time(50).isoformat())

    assert problem(answer)["code"] == "key-reused"


def test_stripe_away_is_said_and_both_times_are_kept(story, almaz, visit):
    fee(story, DEARER)

    with story.stripe_away():
        answer = almaz.post(
            path(visit), key="the-key-of-it", startsAt=story.time(49).isoformat(), doctor=SAMUEL
        )

    assert answer.status_code == 503
    assert story.claims(visit.id) == 8
