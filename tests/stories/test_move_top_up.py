"""A dearer time is held while its top-up is paid; the old one is kept until then."""

from datetime import timedelta

import pytest

from efoy.domain.errors import (
    ProviderDown,
    SlotTaken,
)
from efoy.domain.moving import MoveStatus
from efoy.models import BookingMove, Receipt, TimeOff
from efoy.models.base import transaction
from efoy.services import moving
from tests.support.clinic import OTHER
from tests.support.moves import DEARER, SAMUEL, fee, move, move_row, place, top_up
from tests.support.story import AS_ADMIN, AS_PATIENT


def test_a_dearer_time_is_held_while_its_top_up_is_paid_and_the_old_one_is_kept(story):
    key = story.booked()
    fee(story, DEARER)

    moved = top_up(story, key)

    assert moved.status is MoveStatus.PENDING
    assert (moved.page.amount, moved.page.currency) == (1000, "USD")
    assert place(story, key) == (1, story.time(25))
    assert story.claims(key) == 8
    for at, doctor in ((story.time(25), "hana-tesfaye"), (story.time(49), SAMUEL)):
        with pytest.raises(SlotTaken):
            story.hold(at, doctor=doctor, viewer_id=OTHER)


def test_the_paid_top_up_moves_the_visit_and_has_its_own_receipt(story):
    key = story.booked()
    fee(story, DEARER)
    moved = top_up(story, key)

    story.box.pay(moved.page.checkout_ref)
    story.settle(moved.payment_id)
    story.work()

    assert place(story, key) == (2, story.time(49))
    assert story.booking(key).price_minor == DEARER
    assert story.claims(key) == 4
    assert [row.content["amount"] for row in story.rows(Receipt)] == [4500, 1000]
    assert story.promised().count("moved") == 1
    assert story.hold(story.time(25), viewer_id=OTHER)


def test_every_message_about_a_top_up_may_come_twice_and_in_any_order(story):
    key = story.booked()
    fee(story, DEARER)
    moved = top_up(story, key)
    story.box.pay(moved.page.checkout_ref)

    letters = story.deliver()
    story.deliver([*reversed(letters), *letters])
    story.settle(moved.payment_id)

    assert place(story, key) == (2, story.time(49))
    assert len(story.rows(BookingMove)) == 1
    assert story.promised().count("moved") == 1


def test_pressing_the_same_form_twice_leads_to_the_same_pay_page(story):
    key = story.booked()
    fee(story, DEARER)

    first = top_up(story, key, form_token="one-form")
    second = top_up(story, key, form_token="one-form")

    assert first.page.url == second.page.url
    assert len(story.payments(key)) == 2


def test_a_top_up_that_runs_out_frees_the_new_time_and_the_visit_stays(story):
    key = story.booked()
    fee(story, DEARER)
    top_up(story, key)

    story.wait(minutes=36)

    assert str(move_row(story, key).status) == "dropped"
    assert move_row(story, key).why == "expired"
    assert place(story, key) == (1, story.time(25))
    assert story.claims(key) == 4
    assert story.hold(story.time(49), doctor=SAMUEL, viewer_id=OTHER)


def test_the_new_time_stays_taken_until_stripe_says_that_nobody_can_pay(story):
    key = story.booked()
    fee(story, DEARER)
    top_up(story, key)

    with story.stripe_away():
        story.wait(minutes=36)
        assert story.claims(key) == 8
        story.wait(minutes=16)  # the backstop

    assert story.claims(key) == 4
    assert place(story, key) == (1, story.time(25))
    story.drain()


def test_leaving_the_top_up_keeps_the_old_time(story):
    key = story.booked()
    fee(story, DEARER)
    moved = top_up(story, key)

    moving.leave_move(key, stripe=story.stripe.gateway, actor=AS_PATIENT, now=story.clock())

    assert (str(move_row(story, key).status), move_row(story, key).why) == ("dropped", "left")
    assert story.box.state.by_id[moved.page.checkout_ref].body["status"] == "expired"
    assert story.claims(key) == 4
    assert move(story, key, story.time(26)).status is MoveStatus.DONE


