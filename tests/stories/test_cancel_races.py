"""Cancel against cancel, pay, the end of the hold, and a refund: round by round.

Every round is a booking of its own; how many there are is decided in ``tests.support.rounds``.
"""

from datetime import timedelta

import pytest

from efoy.domain.booking import BookingStatus
from efoy.domain.errors import (
    Conflict,
    EfoyError,
    QuoteChanged,
    StaleAmount,
    TooLateToCancel,
)
from efoy.services.audit import seal_audit
from efoy.services.giving_up import expire_hold
from tests.support.crowd import at_once
from tests.support.rounds import rounds
from tests.support.story import AS_PATIENT, GOOD, RETURN

pytestmark = pytest.mark.story
GONE = {BookingStatus.CANCELLED, BookingStatus.EXPIRED}
THROUGH = 3
"""How often one cancellation is pressed in each round."""


def test_one_visit_cancelled_by_many_at_once_gives_its_money_back_once(story):
    for number in rounds():
        booking_id = story.booked()
        shown = story.quote(booking_id).shown

        results = at_once(
            story.app, [lambda b=booking_id, s=shown: story.cancel(b, shown=s)] * THROUGH
        )

        assert set(results) == {BookingStatus.CANCELLED}, (number, results)
        assert [row.amount_minor for row in story.refunds(booking_id)] == [4500], number
        assert story.claims(booking_id) == 0, number
    assert story.promised().count("cancelled_by_patient") == number


def test_cancelling_a_hold_against_paying_for_it_never_keeps_money_without_a_visit(story):
    for number in rounds():
        held = story.hold()
        checkout = story.open(held.id).checkout_ref

        def pay(checkout=checkout, held=held):
            story.box.pay(checkout, card=GOOD)
            return story.settle(story.payment_of(held.id).id, RETURN)

        results = at_once(story.app, [lambda h=held: _let_go(story, h.id), pay])

        _either_a_visit_or_nothing_kept(story, held.id, (number, results))
        _make_room(story, held.id)


def _let_go(story, booking_id):
    """The form of a hold has no quote in it."""
    from efoy.services.giving_up import cancel_booking

    return cancel_booking(
        booking_id,
        by="patient",
        reason="",
        stripe=story.stripe.gateway,
        actor=AS_PATIENT,
        now=story.clock(),
    )


def _either_a_visit_or_nothing_kept(story, booking_id, told):
    booking, payment = story.booking(booking_id), story.payment_of(booking_id)
    back = sum(row.amount_minor for row in story.refunds(booking_id))
    if booking.status is BookingStatus.CONFIRMED:
        assert (payment.status, back) == ("paid", 0), told
        assert story.claims(booking_id) > 0, told
        return
    assert booking.status in GONE, told
    assert story.claims(booking_id) == 0, told
    assert back == (4500 if payment.status == "paid" else 0), told


def _make_room(story, booking_id):
    """The next round needs the time."""
    if story.booking(booking_id).status is BookingStatus.CONFIRMED:
        story.cancel(booking_id)


def test_cancelling_a_hold_against_its_end_frees_the_time_once(story):
    for number in rounds():
        held = story.hold(story.time(25 + 24 * (number // 30)))  # each round takes half an hour
        story.open(held.id)
        story.clock.at = story.booking(held.id).hold_expires_at + timedelta(seconds=1)

        results = at_once(
            story.app,
            [lambda h=held: _let_go(story, h.id), lambda h=held: _expire(story, h.id)],
        )

        too_late = isinstance(results[0], TooLateToCancel)  # it was released a moment before
        assert results[1] is None, (number, results)
        assert too_late or results[0] in GONE, (number, results)
        _either_a_visit_or_nothing_kept(story, held.id, (number, results))
    while seal_audit(now=story.clock()):  # days have gone by
        pass


def _expire(story, booking_id):
    return expire_hold(booking_id, stripe=story.stripe.gateway, actor=RETURN, now=story.clock())


def test_cancelling_against_an_admins_refund_never_gives_more_than_came_in(story):
    for number in rounds():
        booking_id = story.booked()
        shown, payment_id = story.quote(booking_id).shown, story.payment_of(booking_id).id

        cancelled, refunded = at_once(
            story.app,
            [
                lambda b=booking_id, s=shown: story.cancel(b, shown=s),
                lambda p=payment_id: story.refund(p, 4500),
            ],
        )

        told = (number, cancelled, refunded)
        assert isinstance(cancelled, BookingStatus | QuoteChanged), told
        assert isinstance(refunded, str | StaleAmount), told
        assert isinstance(cancelled, Conflict) != isinstance(refunded, EfoyError), told
        assert sum(row.amount_minor for row in story.refunds(booking_id)) == 4500, told
        _make_room(story, booking_id)
