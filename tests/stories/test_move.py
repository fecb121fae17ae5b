"""A booked visit goes to another time: never in two places, never in none."""

from datetime import timedelta

import pytest

from efoy.domain.errors import (
    IllegalTransition,
    MoveUnderWay,
    SameTime,
    SlotNotOffered,
    SlotTaken,
    StaleAmount,
    TooLateToMove,
    TopUpNeeded,
)
from efoy.domain.moving import MoveStatus
from efoy.models import OutboxMessage
from tests.support.clinic import OTHER
from tests.support.moves import CHEAPER, DEARER, SAMUEL, fee, move, place, top_up
from tests.support.story import AS_ADMIN

# -- at once -------------------------------------------------------------------------------------


def test_a_visit_of_the_same_price_moves_at_once(story):
    key = story.booked()
    story.work()
    before = story.booking(key)

    moved = move(story, key, story.time(49))
    story.work()

    after = story.booking(key)
    assert moved.status is MoveStatus.DONE
    assert not moved.difference
    assert (after.starts_at, str(after.status)) == (story.time(49), "confirmed")
    assert after.calendar_sequence == before.calendar_sequence + 1
    assert (after.id, after.ref, story.claims(key)) == (before.id, before.ref, 4)
    assert len(story.payments(key)) == 1
    assert story.refunds(key) == []
    assert story.hold(story.time(25), viewer_id=OTHER)


def test_the_moved_mail_moves_the_calendar_entry_and_names_no_doctor_in_its_subject(story):
    key = story.booked()
    story.work()

    move(story, key, story.time(49), doctor=SAMUEL)
    story.work()

    mail = story.mailbox.messages[-1]
    entry = next(part for part in mail.walk() if part.get_content_type() == "text/calendar")
    text = entry.get_payload(decode=True).decode()
    assert mail["Subject"] == "Moved to Wed 25 Nov, 10:00 am"
    assert entry.get_param("method") == "REQUEST"
    assert f"UID:{key}@" in text
    assert "SEQUENCE:1" in text
    assert "DTSTART:20261125T150000Z" in text


def test_a_cheaper_time_gives_the_difference_back_by_itself(story):
    key = story.booked()
    fee(story, CHEAPER)

    moved = move(story, key, story.time(49), doctor=SAMUEL, quoted=-1000)
    story.work()
    story.deliver()

    (refund,) = story.refunds(key)
    assert (moved.difference.minor, moved.back.minor) == (-1000, 1000)
    assert (refund.amount_minor, refund.origin, refund.reason) == (1000, "policy", "visit_changed")
    assert str(refund.status) == "succeeded"
    assert story.booking(key).price_minor == CHEAPER
    assert story.booking(key).doctor_id == 2


def test_what_went_back_already_is_not_given_back_twice(story):
    key = story.booked()
    fee(story, CHEAPER)
    story.refund(story.payment_of(key).id, 4000)
    story.work()

    moved = move(story, key, story.time(49), doctor=SAMUEL)
    story.work()

    assert moved.back.minor == 500
    assert sum(refund.amount_minor for refund in story.refunds(key)) == 4500


# -- who may, until when, under which rules ------------------------------------------------------


def test_a_patient_moves_until_the_last_rung_and_the_clinic_until_the_visit(story):
    key = story.booked()
    story.clock.at = story.time(25) - timedelta(minutes=119)

    with pytest.raises(TooLateToMove):
        move(story, key, story.time(49))
    moved = move(story, key, story.time(49), by="clinic", actor=AS_ADMIN)

    assert moved.status is MoveStatus.DONE


def test_nobody_moves_a_visit_that_has_begun(story):
    key = story.booked()
    story.clock.at = story.time(25)

    with pytest.raises(TooLateToMove):
        move(story, key, story.time(49), by="clinic", free_of_charge=True)


