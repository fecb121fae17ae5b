"""Is the same key always the same deed?"""

import pytest
import stripe


def test_a_repeated_key_gets_the_first_answer_and_makes_nothing_new(clinic):
    first, again = clinic.checkout(key="one"), clinic.checkout(key="one")

    assert again.id == first.id
    assert len(clinic.v1.checkout.sessions.list().data) == 1
    headers = again.last_response.headers
    assert headers["Idempotent-Replayed"] == "true"
    assert headers["Original-Request"] == first.last_response.headers["Request-Id"]


def test_without_a_key_each_call_makes_something_new(clinic):
    intent = clinic.paid()

    assert clinic.refund(intent, 100).id != clinic.refund(intent, 100).id


def test_two_equal_partial_refunds_under_two_keys_are_two(clinic):
    intent = clinic.paid()

    first, second = (clinic.refund(intent, 100, key) for key in ("a", "b"))

    assert first.id != second.id
    assert clinic.refund(intent, 100, "a").id == first.id


def test_a_key_with_other_parameters_is_refused(clinic):
    clinic.checkout(key="one")

    with pytest.raises(stripe.IdempotencyError):
        clinic.checkout(key="one", locale="fr")


def test_a_key_at_another_address_is_refused(clinic):
    clinic.checkout(key="one")

    with pytest.raises(stripe.IdempotencyError, match="same endpoint"):
        clinic.v1.customers.create({}, {"idempotency_key": "one"})


def test_a_refused_parameter_leaves_the_key_free(clinic):
    with pytest.raises(stripe.InvalidRequestError):
        clinic.checkout(key="one", locale="am")

    assert clinic.checkout(key="one").status == "open"


def test_a_refusal_from_the_state_of_things_is_kept(clinic):
    intent = clinic.paid()
    clinic.refund(intent, 4500)

    for replayed in (None, "true"):
        with pytest.raises(stripe.InvalidRequestError) as caught:
            clinic.refund(intent, 1, "late")
        assert caught.value.code == "charge_already_refunded"
        assert caught.value.headers.get("Idempotent-Replayed") == replayed


@pytest.mark.parametrize(
    ("action", "made"), [("500_applied_stored", 1), ("500_unapplied_stored", 0)]
)
def test_a_stored_500_is_repeated_whether_or_not_the_deed_was_done(clinic, action, made):
    intent = clinic.paid()
    fault = {"method": "POST", "path": "/v1/refunds", "action": action}
    clinic.box.control("faults", [fault])

    for _ in range(3):
        with pytest.raises(stripe.APIError):
            clinic.refund(intent, 4500, "one")

    assert len(clinic.v1.refunds.list({"payment_intent": intent.id}).data) == made


def test_after_a_day_a_key_is_new_again(clinic):
    first = clinic.v1.customers.create({}, {"idempotency_key": "one"})

    clinic.later(24 * 3600 - 1)
    assert clinic.v1.customers.create({}, {"idempotency_key": "one"}).id == first.id
    clinic.later(1)

    assert clinic.v1.customers.create({}, {"idempotency_key": "one"}).id != first.id
