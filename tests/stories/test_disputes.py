"""A bank asks, wins, loses, or says what nobody knows; the books follow the balance."""

from dataclasses import replace

import pytest

from efoy.models import Alert, Dispute
from efoy.services.disputes import apply_dispute
from tests.support.story import WEBHOOK

pytestmark = pytest.mark.story
DISPUTED, INQUIRY = "4000000000000259", "4000000000001976"


def asked(story, card):
    """A paid visit that a bank asks about; its booking and payment."""
    booking_id = story.booked(card=card)
    story.box.later(60)
    story.deliver()
    return booking_id, story.payment_of(booking_id).id


def test_an_inquiry_takes_no_money_and_everything_may_still_go_back(story):
    booking_id, payment_id = asked(story, INQUIRY)
    [dispute] = story.rows(Dispute)
    assert (dispute.status, dispute.fee_minor) == ("warning_needs_response", None)
    assert story.balance("disputed") == 0

    story.refund(payment_id, 4500)
    story.work()

    assert [row.status for row in story.refunds(booking_id)] == ["succeeded"]


@pytest.mark.parametrize(("ending", "gone"), [("won", 0), ("lost", 4500)])
def test_won_and_lost_stand_in_the_books(story, ending, gone):
    asked(story, DISPUTED)
    [dispute] = story.rows(Dispute)
    assert (dispute.fee_minor, dispute.net_minor) == (1500, -6000)

    story.box.control(f"disputes/{dispute.dispute_ref}/close", {"status": ending})
    story.deliver()

    [dispute] = story.rows(Dispute)
    assert dispute.status == ending
    assert story.balance("disputed") == gone
    assert [row.kind for row in story.rows(Alert) if row.closed_at is None] == []


def test_a_word_nobody_knows_tells_a_person_and_changes_nothing(story):
    asked(story, DISPUTED)
    [dispute] = story.rows(Dispute)
    notice = story.stripe.gateway.fetch_dispute(dispute.dispute_ref)

    apply_dispute(replace(notice, status="pondering"), actor=WEBHOOK, now=story.clock())

    assert story.rows(Dispute)[0].status == dispute.status
    kinds = [row.kind for row in story.rows(Alert)]
    assert "unknown_dispute_status" in kinds
