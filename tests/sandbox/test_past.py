"""Can what a demo's data says was paid before be refunded like any payment?"""

from sandbox.levers.past import take_in


def told(clinic, end="paid", **more):
    """One checkout of yesterday."""
    begun = int(clinic.clock.now) - 86400
    return {
        "id": f"cs_test_seeded_{end}",
        "params": {**clinic.params(), "expires_at": begun + 35 * 60},
        "created": begun,
        "end": end,
        "ended": begun + 120,
        "intent": f"pi_seeded_{end}",
        "charge": f"ch_seeded_{end}",
        "last4": "4242",
        **more,
    }


def test_a_payment_of_the_past_is_known_by_its_given_names(clinic):
    take_in(clinic.box.desk, {"checkouts": [told(clinic)]})

    session = clinic.v1.checkout.sessions.retrieve("cs_test_seeded_paid")
    charge = clinic.v1.charges.retrieve("ch_seeded_paid", {"expand": ["balance_transaction"]})
    assert (session.status, session.payment_intent) == ("complete", "pi_seeded_paid")
    assert charge.payment_intent == "pi_seeded_paid"
    assert charge.balance_transaction.source == "ch_seeded_paid"
    assert charge.created == int(clinic.clock.now) - 86400 + 120


def test_it_can_be_refunded_as_far_as_it_was_not(clinic):
    before = {"id": "re_seeded", "amount": 1000, "status": "succeeded", "metadata": {"a": "b"}}
    before["created"] = int(clinic.clock.now) - 3600
    take_in(clinic.box.desk, {"checkouts": [told(clinic, refunds=[before])]})

    intent = clinic.v1.payment_intents.retrieve("pi_seeded_paid")
    refund = clinic.refund(intent, 3500)

    assert refund.charge == "ch_seeded_paid"
    assert clinic.v1.refunds.retrieve("re_seeded").metadata["a"] == "b"
    assert clinic.v1.charges.retrieve("ch_seeded_paid").refunded


def test_nobody_hears_of_the_past(clinic):
    endings = [told(clinic), told(clinic, "expired"), told(clinic, "processing")]

    take_in(clinic.box.desk, {"checkouts": endings})

    assert clinic.v1.events.list().data == []
    assert clinic.box.take_deliveries() == []
    assert clinic.v1.checkout.sessions.retrieve("cs_test_seeded_expired").status == "expired"
    waiting = clinic.v1.checkout.sessions.retrieve("cs_test_seeded_processing")
    assert (waiting.status, waiting.payment_status) == ("complete", "unpaid")
