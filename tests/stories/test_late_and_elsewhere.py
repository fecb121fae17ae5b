"""What becomes of late money when its owner has taken another visit at that time?"""

import pytest

from efoy.domain.booking import BookingStatus
from efoy.domain.refund import RefundStatus

pytestmark = pytest.mark.story


def test_late_money_for_a_time_the_patient_spends_elsewhere_is_given_back(story):
    first = story.hold(story.time(30))
    story.pay(first.id)
    with story.stripe_away():
        story.wait(minutes=60)
    assert story.booking(first.id).status == BookingStatus.EXPIRED
    second = story.hold(story.time(30), doctor="samuel-mwangi")

    story.come_back(first.id)
    story.work()

    assert story.booking(first.id).status == BookingStatus.EXPIRED
    assert story.claims(first.id) == 0
    assert story.booking(second.id).status == BookingStatus.HELD
    assert [row.status for row in story.refunds(first.id)] == [RefundStatus.SUCCEEDED]
    assert "paid_too_late" in story.promised()
