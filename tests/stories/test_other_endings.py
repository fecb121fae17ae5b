"""Every other ending is told truthfully: declines, 3-D Secure, delay, late money, silence."""

import pytest

from efoy.domain.booking import BookingStatus
from efoy.domain.errors import PaymentUnsettled, ProviderDown, ProviderRefused
from efoy.domain.payment import PaymentStatus
from efoy.domain.refund import RefundStatus
from tests.support.story import BROKE, DECLINED, GOOD

pytestmark = pytest.mark.story


@pytest.mark.parametrize(
    ("card", "code"),
    [
        (DECLINED, "generic_decline"),
        (BROKE, "insufficient_funds"),
        ("4000000000000069", "expired_card"),
        ("4000000000000127", "incorrect_cvc"),
    ],
)
def test_a_declined_card_takes_nothing_and_keeps_the_time(story, card, code):
    held = story.hold()

    story.pay(held.id, card)
    story.come_back(held.id)

    assert story.booking(held.id).status == BookingStatus.HELD
    assert story.payment_of(held.id).status == PaymentStatus.OPEN
    assert story.payment_of(held.id).decline_code == code
    story.pay(held.id, GOOD)
    story.come_back(held.id)
    assert story.booking(held.id).status == BookingStatus.CONFIRMED
    assert len(story.payments(held.id)) == 1


@pytest.mark.parametrize("card", ["4000002500003155", "4000002760003184"])
def test_three_d_secure_passed_is_paid(story, card):
    held = story.hold()

    assert story.pay(held.id, card).kind == "challenge"
    story.come_back(held.id)
    assert story.booking(held.id).status == BookingStatus.HELD
    story.pay(held.id, card, action="3ds-complete")
    story.come_back(held.id)

    assert story.booking(held.id).status == BookingStatus.CONFIRMED


def test_three_d_secure_failed_takes_nothing(story):
    held = story.hold()

    story.pay(held.id, "4000002760003184")
    story.pay(held.id, "4000002760003184", action="3ds-fail")
    story.come_back(held.id)

    payment = story.payment_of(held.id)
    assert payment.status == PaymentStatus.OPEN
    assert payment.decline_code == "payment_intent_authentication_failure"


def test_a_delayed_method_keeps_the_time_until_the_bank_has_spoken(story):
    held = story.hold()
    page = story.open(held.id)
    story.box.pay(page.checkout_ref, action="bank")

    story.come_back(held.id)
    assert story.payment_of(held.id).status == PaymentStatus.PROCESSING
    assert story.booking(held.id).status == BookingStatus.HELD
    story.wait(hours=2)
    assert story.claims(held.id) == 4
    story.box.control("delayed", {"session": page.checkout_ref, "outcome": "succeeded"})
    story.deliver()

    assert story.booking(held.id).status == BookingStatus.CONFIRMED
    assert story.promised() == ["booked"]


def test_a_delayed_method_that_fails_frees_the_time_and_says_so(story):
    held = story.hold()
    page = story.open(held.id)
    story.box.pay(page.checkout_ref, action="bank")
    story.come_back(held.id)

    story.box.control("delayed", {"session": page.checkout_ref, "outcome": "failed"})
    story.deliver()

    assert story.booking(held.id).status == BookingStatus.EXPIRED
    assert story.claims(held.id) == 0
    assert story.promised() == ["payment_failed"]


def _paid_late(story):
    """The patient pays in the last moment while Stripe is out of our reach; the backstop frees
    the time before anyone learns of the money."""
    held = story.hold()
    page = story.open(held.id)
    story.clock.advance(minutes=34)
    story.box.pay(page.checkout_ref)
    story.box.take_deliveries()
    with story.stripe_away():
        story.wait(minutes=17)
    assert story.booking(held.id).status == BookingStatus.EXPIRED
    return held


def test_paid_late_with_the_time_still_free_confirms(story):
    held = _paid_late(story)

    story.come_back(held.id)

    assert story.booking(held.id).status == BookingStatus.CONFIRMED
    assert story.claims(held.id) == 4
    assert "booked" in story.promised()


def test_paid_late_with_the_time_gone_is_given_back_in_full(story):
    held = _paid_late(story)
    winner = story.hold(email="daniel@example.org")

    story.come_back(held.id)
    story.work()

    assert story.booking(held.id).status == BookingStatus.EXPIRED
    assert story.booking(winner.id).status == BookingStatus.HELD
    [refund] = story.refunds(held.id)
    assert (refund.status, refund.amount_minor, refund.origin) == (
        RefundStatus.SUCCEEDED,
        4500,
        "auto",
    )
    assert story.balance("refunds_paid") == 4500
    assert story.receipts() == []
    assert [m["To"] for m in story.mailbox.to("almaz@example.org")] == ["almaz@example.org"]


