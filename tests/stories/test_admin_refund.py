"""Money goes back: in full, in part, pending, failing; its status is Stripe's, never a boolean."""

from dataclasses import replace

import pytest

from efoy.domain.booking import BookingStatus
from efoy.domain.errors import RefundRefused, StaleAmount
from efoy.domain.refund import RefundStatus
from efoy.models import Alert
from efoy.services import worker
from efoy.services.refund_following import apply_refund
from tests.support.story import AS_ADMIN, FAILING_REFUND, PENDING_REFUND

pytestmark = pytest.mark.story


def test_when_the_clinic_cancels_everything_goes_back_by_itself(story):
    booking_id = story.booked()

    story.cancel(booking_id, by="clinic", actor=AS_ADMIN)
    story.work()

    assert story.booking(booking_id).status == BookingStatus.CANCELLED
    assert story.claims(booking_id) == 0
    [refund] = story.refunds(booking_id)
    assert (refund.status, refund.actor_id) == (RefundStatus.SUCCEEDED, AS_ADMIN.user_id)
    assert (refund.origin, refund.reason) == ("policy", "clinic_cancelled")
    assert story.balance("refunds_paid") == 4500
    assert {"booked", "cancelled_by_clinic", "refund_sent"} == set(story.promised())


def test_two_equal_partial_refunds_are_two_refunds(story):
    booking_id = story.booked()
    payment_id = story.payment_of(booking_id).id

    for available in (4500, 3500):
        story.refund(payment_id, 1000, available=available)
        story.work()

    assert [refund.status for refund in story.refunds(booking_id)] == ["succeeded", "succeeded"]
    assert story.balance("stripe_balance") == 2500


def test_more_than_is_left_is_refused(story):
    booking_id = story.booked()
    payment_id = story.payment_of(booking_id).id

    with pytest.raises(RefundRefused):
        story.refund(payment_id, 4501)
    with pytest.raises(RefundRefused):
        story.refund(payment_id, 0)
    assert story.refunds(booking_id) == []


def test_a_form_drawn_before_another_refund_is_stale(story):
    payment_id = story.payment_of(story.booked()).id
    story.refund(payment_id, 1000)
    story.work()

    with pytest.raises(StaleAmount):
        story.refund(payment_id, 1000, available=4500)


def test_pressing_refund_twice_refunds_once(story):
    booking_id = story.booked()
    payment_id = story.payment_of(booking_id).id

    first = story.refund(payment_id, 4500, form_token="once")
    second = story.refund(payment_id, 4500, form_token="once")
    story.work()

    assert first == second
    assert len(story.refunds(booking_id)) == 1


def test_a_refund_that_waits_for_balance_is_pending_then_succeeds(story):
    booking_id = story.booked(card=PENDING_REFUND)
    story.refund(story.payment_of(booking_id).id, 4500)

    story.work()
    assert story.refunds(booking_id)[0].status == RefundStatus.PENDING
    assert story.balance("refunds_paid") == 0
    story.box.later(86_400)
    story.deliver()

    assert story.refunds(booking_id)[0].status == RefundStatus.SUCCEEDED
    assert story.promised().count("refund_sent") == 1


def test_a_refund_that_fails_after_it_succeeded_reopens_the_matter(story):
    booking_id = story.booked(card=FAILING_REFUND)
    story.refund(story.payment_of(booking_id).id, 4500)
    story.work()
    assert story.refunds(booking_id)[0].status == RefundStatus.SUCCEEDED

    story.box.later(86_400 * 3)
    story.deliver()

    assert story.refunds(booking_id)[0].status == RefundStatus.FAILED
    assert story.balance("refunds_paid") == 0
    assert "refund_failed" in story.promised()


def test_a_failed_refund_that_is_made_good_leaves_nobodys_list(story):
    booking_id = story.booked(card=FAILING_REFUND)
    payment_id = story.payment_of(booking_id).id
    story.refund(payment_id, 4500)
    story.work()
    story.box.later(86_400 * 3)
    story.deliver()
    assert [alert.closed_at for alert in story.rows(Alert)] == [None]

    story.refund(payment_id, 4500)
    story.work()

    [alert] = story.rows(Alert)
    assert alert.closed_at is not None


