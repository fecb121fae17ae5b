"""Stopped before and after each commit and each call of a move: afterwards one place, one charge.

The process is not killed here, only the act: what a failpoint raises runs through every layer, and
nothing of the act goes on. That nothing survives a real kill but what was committed, is proved for
the same transactions and calls in ``test_crashes``.
"""

import pytest

from efoy import failpoints
from efoy.domain.moving import MoveStatus
from efoy.failpoints import FailpointReached
from efoy.models import BookingMove
from efoy.services import moving
from tests.support.moves import CHEAPER, DEARER, SAMUEL, fee, move, place, top_up
from tests.support.story import AS_PATIENT

pytestmark = pytest.mark.story
SIDES = ("before", "after")
BEGINNING = [
    f"{name}.{side}_{what}"
    for name, what in [
        ("move_booking", "commit"),
        ("stripe.create_checkout", "call"),
        ("record_checkout", "commit"),
    ]
    for side in SIDES
]
PAYING = [
    f"{name}.{side}_{what}"
    for name, what in [("stripe.fetch_checkout", "call"), ("settle_payment", "commit")]
    for side in SIDES
]
LEAVING = [
    f"{name}.{side}_{what}"
    for name, what in [
        ("close_checkout", "commit"),
        ("stripe.expire_checkout", "call"),
        ("settle_payment", "commit"),
    ]
    for side in SIDES
]


@pytest.fixture
def stopped():
    """Do something that stops at a failpoint."""

    def stop(name, act):
        failpoints.arm(f"{name}:raise")
        try:
            with pytest.raises(FailpointReached):
                act()
        finally:
            failpoints.arm("")

    yield stop
    failpoints.arm("")


@pytest.fixture
def key(story):
    """A booked visit."""
    return story.booked()


def _moved_once(story, key, kinds=("booked", "moved")):
    assert place(story, key) == (2, story.time(49))
    assert story.claims(key) == 4
    assert [row.status for row in story.rows(BookingMove)] == [MoveStatus.DONE]
    assert story.promised() == list(kinds)


@pytest.mark.parametrize("failpoint", BEGINNING)
def test_stopped_while_the_top_up_is_begun(story, key, stopped, failpoint):
    fee(story, DEARER)

    stopped(failpoint, lambda: top_up(story, key, form_token="one-form"))
    assert place(story, key) == (1, story.time(25))
    again = top_up(story, key, form_token="one-form")
    story.box.pay(again.page.checkout_ref)
    story.settle(again.payment_id)

    _moved_once(story, key)
    assert len(story.charges_at_stripe()) == 2


@pytest.mark.parametrize("failpoint", BEGINNING)
def test_stopped_while_the_top_up_is_begun_and_never_tried_again(story, key, stopped, failpoint):
    fee(story, DEARER)

    stopped(failpoint, lambda: top_up(story, key))
    for _ in range(5):
        story.wait(minutes=20)

    assert place(story, key) == (1, story.time(25))
    assert story.claims(key) == 4
    assert len(story.charges_at_stripe()) == 1


@pytest.mark.parametrize("failpoint", PAYING)
def test_stopped_while_the_paid_top_up_is_settled(story, key, stopped, failpoint):
    fee(story, DEARER)
    moved = top_up(story, key)
    story.box.pay(moved.page.checkout_ref)

    stopped(failpoint, lambda: story.settle(moved.payment_id))
    story.deliver()

    _moved_once(story, key)
    assert len(story.receipts()) == 2


@pytest.mark.parametrize("failpoint", LEAVING)
def test_stopped_while_the_top_up_is_left(story, key, stopped, failpoint):
    fee(story, DEARER)
    top_up(story, key)

    stopped(failpoint, lambda: _leave(story, key))
    for _ in range(3):
        story.wait(minutes=20)

    assert place(story, key) == (1, story.time(25))
    assert story.claims(key) == 4
    assert [row.status for row in story.rows(BookingMove)] == [MoveStatus.DROPPED]


def _leave(story, key):
    moving.leave_move(key, stripe=story.stripe.gateway, actor=AS_PATIENT, now=story.clock())


@pytest.mark.parametrize("side", SIDES)
def test_stopped_at_a_cheaper_move_gives_back_once(story, key, stopped, side):
    fee(story, CHEAPER)

    def cheaper():
        return move(story, key, story.time(49), doctor=SAMUEL, form_token="one-form")

    stopped(f"move_booking.{side}_commit", cheaper)
    cheaper()
    story.drain()

    _moved_once(story, key, ("booked", "moved", "refund_sent"))
    assert [row.amount_minor for row in story.refunds(key)] == [1000]
