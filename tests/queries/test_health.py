"""Does the house notice what waits, what is late, and who is silent?"""

from __future__ import annotations

from datetime import timedelta

from efoy.queries.health import health
from efoy.services.heartbeat import give_sign_of_life


def test_a_quiet_clinic_has_nothing_waiting(story):
    found = health()

    assert (found.events.count, found.refunds.count, found.mails.count) == (0, 0, 0)
    assert found.late(story.clock()) == []
    assert found.alerts_open == 0


def test_what_waits_is_counted_with_its_age(story):
    story.booked()
    story.clock.advance(minutes=40)

    found = health()

    assert found.mails.count == 1
    assert found.mails.age(story.clock()) == timedelta(minutes=40)
    assert found.late(story.clock()) == ["mails"]


def test_a_refund_that_is_not_sent_is_late_after_a_quarter_of_an_hour(story):
    story.refund(story.payment_of(story.booked()).id, 1000)
    story.clock.advance(minutes=16)

    assert "refunds" in health().late(story.clock())


def test_bookings_and_payments_are_counted_by_their_words(story):
    story.booked()
    story.hold(story.time(48))

    found = health()

    assert found.bookings == {"confirmed": 1, "held": 1}
    assert found.payments == {"paid": 1}


def test_a_worker_that_was_never_seen_is_not_alive(story):
    assert not health().worker_alive(story.clock())


def test_a_worker_is_alive_for_two_minutes_after_its_last_sign(story):
    give_sign_of_life(now=story.clock())

    assert health().worker_alive(story.clock())
    assert not health().worker_alive(story.clock.advance(minutes=3))


def test_entries_outside_the_chain_are_counted(story):
    story.booked()

    before = health().unsealed
    story.drain()

    assert before > 0
    assert health().unsealed == 0


def test_the_last_message_from_stripe_is_known(story):
    story.booked()
    story.deliver()

    assert health().last_event_at == story.clock()