def test_a_refund_of_another_amount_than_asked_tells_a_person(story):
    booking_id = story.booked()
    story.refund(story.payment_of(booking_id).id, 4500)
    story.work()
    [refund] = story.refunds(booking_id)
    notice = replace(
        story.stripe.gateway.fetch_refund(refund.refund_ref), amount=1, status="failed"
    )

    apply_refund(notice, actor=AS_ADMIN, now=story.clock())

    assert story.refunds(booking_id)[0].status == RefundStatus.SUCCEEDED
    assert [alert.kind for alert in story.rows(Alert)] == ["refund_differs"]


def test_a_refund_made_in_stripes_dashboard_is_adopted(story):
    booking_id = story.booked()
    intent = story.payment_of(booking_id).intent_ref

    story.box.control("dashboard/refund", {"payment_intent": intent, "amount": 1500})
    story.deliver()

    [refund] = story.refunds(booking_id)
    assert (refund.origin, refund.amount_minor, refund.status) == ("external", 1500, "succeeded")


def test_a_refund_whose_answer_was_lost_is_sent_again_with_its_own_key(story):
    booking_id = story.booked()
    story.refund(story.payment_of(booking_id).id, 1000)
    story.box.control(
        "faults",
        [{"method": "POST", "path": "/v1/refunds", "nth": 1, "action": "apply_then_timeout"}],
    )
    story.work()
    assert story.refunds(booking_id)[0].status == RefundStatus.SUBMITTED

    story.wait(minutes=3)

    assert story.refunds(booking_id)[0].status == RefundStatus.SUCCEEDED
    at_stripe = [o for o in story.box.state.by_id.values() if o.body["object"] == "refund"]
    assert len(at_stripe) == 1


def test_a_refund_sent_a_second_time_goes_with_the_same_key(story):
    booking_id = story.booked()
    refund_id = story.refund(story.payment_of(booking_id).id, 1000)
    lost = {"method": "POST", "path": "/v1/refunds", "nth": 1, "action": "apply_then_timeout"}
    story.box.control("faults", [lost])
    worker.work("refund", refund_id, story.tools)

    story.clock.advance(minutes=3)
    worker.work("refund", refund_id, story.tools)

    at_stripe = [o for o in story.box.state.by_id.values() if o.body["object"] == "refund"]
    assert len(at_stripe) == 1
    assert story.refunds(booking_id)[0].status == RefundStatus.SUCCEEDED


def test_a_refund_older_than_its_key_is_looked_up_and_never_sent_blind(story):
    booking_id = story.booked()
    story.refund(story.payment_of(booking_id).id, 4500)
    with story.stripe_away():
        story.work()

    story.wait(hours=21)
    story.wait(minutes=5)

    statuses = [refund.status for refund in story.refunds(booking_id)]
    assert statuses == ["failed", "succeeded"]
    keys = {refund.idempotency_key for refund in story.refunds(booking_id)}
    assert len(keys) == 2
    assert story.balance("refunds_paid") == 4500


def test_a_disputed_payment_is_not_refunded(story):
    booking_id = story.booked(card="4000000000000259")
    story.box.later(60)
    story.deliver()

    with pytest.raises(RefundRefused, match="disputed"):
        story.refund(story.payment_of(booking_id).id, 4500)


def test_automatic_refunds_stop_at_the_breaker(story):
    held = story.hold()
    page = story.open(held.id)
    story.box.pay(page.checkout_ref)
    story.cancel(held.id)
    refund_id = story.refunds(held.id)[0].id

    from efoy.services.refund_sending import submit_refund

    submit_refund(
        refund_id,
        stripe=story.stripe.gateway,
        actor=AS_ADMIN,
        now=story.clock(),
        auto_per_hour=0,
    )

    assert story.refunds(held.id)[0].status == RefundStatus.REQUESTED
    assert "admin_alert" in story.promised()
