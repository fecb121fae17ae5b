"""A visit paid at the desk, by two payments, or not at all is cancelled by the same rules."""

import pytest

from efoy.domain.booking import BookingStatus
from efoy.domain.refund import RefundStatus
from efoy.models import BookingMove
from efoy.services.desk_booking import Way
from tests.support.desk import book
from tests.support.moves import DEARER, fee, top_up
from tests.support.story import AS_ADMIN

pytestmark = pytest.mark.story


def test_cash_waits_for_a_hand_even_where_the_rules_give_by_themselves(story):
    story.run_sql("UPDATE refund_policies SET approval_mode = 'automatic'")
    booking_id = book(story, Way.CASH).id

    found = story.quote(booking_id)
    story.cancel(booking_id, shown=found.shown)
    story.work()

    assert found.by_hand
    [refund] = story.refunds(booking_id)
    assert (refund.status, refund.amount_minor) == (RefundStatus.PROPOSED, 4500)
    assert "METHOD:CANCEL" in str(
        story.mailbox.messages[-1].get_payload()[1].get_payload(decode=True)
    )


def test_cash_the_clinic_owes_waits_for_a_hand_too(story):
    booking_id = book(story, Way.CASH).id

    story.cancel(booking_id, by="clinic", actor=AS_ADMIN)

    [refund] = story.refunds(booking_id)
    assert (refund.status, refund.reason) == (RefundStatus.PROPOSED, "clinic_cancelled")


def test_a_visit_that_cost_nothing_gives_nothing_back(story):
    booking_id = book(story, Way.FREE, reason="A friend of the house").id

    found = story.quote(booking_id)
    story.cancel(booking_id, shown=found.shown)
    story.work()

    assert (found.quote.blocked, found.quote.amount.minor) == ("not_paid", 0)
    assert story.booking(booking_id).status == BookingStatus.CANCELLED
    assert story.refunds(booking_id) == []
    assert story.mailbox.subjects[-1].startswith("Cancelled: ")


def test_a_visit_with_a_top_up_gives_both_payments_back(story):
    fee(story, DEARER)
    booking_id = story.booked()
    moved = top_up(story, booking_id)
    story.box.pay(moved.page.checkout_ref)
    story.settle(moved.payment_id)

    story.cancel(booking_id)

    assert story.booking(booking_id).quoted_minor == DEARER
    assert sorted(row.amount_minor for row in story.refunds(booking_id)) == [1000, 4500]


def test_a_move_that_waits_for_its_top_up_ends_with_the_visit(story):
    fee(story, DEARER)
    booking_id = story.booked()
    moved = top_up(story, booking_id)

    story.cancel(booking_id)

    [waiting] = story.rows(BookingMove, booking_id=booking_id)
    assert (waiting.status, waiting.why) == ("dropped", "cancelled")
    assert story.claims(booking_id) == 0
    assert story.payment(moved.payment_id).status == "expired"
    assert story.booking(booking_id).quoted_minor == 4500