def test_a_hold_cancelled_while_being_paid_is_given_back(story):
    held = story.hold()
    page = story.open(held.id)
    story.box.pay(page.checkout_ref)

    status = story.cancel(held.id)
    story.work()

    assert status == BookingStatus.CANCELLED
    assert [refund.status for refund in story.refunds(held.id)] == [RefundStatus.SUCCEEDED]
    assert story.claims(held.id) == 0


def test_cancelling_a_hold_closes_its_checkout_first(story):
    held = story.hold()
    story.open(held.id)

    with story.stripe_away(), pytest.raises(ProviderDown):
        story.cancel(held.id)
    assert story.booking(held.id).status == BookingStatus.HELD
    assert story.payment_of(held.id).status == PaymentStatus.CLOSING
    with pytest.raises(PaymentUnsettled):
        story.open(held.id)
    story.wait(minutes=2)

    assert story.booking(held.id).status == BookingStatus.CANCELLED
    assert story.payment_of(held.id).status == PaymentStatus.EXPIRED


def test_stripe_not_answering_holds_the_time_and_charges_nothing(story):
    held = story.hold()

    with story.stripe_away(), pytest.raises(ProviderDown):
        story.open(held.id)
    assert story.payment_of(held.id).status == PaymentStatus.CREATING
    page = story.open(held.id)

    assert page.url is not None
    assert len(story.payments(held.id)) == 1


def test_a_creation_whose_answer_was_lost_is_found_again(story):
    held = story.hold()
    story.box.control(
        "faults",
        [
            {
                "method": "POST",
                "path": "/v1/checkout/sessions",
                "nth": 1,
                "action": "apply_then_timeout",
            }
        ],
    )
    with pytest.raises(ProviderDown):
        story.open(held.id)

    story.wait(minutes=2)

    assert story.payment_of(held.id).status == PaymentStatus.OPEN
    sessions = [o for o in story.box.state.by_id.values() if o.body["object"] == "checkout.session"]
    assert len(sessions) == 1


def test_a_creation_that_stripe_never_saw_fails_after_two_looks(story):
    held = story.hold()
    story.box.control(
        "faults",
        [
            {
                "method": "POST",
                "path": "/v1/checkout/sessions",
                "nth": n,
                "action": "500_unapplied_stored",
            }
            for n in (1, 2, 3)
        ],
    )
    with pytest.raises(ProviderDown):
        story.open(held.id)

    for _ in range(5):
        story.wait(minutes=2)

    assert story.payments(held.id)[0].status == PaymentStatus.FAILED
    story.open(held.id)
    assert len(story.payments(held.id)) == 2


@pytest.mark.planted
def test_another_amount_than_asked_is_parked_for_a_person(story):
    held = story.hold()
    story.open(held.id)
    story.run_sql("UPDATE payments SET amount_minor = 9900")
    story.box.pay(story.payment_of(held.id).checkout_ref)

    story.come_back(held.id)

    payment = story.payment_of(held.id)
    assert (payment.status, payment.parked_reason) == (PaymentStatus.PARKED, "amount")
    assert story.booking(held.id).status == BookingStatus.HELD
    assert story.claims(held.id) == 4
    assert story.promised() == ["admin_alert"]


def test_cancelling_while_the_page_is_still_being_made_ends_it_too(story):
    held = story.hold()
    with story.stripe_away(), pytest.raises(ProviderDown):
        story.open(held.id)

    story.cancel(held.id)

    assert story.booking(held.id).status == BookingStatus.CANCELLED
    assert story.payment_of(held.id).status == PaymentStatus.EXPIRED
    assert story.claims(held.id) == 0


def test_a_refusal_by_stripe_ends_the_attempt_and_tells_a_person(story):
    story.run_sql("UPDATE services SET price_minor = 10 WHERE slug = 'see-the-doctor'")
    held = story.hold()

    with pytest.raises(ProviderRefused):
        story.open(held.id)

    assert story.payment_of(held.id).status == PaymentStatus.FAILED
    assert story.promised() == ["admin_alert"]
    story.wait(minutes=36)
    assert story.booking(held.id).status == BookingStatus.EXPIRED


@pytest.mark.planted
def test_a_checkout_that_stripe_does_not_know_frees_the_time_in_the_end(story):
    held = story.hold()
    story.open(held.id)
    story.run_sql("UPDATE payments SET checkout_ref = 'cs_test_of_another_account'")

    story.wait(minutes=40)
    assert story.booking(held.id).status == BookingStatus.HELD
    story.wait(minutes=15)

    assert story.booking(held.id).status == BookingStatus.EXPIRED
    assert story.claims(held.id) == 0
    assert story.promised() == ["admin_alert"]
