"""A payment that did not fit: accepted, given back or closed by a person, once, with a reason."""

from dataclasses import replace

import pytest

from efoy.domain.booking import BookingStatus
from efoy.domain.errors import ProviderDown, RefundRefused
from efoy.domain.payment import PaymentStatus
from efoy.models import Alert, AuditEntry
from efoy.services.parked import Decision, decide_parked
from efoy.services.settlement import apply_checkout
from tests.support.crowd import at_once
from tests.support.story import AS_ADMIN, RETURN

pytestmark = pytest.mark.story


def park(story, paid=True, **change):
    """Stripe shows something else than was asked: the ids of its booking and payment."""
    held = story.hold()
    if paid:
        story.pay(held.id)
    else:
        story.open(held.id)
    payment = story.payment_of(held.id)
    notice = story.stripe.gateway.fetch_checkout(payment.checkout_ref)
    wrong = replace(notice, **(change or {"amount": 4000}))
    apply_checkout(payment.id, wrong, actor=RETURN, now=story.clock())
    assert story.payment(payment.id).status == "parked"
    return held.id, payment.id


def paid_less(story):
    """Stripe took less than the price: so does every look from now on."""
    held = story.hold()
    story.pay(held.id)
    for one in story.box.state.by_id.values():
        for name in ("amount_total", "amount_subtotal", "amount_received", "amount_captured"):
            if name in one.body:
                one.body[name] = 4000
        if one.body["object"] in {"payment_intent", "charge"}:
            one.body["amount"] = 4000
    story.come_back(held.id)
    payment_id = story.payment_of(held.id).id
    assert story.payment(payment_id).status == "parked"
    return held.id, payment_id


def decide(story, payment_id, decision, why="Talked to the patient"):
    """A person decides."""
    return decide_parked(
        payment_id,
        decision,
        why,
        stripe=story.stripe.gateway,
        actor=AS_ADMIN,
        now=story.clock(),
    )


def waiting(story):
    """What is in the queue."""
    return [row.kind for row in story.rows(Alert) if row.closed_at is None]


def test_accepted_money_books_the_visit_with_the_sum_stripe_has(story):
    booking_id, payment_id = paid_less(story)

    assert decide(story, payment_id, Decision.ACCEPT) is PaymentStatus.PAID
    story.work()

    assert story.booking(booking_id).status == BookingStatus.CONFIRMED
    assert story.payment(payment_id).captured_minor == 4000
    assert story.balance("visit_income") == -4000
    assert len(story.receipts()) == 1
    assert waiting(story) == []
    [entry] = story.rows(AuditEntry, object_id=payment_id, event="accept")
    assert (entry.actor_id, entry.facts["reason"]) == (AS_ADMIN.user_id, "Talked to the patient")


def test_money_given_back_frees_the_time_and_goes_back_in_full(story):
    booking_id, payment_id = paid_less(story)

    decide(story, payment_id, Decision.GIVE_BACK)
    story.work()

    assert story.booking(booking_id).status == BookingStatus.EXPIRED
    assert story.claims(booking_id) == 0
    [refund] = story.refunds(booking_id)
    assert (refund.status, refund.amount_minor, refund.origin) == ("succeeded", 4000, "admin")
    assert (refund.note, refund.actor_id) == ("Talked to the patient", AS_ADMIN.user_id)
    assert waiting(story) == []


def test_above_the_limit_giving_back_waits_for_a_second_person(story):
    story.run_sql("UPDATE clinic SET refund_limit_minor = 1000")
    booking_id, payment_id = park(story)

    decide(story, payment_id, Decision.GIVE_BACK)

    assert [row.status for row in story.refunds(booking_id)] == ["proposed"]
    assert waiting(story) == ["refund_to_approve"]


def test_what_was_never_paid_is_closed_and_its_page_shut(story):
    booking_id, payment_id = park(story, paid=False)

    with pytest.raises(RefundRefused, match="not_captured"):
        decide(story, payment_id, Decision.ACCEPT)
    assert decide(story, payment_id, Decision.CLOSE) is PaymentStatus.CLOSED

    ref = story.payment(payment_id).checkout_ref
    assert story.stripe.gateway.fetch_checkout(ref).state == "expired"
    assert story.booking(booking_id).status == BookingStatus.EXPIRED
    assert waiting(story) == []


def test_captured_money_of_ours_is_never_just_closed(story):
    _, payment_id = park(story)

    with pytest.raises(RefundRefused, match="captured"):
        decide(story, payment_id, Decision.CLOSE)

    assert story.payment(payment_id).status == "parked"


@pytest.mark.parametrize("change", [{"currency": "EUR"}, {"reference": "x"}, {"live": True}])
def test_money_that_is_not_ours_is_closed_and_never_accepted(story, change):
    booking_id, payment_id = park(story, **change)

    for decision in (Decision.ACCEPT, Decision.GIVE_BACK):
        with pytest.raises(RefundRefused, match="not_ours"):
            decide(story, payment_id, decision)
    decide(story, payment_id, Decision.CLOSE)
    story.come_back(booking_id)

    assert story.payment(payment_id).status == "closed"
    assert story.balance("visit_income") == 0


def test_a_decision_is_made_once_however_many_make_it(story):
    booking_id, payment_id = park(story)
    choices = [Decision.ACCEPT, Decision.GIVE_BACK] * 3

    results = at_once(story.app, [lambda d=d: decide(story, payment_id, d) for d in choices])
    story.work()

    assert sum(result is PaymentStatus.PAID for result in results) == 1
    others = [result for result in results if result is not PaymentStatus.PAID]
    assert {other.reason for other in others} == {"decided"}
    captured, back = -story.balance("visit_income"), story.balance("refunds_paid")
    assert captured == 4500
    assert back in {0, 4500}
    confirmed = story.booking(booking_id).status == BookingStatus.CONFIRMED
    assert confirmed == (back == 0)


def test_with_stripe_away_nothing_is_decided(story):
    _, payment_id = park(story)

    with story.stripe_away(), pytest.raises(ProviderDown):
        decide(story, payment_id, Decision.ACCEPT)

    assert story.payment(payment_id).status == "parked"
