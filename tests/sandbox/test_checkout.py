"""Does a checkout begin, live and end as Stripe's do?"""

import pytest
import stripe


def test_a_new_checkout_is_open_and_has_no_intent_yet(clinic):
    session = clinic.checkout(client_reference_id="attempt-1")

    assert (session.status, session.payment_status) == ("open", "unpaid")
    assert session.payment_intent is None
    assert session.url.startswith(f"http://sandbox.test/c/pay/{session.id}#")
    assert (session.amount_total, session.currency) == (4500, "usd")
    assert session.client_reference_id == "attempt-1"
    assert session.payment_method_types == ["card"]


def test_paying_completes_the_checkout_and_takes_its_page_away(clinic):
    session = clinic.checkout()

    outcome = clinic.box.pay(session.id, name="A. Payer", email="a@example.com")

    found = clinic.look(session)
    assert outcome.url == f"http://clinic.test/back?s={session.id}"
    assert (found.status, found.payment_status, found.url) == ("complete", "paid", None)
    assert found.customer_details.email == "a@example.com"
    assert found.payment_intent.status == "succeeded"
    assert found.payment_intent.metadata["attempt"] == "1"
    assert found.payment_intent.latest_charge.amount_captured == 4500


def test_a_second_press_pays_nothing_more(clinic):
    session = clinic.checkout()

    first, second = clinic.box.pay(session.id), clinic.box.pay(session.id)

    assert (first.kind, second.kind, second.url) == ("paid", "complete", first.url)
    assert len(clinic.v1.charges.list().data) == 1


def test_only_an_open_checkout_can_be_expired_and_the_code_is_null(clinic):
    session = clinic.checkout()

    assert clinic.v1.checkout.sessions.expire(session.id).status == "expired"
    with pytest.raises(stripe.InvalidRequestError, match="status of expired") as caught:
        clinic.v1.checkout.sessions.expire(session.id)

    assert caught.value.code is None
    assert clinic.look(session).url is None


def test_what_expired_cannot_be_paid(clinic):
    session = clinic.checkout()
    clinic.v1.checkout.sessions.expire(session.id)

    assert clinic.box.pay(session.id).kind == "expired"
    assert clinic.v1.charges.list().data == []


def test_time_alone_expires_a_checkout_and_says_so(clinic):
    session = clinic.checkout()

    clinic.later(35 * 60 - 1)
    assert clinic.look(session).status == "open"
    clinic.later(1)

    assert clinic.look(session).status == "expired"
    assert clinic.events("checkout") == ["checkout.session.expired"]


def test_an_expired_checkout_takes_its_declined_intent_along(clinic):
    session = clinic.checkout()
    clinic.box.pay(session.id, card="4000000000000002")

    clinic.v1.checkout.sessions.expire(session.id)

    assert clinic.look(session).payment_intent.status == "canceled"


@pytest.mark.parametrize(("seconds", "legal"), [(1799, 0), (1800, 1), (86400, 1), (86401, 0)])
def test_a_checkout_lives_between_half_an_hour_and_a_day(clinic, seconds, legal):
    params = clinic.params(expires_at=int(clinic.clock.now) + seconds)

    if legal:
        assert clinic.v1.checkout.sessions.create(params).status == "open"
    else:
        with pytest.raises(stripe.InvalidRequestError) as caught:
            clinic.v1.checkout.sessions.create(params)
        assert caught.value.param == "expires_at"


def test_ids_stay_ids_unless_expanded_two_levels_deep(clinic):
    session = clinic.checkout()
    clinic.box.pay(session.id)
    retrieve = clinic.v1.checkout.sessions.retrieve

    plain = retrieve(session.id)
    deep = retrieve(session.id, {"expand": ["payment_intent.latest_charge", "line_items"]})

    assert isinstance(plain.payment_intent, str)
    assert deep.payment_intent.latest_charge.id.startswith("ch_")
    assert deep.line_items.data[0].amount_total == 4500


def test_a_bank_debit_completes_unpaid_and_is_answered_later(clinic):
    good, bad = clinic.checkout(), clinic.checkout()
    for session in (good, bad):
        clinic.box.control("delayed", {"session": session.id})
        found = clinic.look(session)
        assert (found.status, found.payment_status) == ("complete", "unpaid")
        assert found.payment_intent.status == "processing"

    clinic.box.control("delayed", {"session": good.id, "outcome": "succeeded"})
    clinic.box.control("delayed", {"session": bad.id, "outcome": "failed"})

    assert clinic.look(good).payment_status == "paid"
    assert clinic.look(bad).payment_status == "unpaid"
    assert clinic.events("checkout.session.async") == [
        "checkout.session.async_payment_succeeded",
        "checkout.session.async_payment_failed",
    ]


def test_a_saved_card_belongs_to_its_customer_until_detached(clinic):
    customer = clinic.v1.customers.create({"email": "p@example.com"})
    save = {"payment_method_save": "enabled"}
    session = clinic.checkout(customer=customer.id, saved_payment_method_options=save)
    cards = clinic.v1.customers.payment_methods

    clinic.box.pay(session.id, save=True)
    saved = cards.list(customer.id, {"type": "card"}).data

    assert [(pm.card.last4, pm.allow_redisplay) for pm in saved] == [("4242", "always")]
    assert "payment_method.attached" in clinic.events()
    clinic.v1.payment_methods.detach(saved[0].id)
    assert cards.list(customer.id).data == []


def test_a_card_is_not_saved_unasked(clinic):
    customer = clinic.v1.customers.create({})
    session = clinic.checkout(customer=customer.id)

    clinic.box.pay(session.id, save=True)

    assert clinic.v1.customers.payment_methods.list(customer.id).data == []


def test_a_deleted_customer_pays_no_more_but_past_payments_stay(clinic):
    customer = clinic.v1.customers.create({"email": "p@example.com"})
    intent = clinic.paid(customer=customer.id)

    assert clinic.v1.customers.delete(customer.id).deleted

    assert clinic.v1.charges.retrieve(intent.latest_charge.id).customer == customer.id
    with pytest.raises(stripe.InvalidRequestError, match="No such customer"):
        clinic.checkout(customer=customer.id)
