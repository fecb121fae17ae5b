"""The main job: a time is held, paid on the hosted page, confirmed, and the receipt arrives."""

import pytest

from efoy.domain.booking import BookingStatus
from efoy.domain.errors import AlreadyPaid, HoldExpired, SlotTaken, TooManyHolds
from efoy.domain.payment import PaymentStatus
from tests.support.story import GOOD

pytestmark = pytest.mark.story


def test_a_patient_holds_pays_and_gets_one_receipt(story):
    held = story.hold()
    story.pay(held.id, GOOD)

    story.deliver()

    assert story.booking(held.id).status == BookingStatus.CONFIRMED
    payment = story.payment_of(held.id)
    assert (payment.status, payment.captured_minor, payment.card_last4) == ("paid", 4500, "4242")
    assert story.receipts() == ["R-2026-000001"]
    assert story.balance("stripe_balance") == 4500
    assert len(story.mailbox.to("almaz@example.org")) == 1


def test_the_return_page_settles_when_no_message_comes(story):
    held = story.hold()
    story.pay(held.id)

    story.come_back(held.id)

    assert story.booking(held.id).status == BookingStatus.CONFIRMED


def test_the_sweep_settles_when_neither_comes(story):
    held = story.hold()
    story.pay(held.id)

    story.wait(minutes=15)

    assert story.booking(held.id).status == BookingStatus.CONFIRMED
    assert len(story.mailbox.messages) == 1


def test_return_message_and_sweep_together_leave_one_of_everything(story):
    held = story.hold()
    story.pay(held.id)

    story.come_back(held.id)
    story.deliver()
    story.wait(minutes=20)
    story.come_back(held.id)

    assert len(story.receipts()) == 1
    assert story.promised() == ["booked"]
    assert len(story.mailbox.messages) == 1
    assert len(story.charges_at_stripe()) == 1


def test_stripes_fee_is_booked_when_it_becomes_known(story):
    booking_id = story.booked()

    story.wait(minutes=20)

    payment = story.payment_of(booking_id)
    assert payment.fee_minor == 161
    assert story.balance("stripe_balance") == payment.net_minor == 4500 - 161


def test_pressing_pay_again_leads_to_the_same_page(story):
    held = story.hold()

    first, second = story.open(held.id), story.open(held.id)

    assert first == second
    assert len(story.payments(held.id)) == 1


def test_a_paid_booking_cannot_be_paid_again(story):
    booking_id = story.booked()

    with pytest.raises(AlreadyPaid):
        story.open(booking_id)


def test_a_time_that_was_taken_a_moment_ago_is_refused(story):
    story.hold()

    with pytest.raises(SlotTaken):
        story.hold(email="daniel@example.org")


def test_a_visit_that_only_partly_overlaps_is_refused_too(story):
    story.hold(story.time(25))

    with pytest.raises(SlotTaken):
        story.hold(story.time(24.75), service="full-check", email="daniel@example.org")
    with pytest.raises(SlotTaken):
        story.hold(story.time(25.25), service="short-visit", email="daniel@example.org")


def test_the_same_form_sent_twice_is_one_booking(story):
    first = story.hold(form_token="once")
    second = story.hold(form_token="once")

    assert first == second
    assert story.claims(first.id) == 4


def test_one_person_keeps_three_unpaid_holds_at_most(story):
    for hours in (25, 26, 28):
        story.hold(story.time(hours))

    with pytest.raises(TooManyHolds):
        story.hold(story.time(29))


def test_a_hold_ends_after_fifteen_minutes_and_frees_the_time(story):
    held = story.hold()

    story.wait(minutes=15)

    assert story.booking(held.id).status == BookingStatus.EXPIRED
    assert story.claims(held.id) == 0
    story.hold(email="daniel@example.org")
    with pytest.raises(HoldExpired):
        story.open(held.id)


def test_an_unpaid_checkout_ends_the_hold_only_after_stripe_said_so(story):
    held = story.hold()
    story.open(held.id)
    story.wait(minutes=20)
    assert story.booking(held.id).status == BookingStatus.HELD

    with story.stripe_away():
        story.wait(minutes=16)
        assert story.booking(held.id).status == BookingStatus.HELD
    story.wait(minutes=5)

    assert story.booking(held.id).status == BookingStatus.EXPIRED
    assert story.payment_of(held.id).status == PaymentStatus.EXPIRED
    assert story.mailbox.messages == []


def test_a_free_visit_is_confirmed_without_stripe(story):
    story.run_sql("UPDATE services SET price_minor = 0 WHERE slug = 'short-visit'")
    held = story.hold(service="short-visit")

    page = story.open(held.id)

    assert page.url is None
    assert story.booking(held.id).status == BookingStatus.CONFIRMED
    assert story.transport.calls == []
