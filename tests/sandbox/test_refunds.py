"""Does money go back as far as it may, and what when the bank says no?"""

import pytest
import stripe


def refused(clinic, **params):
    with pytest.raises(stripe.InvalidRequestError) as caught:
        clinic.v1.refunds.create(params)
    return caught.value


def test_parts_add_up_to_the_whole_and_no_further(clinic):
    intent = clinic.paid()
    charge = intent.latest_charge.id

    clinic.refund(intent, 1000)
    assert clinic.v1.charges.retrieve(charge).amount_refunded == 1000
    assert refused(clinic, payment_intent=intent.id, amount=3501).param == "amount"
    clinic.refund(intent, 3500)

    assert clinic.v1.charges.retrieve(charge).refunded
    assert refused(clinic, charge=charge).code == "charge_already_refunded"


def test_without_an_amount_all_that_is_left_goes_back(clinic):
    intent = clinic.paid()
    clinic.refund(intent, 1000)

    assert clinic.v1.refunds.create({"payment_intent": intent.id}).amount == 3500


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({}, "parameter_missing"),
        ({"payment_intent": "pi_none"}, "resource_missing"),
        ({"charge": "ch_none"}, "resource_missing"),
        ({"payment_intent": "pi_x", "charge": "ch_x"}, "parameters_exclusive"),
        ({"payment_intent": "pi_x", "amount": 0}, "parameter_invalid_integer"),
        ({"payment_intent": "pi_x", "amount": -1}, "parameter_invalid_integer"),
        ({"payment_intent": "pi_x", "amount": "all"}, "parameter_invalid_integer"),
        ({"payment_intent": "pi_x", "reason": "bored"}, None),
        ({"payment_intent": "pi_x", "note": "?"}, "parameter_unknown"),
        ({"payment_intent": ""}, "parameter_invalid_empty"),
    ],
)
def test_a_wrong_refund_is_refused(clinic, params, code):
    assert refused(clinic, **params).code == code


def test_what_was_never_paid_cannot_be_refunded(clinic):
    session = clinic.checkout()
    clinic.box.pay(session.id, card="4000000000000002")
    intent = clinic.look(session).payment_intent

    assert refused(clinic, payment_intent=intent.id).code == "charge_not_refundable"


def test_a_refund_leaves_the_balance_without_a_fee(clinic):
    intent = clinic.paid()

    refund = clinic.refund(intent, 1000)

    assert clinic.balance_of(refund.id) == [("refund", -1000, 0)]
    assert clinic.events("refund", "charge.refunded") == ["refund.created", "charge.refunded"]


def test_the_banks_reference_comes_later_and_changes_no_status(clinic):
    refund = clinic.refund(clinic.paid(), 1000)
    assert "reference" not in refund.destination_details.card

    clinic.later(60)

    found = clinic.v1.refunds.retrieve(refund.id)
    assert (found.status, len(found.destination_details.card.reference)) == ("succeeded", 23)
    assert clinic.events("refund.updated") == ["refund.updated"]


def test_a_pending_refund_takes_nothing_from_the_balance_until_it_succeeds(clinic):
    refund = clinic.refund(clinic.paid("4000000000007726"), 1000)
    assert (refund.status, refund.pending_reason) == ("pending", "processing")
    assert clinic.balance_of(refund.id) == []

    clinic.later(15)

    found = clinic.v1.refunds.retrieve(refund.id)
    assert (found.status, "pending_reason" in found) == ("succeeded", False)
    assert clinic.balance_of(refund.id) == [("refund", -1000, 0)]


def test_a_refund_may_fail_after_it_succeeded_and_the_money_is_back(clinic):
    intent = clinic.paid("4000000000005126")
    refund = clinic.refund(intent, 4500)
    assert refund.status == "succeeded"

    clinic.later(60)

    found = clinic.v1.refunds.retrieve(refund.id)
    assert (found.status, found.failure_reason) == ("failed", "expired_or_canceled_card")
    assert clinic.balance_of(refund.id) == [("refund", -4500, 0), ("refund_failure", 4500, 0)]
    assert clinic.v1.charges.retrieve(intent.latest_charge.id).amount_refunded == 0
    assert "refund.failed" in clinic.events()
    assert clinic.refund(intent, 100).status == "succeeded"


def test_any_refund_fails_when_told_to_and_only_once(clinic):
    refund = clinic.refund(clinic.paid(), 1000)

    for _ in range(2):
        clinic.box.control(f"refunds/{refund.id}/fail", {"reason": "lost_or_stolen_card"})

    assert clinic.v1.refunds.retrieve(refund.id).failure_reason == "lost_or_stolen_card"
    assert clinic.events("refund.failed") == ["refund.failed"]


def test_a_refund_from_the_dashboard_looks_like_any_other_but_for_its_request(clinic):
    intent = clinic.paid()

    clinic.box.control("dashboard/refund", {"payment_intent": intent.id, "amount": 700})

    (refund,) = clinic.v1.refunds.list({"payment_intent": intent.id}).data
    (event,) = clinic.v1.events.list({"type": "refund.created"}).data
    assert (refund.amount, refund.status, refund.metadata.to_dict()) == (700, "succeeded", {})
    assert event.request.id is None


def test_a_card_refund_cannot_be_cancelled(clinic):
    refund = clinic.refund(clinic.paid("4000000000007726"), 1000)

    with pytest.raises(stripe.InvalidRequestError):
        clinic.v1.refunds.cancel(refund.id)


def test_the_refunds_of_a_charge_come_only_when_asked_for(clinic):
    intent = clinic.paid()
    made = [clinic.refund(intent, 100).id for _ in range(3)]
    retrieve = clinic.v1.charges.retrieve

    assert "refunds" not in retrieve(intent.latest_charge.id)
    found = retrieve(intent.latest_charge.id, {"expand": ["refunds"]})
    assert [r.id for r in found.refunds.data] == made[::-1]
