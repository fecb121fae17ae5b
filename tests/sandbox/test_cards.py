"""Does each test card do what it is known for?"""

import pytest

from sandbox.cards import CARDS, luhn_holds

DECLINES = [card for card in CARDS if card.decline and not card.challenge]
SUCCEEDS = [card for card in CARDS if not card.decline and not card.challenge]
CHALLENGES = [card for card in CARDS if card.challenge]


def number(card):
    return f"{card.number} {card.label}"


def test_every_test_card_has_a_right_check_digit():
    assert all(luhn_holds(card.number) for card in CARDS)


@pytest.mark.parametrize("card", SUCCEEDS, ids=number)
def test_a_good_card_pays(clinic, card):
    charge = clinic.paid(card.number).latest_charge

    assert (charge.status, charge.payment_method_details.card.last4) == (
        "succeeded",
        card.number[-4:],
    )
    assert charge.payment_method_details.card.brand == card.brand


@pytest.mark.parametrize("card", DECLINES, ids=number)
def test_a_declined_card_leaves_the_checkout_open_for_another(clinic, card):
    session = clinic.checkout()

    outcome = clinic.box.pay(session.id, card=card.number)

    found = clinic.look(session)
    code, decline_code = card.decline
    intent = found.payment_intent
    assert (outcome.kind, outcome.url, found.status) == ("declined", None, "open")
    assert intent.status == "requires_payment_method"
    assert intent.last_payment_error.code == code
    assert getattr(intent.last_payment_error, "decline_code", None) == decline_code
    assert intent.latest_charge.failure_code == code
    assert clinic.box.pay(session.id).kind == "paid"
    assert clinic.look(session).payment_intent.id == intent.id


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ({"card": "4242424242424241"}, "incorrect_number"),
        ({"card": "4242"}, "invalid_number"),
        ({"card": ""}, "invalid_number"),
        ({"exp": "13 / 40"}, "invalid_expiry_month"),
        ({"exp": "01 / 20"}, "invalid_expiry_year"),
        ({"exp": "soon"}, "invalid_expiry_month"),
        ({"cvc": "12"}, "invalid_cvc"),
    ],
)
def test_what_is_mistyped_never_reaches_the_bank(clinic, typed, code):
    session = clinic.checkout()

    outcome = clinic.box.pay(session.id, **typed)

    assert (outcome.kind, outcome.code) == ("invalid", code)
    assert clinic.look(session).payment_intent is None


def test_a_number_that_is_no_test_card_is_declined(clinic):
    outcome = clinic.box.pay(clinic.checkout().id, card="4111111111111111")

    assert (outcome.kind, outcome.code) == ("declined", "test_mode_live_card")


@pytest.mark.parametrize("card", CHALLENGES, ids=number)
def test_a_bank_that_asks_is_answered_before_money_moves(clinic, card):
    session = clinic.checkout()

    assert clinic.box.pay(session.id, card=card.number).kind == "challenge"

    assert clinic.look(session).payment_intent.status == "requires_action"
    assert clinic.v1.charges.list().data == []
    outcome = clinic.box.pay(session.id, action="3ds-complete")
    assert outcome.kind == ("declined" if card.decline else "paid")


@pytest.mark.parametrize("card", CHALLENGES, ids=number)
def test_a_failed_check_charges_nothing(clinic, card):
    session = clinic.checkout()
    clinic.box.pay(session.id, card=card.number)

    outcome = clinic.box.pay(session.id, action="3ds-fail")

    assert outcome.code == "payment_intent_authentication_failure"
    assert clinic.v1.charges.list().data == []
    assert clinic.look(session).status == "open"


def test_a_check_that_nobody_asked_for_pays_nothing(clinic):
    session = clinic.checkout()

    assert clinic.box.pay(session.id, action="3ds-complete").kind == "invalid"
    assert clinic.look(session).status == "open"


@pytest.mark.parametrize(
    ("card", "reasons"),
    [
        ("4000000000000259", ["fraudulent"]),
        ("4000000000002685", ["product_not_received"]),
        ("4000004040000079", ["fraudulent", "product_not_received"]),
    ],
)
def test_some_payments_are_disputed_a_little_later(clinic, card, reasons):
    intent = clinic.paid(card)
    assert clinic.v1.disputes.list().data == []

    clinic.later(10)

    found = clinic.v1.disputes.list({"payment_intent": intent.id}).data
    assert sorted(d.reason for d in found) == reasons
    assert sum(d.amount for d in found) == 4500


def test_an_inquiry_moves_no_money_and_a_warning_is_only_a_warning(clinic):
    clinic.paid("4000000000001976")
    clinic.paid("4000000000005423")

    clinic.later(10)

    (inquiry,) = clinic.v1.disputes.list().data
    assert (inquiry.status, inquiry.balance_transactions) == ("warning_needs_response", [])
    assert "radar.early_fraud_warning.created" in clinic.events()
