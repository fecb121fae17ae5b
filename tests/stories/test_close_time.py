"""The doctor is away: nothing booked is touched without a choice, and each is carried out."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from efoy.domain.closing import Choice
from efoy.domain.errors import SlotNotOffered
from efoy.models import TimeOff
from efoy.models.base import reading
from efoy.services import closing_items
from efoy.services.closing_work import carry_out
from efoy.services.closings import (
    AlreadyAway,
    VisitsUndecided,
)
from efoy.services.hours import set_hours
from efoy.services.offer import openings
from efoy.services.reopening import end_time_off
from tests.support.away import close, item_of, kinds, open_clashes, status_of
from tests.support.browser import Browser, hidden
from tests.support.clinic import PATIENT
from tests.support.moves import fee
from tests.support.story import AS_ADMIN

pytestmark = pytest.mark.story


def test_a_time_with_nothing_booked_is_closed_and_nothing_in_it_is_offered(story):
    closing = close(story)

    assert status_of(story, closing) == "finished"
    with pytest.raises(SlotNotOffered):
        story.hold(story.time(25))


def test_a_booked_visit_is_never_touched_without_a_choice(story):
    booking_id = story.booked(story.time(25))

    with pytest.raises(VisitsUndecided) as refused:
        close(story)

    assert refused.value.refs == (story.booking(booking_id).ref,)
    assert story.rows(TimeOff) == []
    assert story.booking(booking_id).status == "confirmed"


def test_a_cancelled_visit_gives_everything_back_and_says_sorry_once(story):
    booking_id = story.booked(story.time(25))

    closing = close(story, {booking_id: Choice.CANCEL})
    story.drain()
    story.drain()

    assert story.booking(booking_id).status == "cancelled"
    assert story.booking(booking_id).cancelled_by == "clinic"
    assert [row.amount_minor for row in story.refunds(booking_id)] == [4500]
    assert story.refunds(booking_id)[0].status == "succeeded"
    assert kinds(story) == ["cancelled_by_clinic", "refund_sent"]
    assert status_of(story, closing) == "finished"
    assert open_clashes(story) == {}


def test_an_offered_visit_stays_booked_until_the_patient_or_the_deadline_decides(story):
    booking_id = story.booked(story.time(25))

    closing = close(story, {booking_id: Choice.MOVE})
    story.drain()

    assert story.booking(booking_id).status == "confirmed"
    assert item_of(story, booking_id).status == "offered"
    assert open_clashes(story) == {booking_id: "offered"}
    assert status_of(story, closing) == "waiting"
    assert kinds(story) == ["move_offered"]

    story.wait(hours=13)

    assert item_of(story, booking_id).status == "with_desk"
    assert open_clashes(story) == {booking_id: "with_desk"}
    assert kinds(story) == ["move_offered"]


def test_a_visit_for_the_desk_stands_in_the_queue_until_it_is_decided(story):
    booking_id = story.booked(story.time(25))
    closing = close(story, {booking_id: Choice.DESK})
    story.drain()
    assert open_clashes(story) == {booking_id: "with_desk"}

    item = item_of(story, booking_id)
    closing_items.decide(item.id, Choice.CANCEL, actor=AS_ADMIN, now=story.clock())
    story.drain()

    assert story.booking(booking_id).status == "cancelled"
    assert open_clashes(story) == {}
    assert status_of(story, closing) == "finished"


def test_the_doctor_is_back_early_and_what_was_not_cancelled_stands(story):
    cancelled, offered = story.booked(story.time(25)), story.booked(story.time(26))
    closing = close(story, {cancelled: Choice.CANCEL, offered: Choice.MOVE})
    story.drain()
    [off] = story.rows(TimeOff)

    end_time_off(off.id, doctor_id=1, actor=AS_ADMIN, now=story.clock())
    story.drain()

    assert story.booking(cancelled).status == "cancelled"
    assert story.booking(offered).status == "confirmed"
    assert item_of(story, offered).status == "stands"
    assert open_clashes(story) == {}
    assert "visit_stands" in kinds(story)
    assert status_of(story, closing) == "reopened"
    assert story.hold(story.time(25), email="somebody@example.org")


def test_a_hold_paid_after_its_time_was_closed_lands_in_the_queue(story):
    held = story.hold(story.time(25))
    closing = close(story)

    story.pay(held.id)
    story.come_back(held.id)
    story.wait(minutes=2)

    assert story.booking(held.id).status == "confirmed"
    assert open_clashes(story) == {held.id: "with_desk"}
    assert item_of(story, held.id).closing_id == closing


def test_the_same_time_cannot_be_closed_twice_and_one_form_closes_once(story):
    first = close(story, form_token="once")

    assert close(story, form_token="once") == first
    with pytest.raises(AlreadyAway):
        close(story)


def test_a_changed_time_off_asks_for_the_visits_it_now_covers_and_lets_the_others_stand(story):
    early, late = story.booked(story.time(25)), story.booked(story.time(28))
    close(story, {early: Choice.DESK}, last=26)
    story.drain()
    [off] = story.rows(TimeOff)

    with pytest.raises(VisitsUndecided):
        close(story, first=27, time_off_id=off.id)
    close(story, {late: Choice.DESK}, first=27, time_off_id=off.id)
    story.drain()

    assert item_of(story, early).status == "stands"
    assert open_clashes(story) == {late: "with_desk"}
    assert story.hold(story.time(24), email="somebody@example.org")


def test_a_visit_kept_on_purpose_stays_and_is_not_found_again(story):
    booking_id = story.booked(story.time(25))

    closing = close(story, {booking_id: Choice.KEEP})
    story.wait(minutes=20)

    assert item_of(story, booking_id).status == "kept"
    assert open_clashes(story) == {}
    assert status_of(story, closing) == "finished"


def test_hours_changed_past_a_visit_are_found(story):
    booking_id = story.booked(story.time(25))
    story.run_sql("UPDATE opening_hours SET from_minute = 660 WHERE from_minute = 540")

    story.wait(minutes=6)

    assert open_clashes(story) == {booking_id: "with_desk"}
    story.run_sql("UPDATE opening_hours SET from_minute = 540 WHERE from_minute = 660")
    story.wait(minutes=6)
    assert open_clashes(story) == {}


def test_what_a_bank_looks_at_fails_and_can_be_tried_again(story):
    booking_id = story.booked(story.time(25), card="4000000000000259")
    story.box.later(60)
    story.deliver()
    closing = close(story, {booking_id: Choice.CANCEL})
    story.drain()

    assert story.booking(booking_id).status == "confirmed"
    assert item_of(story, booking_id).status == "failed"
    assert item_of(story, booking_id).problem == "disputed"
    assert open_clashes(story) == {booking_id: "failed"}
    assert closing_items.retry_failed(closing, actor=AS_ADMIN, now=story.clock()) == 1
    story.drain()
    assert item_of(story, booking_id).status == "failed"


def test_a_patient_who_cancelled_meanwhile_is_left_alone(story):
    booking_id = story.booked(story.time(25))
    closing = close(story, {booking_id: Choice.CANCEL})

    story.cancel(booking_id)
    story.wait(days=0, minutes=1)

    assert item_of(story, booking_id).status == "gone"
    assert "cancelled_by_clinic" not in kinds(story)
    assert status_of(story, closing) == "finished"


def test_the_answers_end_is_half_of_the_time_left(story):
    booking_id = story.booked(story.time(25))
    close(story, {booking_id: Choice.MOVE})
    story.drain()

    left = story.time(25) - story.clock()
    assert item_of(story, booking_id).answer_by - story.clock() - left / 2 < timedelta(minutes=1)


def test_a_patient_who_is_asked_moves_without_a_deadline_and_at_no_extra_charge(story):
    fee(story, 9900)
    booking_id = story.booked(story.time(25))
    close(story, {booking_id: Choice.MOVE})
    story.drain()
    story.clock.advance(hours=24, minutes=30)
    browser = Browser(story.app, PATIENT, now=story.clock())
    ref = story.booking(booking_id).ref
    asked = {"starts_at": story.time(49).isoformat(), "doctor": "samuel-mwangi"}

    shown = browser.get(f"/bookings/{ref}/move", query_string=asked)
    fields = {name: hidden(shown, name) for name in ("quoted", "was", "form_token")}
    answer = browser.post(f"/bookings/{ref}/move", **asked, **fields)
    story.wait(minutes=2)

    assert answer.status_code == 303
    assert fields["quoted"] == "0"
    assert story.booking(booking_id).starts_at == story.time(49)
    assert item_of(story, booking_id).status == "moved"
    assert open_clashes(story) == {}


def test_a_patient_who_is_asked_and_cancels_by_the_usual_way_gets_everything_back(story):
    booking_id = story.booked(story.time(6))
    assert story.quote(booking_id).quote.amount.minor == 2250
    close(story, {booking_id: Choice.DESK}, first=5, last=8)
    story.drain()

    story.cancel(booking_id)

    assert [row.amount_minor for row in story.refunds(booking_id)] == [4500]


def test_visits_kept_outside_changed_hours_are_not_asked_about_again(story):
    booking_id = story.booked(story.time(25))
    later = [
        replace(one, from_minute=660) if one.from_minute == 540 else one
        for one in openings_of(story)
    ]

    set_hours(1, later, version=0, keep=frozenset({booking_id}), actor=AS_ADMIN, now=story.clock())
    story.wait(minutes=6)

    assert item_of(story, booking_id).status == "kept"
    assert open_clashes(story) == {}


def openings_of(story):
    """The doctor's weekly hours."""
    with reading() as connection:
        return openings(connection, 1)


def test_a_choice_is_carried_out_once_whoever_asks_again(story):
    booking_id = story.booked(story.time(25))
    close(story, {booking_id: Choice.MOVE})
    item = item_of(story, booking_id).id

    for _ in range(3):
        carry_out(item, now=story.clock())

    assert item_of(story, booking_id).offers == 1
    assert item_of(story, booking_id).status == "offered"


@pytest.mark.planted
def test_a_visit_has_one_open_question(story):
    booking_id = story.booked(story.time(25))
    close(story, {booking_id: Choice.DESK})
    close(story, first=48, last=50)
    kept = "booking_id visit_at choice status problem actor_role created_at changed_at".split()

    with pytest.raises(IntegrityError):
        story.run_sql(
            f"INSERT INTO day_closing_items (id, closing_id, {', '.join(kept)})"
            f" SELECT 'second', c.id, {', '.join(f'i.{name}' for name in kept)}"
            " FROM day_closing_items i JOIN day_closings c ON c.id <> i.closing_id"
        )
