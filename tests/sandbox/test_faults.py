"""Does each fault do what it says, on the request it was meant for, and leave the right state?"""

import pytest
import stripe

REFUNDS = {"method": "POST", "path": "/v1/refunds"}


def order(clinic, action, **more):
    clinic.box.control("faults", [{**REFUNDS, "action": action, **more}])


def refunds_of(clinic, intent):
    return len(clinic.v1.refunds.list({"payment_intent": intent.id}).data)


@pytest.mark.parametrize(
    ("action", "error", "made", "made_by_retry"),
    [
        ("timeout_before", stripe.APIConnectionError, 0, 1),
        ("apply_then_timeout", stripe.APIConnectionError, 1, 1),
        ("500_unapplied_stored", stripe.APIError, 0, 0),
        ("500_applied_stored", stripe.APIError, 1, 1),
        ("429", stripe.RateLimitError, 0, 1),
        ("409", stripe.APIError, 0, 1),
        ("reset_half_body", stripe.APIConnectionError, 1, 1),
        ("garbage_200", stripe.APIError, 1, 1),
    ],
)
def test_a_fault_and_the_same_key_again(clinic, action, error, made, made_by_retry):
    intent = clinic.paid()
    order(clinic, action)

    with pytest.raises(error):
        clinic.refund(intent, 100, "one")
    assert refunds_of(clinic, intent) == made
    if action.startswith("500"):
        with pytest.raises(stripe.APIError):
            clinic.refund(intent, 100, "one")
    else:
        assert clinic.refund(intent, 100, "one").amount == 100

    assert refunds_of(clinic, intent) == made_by_retry


def test_a_refused_request_says_why_in_stripes_words(clinic):
    intent = clinic.paid()
    order(clinic, "409")
    order(clinic, "429", nth=2)

    codes = []
    for _ in range(2):
        with pytest.raises(stripe.StripeError) as caught:
            clinic.refund(intent, 100)
        codes.append((caught.value.http_status, caught.value.error.code))

    assert codes == [(409, "lock_timeout"), (429, "rate_limit")]


def test_a_fault_waits_for_its_request_and_strikes_as_often_as_ordered(clinic):
    intent = clinic.paid()
    order(clinic, "429", nth=2, times=2)

    outcomes = []
    for _ in range(4):
        try:
            outcomes.append(clinic.refund(intent, 100).status)
        except stripe.RateLimitError:
            outcomes.append("429")

    assert outcomes == ["succeeded", "429", "429", "succeeded"]


def test_a_pattern_stands_for_one_part_of_the_address(clinic):
    session = clinic.checkout()
    expire = {"path": "/v1/checkout/sessions/*/expire", "method": "POST", "action": "429"}
    clinic.box.control("faults", [expire])

    clinic.v1.checkout.sessions.retrieve(session.id)
    with pytest.raises(stripe.RateLimitError):
        clinic.v1.checkout.sessions.expire(session.id)

    assert clinic.v1.checkout.sessions.expire(session.id).status == "expired"


def test_faults_can_be_taken_away(clinic):
    order(clinic, "429")
    clinic.box.control("faults", [])

    assert clinic.refund(clinic.paid(), 100).status == "succeeded"


@pytest.mark.parametrize(
    "rows", [{}, [{"path": "/v1"}], [{"action": "explode"}], [{"action": "429", "when": "now"}]]
)
def test_an_unknown_fault_is_refused(clinic, rows):
    with pytest.raises(ValueError, match="error"):
        clinic.box.control("faults", rows)


def test_the_journal_tells_key_status_replay_and_fault(clinic):
    intent = clinic.paid()
    order(clinic, "apply_then_timeout")
    with pytest.raises(stripe.APIConnectionError):
        clinic.refund(intent, 100, "one")
    clinic.refund(intent, 100, "one")

    journal = clinic.box.control("journal")

    rows = [r for r in journal["requests"] if r["path"] == "/v1/refunds"]
    told = [(r["idempotency_key"], r["status"], r["replayed"], r["fault"]) for r in rows]
    assert told == [("one", 0, False, "apply_then_timeout"), ("one", 200, True, None)]
    assert rows[0]["params"] == {"payment_intent": intent.id, "amount": "100"}
    assert len(journal["objects"]["refund"]) == 1
    assert journal["deliveries"][0]["state"] == "due"
