"""Are events told, signed, delivered and repeated as Stripe does?"""

import json

import pytest
import stripe

from tests.sandbox.steps import SECRET

STORY = [
    "payment_intent.created",
    "charge.succeeded",
    "payment_intent.succeeded",
    "checkout.session.completed",
]


def types_of(letters):
    return [json.loads(letter.body)["type"] for letter in letters]


def read(clinic, letter):
    header = letter.headers["Stripe-Signature"]
    # The SDK asks the computer's clock, so its own check of the age is left out
    return clinic.client.construct_event(letter.body, header, SECRET, tolerance=0)


def test_a_payment_is_told_in_full_and_its_fee_a_little_later(clinic):
    clinic.paid()
    assert clinic.events() == STORY

    clinic.later(5)

    assert clinic.events() == [*STORY, "charge.updated"]


def test_an_event_shows_the_charge_before_its_balance_transaction_was_known(clinic):
    intent = clinic.paid()
    clinic.later(5)
    clinic.v1.charges.retrieve(intent.latest_charge.id)

    letters = clinic.box.take_deliveries()
    charges = {e.type: e.data.object for e in (read(clinic, letter) for letter in letters)}

    assert charges["charge.succeeded"].balance_transaction is None
    assert charges["charge.updated"].balance_transaction.startswith("txn_")
    entry = clinic.v1.balance_transactions.retrieve(charges["charge.updated"].balance_transaction)
    assert (entry.amount, entry.fee, entry.net) == (4500, 161, 4339)


def test_an_event_carries_ids_and_the_request_that_caused_it(clinic):
    intent = clinic.paid()
    refund = clinic.refund(intent, 100, "key-1")

    (event,) = clinic.v1.events.list({"type": "refund.created"}).data

    assert event.data.object.id == refund.id
    assert event.data.object.charge == intent.latest_charge.id
    assert event.request.idempotency_key == "key-1"
    assert event.request.id == refund.last_response.headers["Request-Id"]
    assert event.api_version == "2026-10-28.endive"


def test_a_delivery_is_signed_with_the_time_at_which_it_leaves(clinic):
    clinic.paid()
    clinic.later(1000)

    letter = clinic.box.take_deliveries()[0]

    assert letter.headers["Stripe-Signature"].startswith(f"t={int(clinic.clock.now)},v1=")
    assert read(clinic, letter).type == "payment_intent.created"


def test_another_secret_does_not_open_it(clinic):
    clinic.paid()
    letter = clinic.box.take_deliveries()[0]
    forged = clinic.box.sign(letter.body, secret="whsec_other")["Stripe-Signature"]

    with pytest.raises(stripe.SignatureVerificationError):
        clinic.client.construct_event(letter.body, forged, SECRET, tolerance=0)


def test_each_event_is_handed_over_once(clinic):
    clinic.paid()

    assert types_of(clinic.box.take_deliveries()) == STORY
    assert clinic.box.take_deliveries() == []
    assert clinic.v1.events.list({"delivery_success": False}).data == []


def test_events_are_held_until_they_are_let_go(clinic):
    clinic.box.control("webhooks", {"mode": "hold"})
    clinic.paid()
    assert clinic.box.take_deliveries() == []

    clinic.box.control("webhooks", {"mode": "deliver"})

    assert types_of(clinic.box.take_deliveries()) == STORY


def test_a_dropped_event_never_comes_but_can_be_listed(clinic):
    clinic.box.control("webhooks", {"mode": "drop"})
    clinic.paid()
    clinic.box.control("webhooks", {"mode": "deliver"})
    clinic.later(10**6)

    assert "checkout.session.completed" not in types_of(clinic.box.take_deliveries())
    missed = clinic.v1.events.list({"delivery_success": False, "types": STORY})
    assert [e.type for e in missed.data] == STORY[::-1]


def test_a_duplicated_event_comes_twice_with_one_id(clinic):
    clinic.box.control("webhooks", {"mode": "duplicate"})
    clinic.paid()

    ids = [json.loads(letter.body)["id"] for letter in clinic.box.take_deliveries()]

    assert (len(ids), len(set(ids))) == (8, 4)


def test_shuffled_events_come_in_another_order_and_none_is_lost(clinic):
    clinic.box.control("webhooks", {"mode": "shuffle"})
    for _ in range(3):
        clinic.paid()
    clinic.later(10)

    types = types_of(clinic.box.take_deliveries())

    assert types != STORY * 3
    assert sorted(t for t in types if t != "charge.updated") == sorted(STORY * 3)


def test_a_delayed_event_comes_when_its_time_has_come(clinic):
    clinic.box.control("webhooks", {"mode": "deliver", "delay": 3600})
    clinic.paid()
    clinic.later(3599)
    assert clinic.box.take_deliveries() == []

    clinic.later(1)

    assert types_of(clinic.box.take_deliveries()) == STORY


def test_any_event_can_be_delivered_by_hand_any_number_of_times(clinic):
    clinic.paid()
    clinic.box.take_deliveries()
    (event,) = clinic.v1.events.list({"type": "checkout.session.completed"}).data
    deliver = {"ids": [event.id], "times": 3}

    same = clinic.box.control("deliver", deliver)
    twins = clinic.box.control("deliver", {**deliver, "twin": True})
    other = clinic.box.control("deliver", {**deliver, "put": {"livemode": True}})

    assert {json.loads(row["body"])["id"] for row in same} == {event.id}
    assert len({json.loads(row["body"])["id"] for row in twins} | {event.id}) == 4
    assert all(json.loads(row["body"])["livemode"] for row in other)


def test_a_stale_or_future_or_forged_delivery_can_be_made(clinic):
    clinic.paid()
    stamps = []
    for age in (600, -600):
        row = clinic.box.control("deliver", {"age": age})[0]
        stamps.append(int(row["headers"]["Stripe-Signature"].split(",")[0][2:]))
        clinic.paid()
    forged = clinic.box.control("deliver", {"secret": "whsec_x"})[0]

    assert stamps == [clinic.clock.now - 600, clinic.clock.now + 600]
    with pytest.raises(stripe.SignatureVerificationError):
        clinic.client.construct_event(
            forged["body"].encode(), forged["headers"]["Stripe-Signature"], SECRET, tolerance=0
        )


def test_moving_the_sandbox_alone_does_not_stamp_letters_from_the_future(clinic):
    session = clinic.checkout()
    clinic.box.control("clock", {"advance": 600})
    clinic.box.pay(session.id)

    letter = clinic.box.take_deliveries()[0]

    assert letter.headers["Stripe-Signature"].startswith(f"t={int(clinic.clock.now)},")