def test_moving_far_ahead_does_not_win_back_a_refund_that_was_lost(story):
    key = story.booked()
    story.clock.at = story.time(25) - timedelta(hours=5)

    move(story, key, story.time(25 + 24 * 7))

    rules = story.booking(key).policy
    assert rules["rungs"] == [[120, 50]]


def test_a_move_in_time_keeps_every_rung(story):
    key = story.booked()
    before = story.booking(key).policy

    move(story, key, story.time(49))

    assert story.booking(key).policy["rungs"] == before["rungs"]


def test_a_move_the_clinic_asked_for_has_no_deadline_costs_nothing_and_loses_no_rule(story):
    key = story.booked()
    fee(story, DEARER)
    before = story.booking(key).policy
    story.clock.at = story.time(25) - timedelta(minutes=30)

    moved = move(story, key, story.time(49), doctor=SAMUEL, free_of_charge=True)

    assert (moved.status, moved.difference.minor) == (MoveStatus.DONE, 0)
    assert story.booking(key).price_minor == 4500
    assert story.booking(key).policy["rungs"] == before["rungs"]


def test_a_visit_that_was_free_stays_free(story):
    story.run_sql("UPDATE services SET price_minor = 0 WHERE id = 1")
    held = story.hold()
    story.open(held.id)
    story.run_sql("UPDATE services SET price_minor = 4500 WHERE id = 1")

    assert move(story, held.id, story.time(49)).status is MoveStatus.DONE
    assert story.booking(held.id).price_minor == 0


def test_a_difference_too_small_to_charge_is_not_charged(story):
    key = story.booked()
    fee(story, 4530)

    moved = move(story, key, story.time(49), doctor=SAMUEL)

    assert (moved.status, moved.difference.minor) == (MoveStatus.DONE, 0)


# -- refused -------------------------------------------------------------------------------------


def test_what_cannot_be_moved_or_not_there_stays_where_it_is(story):
    key = story.booked()
    story.booked(story.time(49), viewer_id=OTHER)
    mine = story.booked(story.time(73), doctor=SAMUEL)
    fee(story, DEARER)

    for refused, wish in (
        (SlotTaken, {"at": story.time(49)}),
        (SameTime, {"at": story.time(25)}),
        (SlotNotOffered, {"at": story.time(25.1)}),
        (SlotNotOffered, {"at": story.time(24 * 90)}),
        (SlotNotOffered, {"at": story.time(49), "doctor": "nobody"}),
        (SlotTaken, {"at": story.time(73)}),
        (StaleAmount, {"at": story.time(50), "quoted": 1000}),
        (StaleAmount, {"at": story.time(50), "was": story.time(26)}),
        (TopUpNeeded, {"at": story.time(50), "doctor": SAMUEL, "stripe": None}),
    ):
        with pytest.raises(refused):
            move(story, key, wish.pop("at"), **wish)
    assert place(story, key) == (1, story.time(25))
    assert place(story, mine) == (2, story.time(73))
    assert story.claims(key) == 4


def test_a_second_move_waits_until_the_first_is_over(story):
    key = story.booked()
    fee(story, DEARER)
    top_up(story, key)

    with pytest.raises(MoveUnderWay):
        move(story, key, story.time(29))


def test_only_a_booked_visit_moves(story):
    held = story.hold()

    with pytest.raises(IllegalTransition):
        move(story, held.id, story.time(49))


def test_moves_follow_one_another_and_each_has_its_mail(story):
    key = story.booked()
    fee(story, DEARER)

    for hours in (26, 29):
        move(story, key, story.time(hours))
    story.clock.advance(minutes=1)
    moved = top_up(story, key)
    story.box.pay(moved.page.checkout_ref)
    story.settle(moved.payment_id)
    move(story, key, story.time(28), doctor="hana-tesfaye")

    assert place(story, key) == (1, story.time(28))
    assert [row.amount_minor for row in story.refunds(key)] == [1000]
    assert story.refunds(key)[0].payment_id == moved.payment_id
    assert len([row for row in story.rows(OutboxMessage) if row.kind == "moved"]) == 4