def test_a_top_up_that_was_paid_although_it_was_left_goes_back(story):
    key = story.booked()
    fee(story, DEARER)
    moved = top_up(story, key)
    story.box.pay(moved.page.checkout_ref)

    moving.leave_move(key, stripe=story.stripe.gateway, actor=AS_PATIENT, now=story.clock())
    story.work()

    (refund,) = story.refunds(key)
    assert (refund.payment_id, refund.amount_minor) == (moved.payment_id, 1000)
    assert place(story, key) == (1, story.time(25))
    assert "move_not_made" in story.promised()


def test_a_late_top_up_still_moves_the_visit_while_the_time_is_free(story):
    key, moved = _given_up_and_paid(story)

    story.settle(moved.payment_id)

    assert place(story, key) == (2, story.time(49))
    assert story.claims(key) == 4


def test_a_late_top_up_for_a_time_that_is_gone_goes_back_and_the_visit_stays(story):
    key, moved = _given_up_and_paid(story)
    story.booked(story.time(49), doctor=SAMUEL, viewer_id=OTHER)

    story.settle(moved.payment_id)
    story.work()

    (refund,) = story.refunds(key)
    assert (refund.amount_minor, refund.origin, refund.reason) == (1000, "auto", "late")
    assert place(story, key) == (1, story.time(25))
    assert story.claims(key) == 4
    assert story.mailbox.messages[-1]["Subject"] or "move_not_made" in story.promised()


def test_a_late_top_up_of_a_visit_that_moved_elsewhere_meanwhile_goes_back(story):
    key, moved = _given_up_and_paid(story)
    move(story, key, story.time(29))

    story.settle(moved.payment_id)

    assert place(story, key) == (1, story.time(29))
    assert story.refunds(key)[0].amount_minor == 1000


def _given_up_and_paid(story):
    """Stripe took the money at the last moment, and we heard of it after the backstop."""
    key = story.booked()
    fee(story, DEARER)
    moved = top_up(story, key)
    story.box.pay(moved.page.checkout_ref)
    with story.stripe_away():
        story.wait(minutes=51)
    assert str(move_row(story, key).status) == "dropped"
    return key, moved


def test_a_doctor_who_is_away_by_then_keeps_the_visit_where_it_was(story):
    key = story.booked()
    fee(story, DEARER)
    moved = top_up(story, key)
    _away(story, 2, story.time(49))

    story.box.pay(moved.page.checkout_ref)
    story.settle(moved.payment_id)

    assert place(story, key) == (1, story.time(25))
    assert story.refunds(key)[0].amount_minor == 1000
    assert story.claims(key) == 4


def _away(story, doctor, at):
    with transaction("seed") as session:
        session.add(TimeOff(doctor_id=doctor, starts_at=at, ends_at=at + timedelta(hours=1)))


def test_a_visit_cancelled_while_its_top_up_is_open_gives_back_what_is_paid_all_the_same(story):
    key = story.booked()
    fee(story, DEARER)
    moved = top_up(story, key)
    story.box.pay(moved.page.checkout_ref)

    story.cancel(key, by="clinic", actor=AS_ADMIN)

    assert (str(story.booking(key).status), story.claims(key)) == ("cancelled", 0)
    back = [row for row in story.refunds(key) if row.payment_id == moved.payment_id]
    assert [(row.amount_minor, row.reason) for row in back] == [(1000, "cancelled")]


def test_the_open_top_up_of_a_cancelled_visit_is_closed_at_stripe(story):
    key = story.booked()
    fee(story, DEARER)
    moved = top_up(story, key)

    story.cancel(key, by="clinic", actor=AS_ADMIN)
    story.wait(minutes=1)

    assert story.box.state.by_id[moved.page.checkout_ref].body["status"] == "expired"
    assert str(story.payment(moved.payment_id).status) == "expired"
    assert str(move_row(story, key).status) == "dropped"


def test_stripe_away_when_the_top_up_is_begun_loses_neither_time(story):
    key = story.booked()
    fee(story, DEARER)

    with story.stripe_away(), pytest.raises(ProviderDown):
        top_up(story, key, form_token="one-form")
    again = top_up(story, key, form_token="one-form")

    assert again.page.url
    assert story.claims(key) == 8
