"""A closing against everything else at the same moment: two admins, holds, payments, patients.

Every round is a booking of its own; how many there are is decided in ``tests.support.rounds``.
"""

from __future__ import annotations

import pytest

from efoy.domain.closing import Choice
from efoy.domain.errors import Conflict, IllegalTransition, SlotNotOffered
from efoy.models import AuditEntry, DayClosing, TimeOff
from efoy.models.base import transaction
from efoy.services import booking as bookings
from efoy.services.clashes import follow_clashes
from efoy.services.closing_items import decide
from efoy.services.closing_work import carry_out
from efoy.services.closings import AlreadyAway
from efoy.services.reopening import end_time_off
from tests.stories.test_cancel_races import _let_go
from tests.support.away import close, item_of, kinds, open_clashes
from tests.support.clinic import PATIENT
from tests.support.crowd import at_once
from tests.support.moves import move
from tests.support.rounds import rounds
from tests.support.story import AS_ADMIN, RETURN

pytestmark = pytest.mark.story
WORKERS = 3


def reopen(story):
    """The next round needs the time."""
    for off in story.rows(TimeOff):
        end_time_off(off.id, doctor_id=1, actor=AS_ADMIN, now=story.clock())


def make_room(story, booking_id):
    """And the patient."""
    if story.booking(booking_id).status == "confirmed":
        story.cancel(booking_id, by="clinic", actor=AS_ADMIN)


def born(story, kind, key):
    """When in the order of all changes a row was born."""
    [row] = story.rows(AuditEntry, object=kind, object_id=key, event="begin")
    return row.seq


def test_two_admins_who_close_the_same_day_close_it_once(story):
    for number in rounds():
        visit = story.booked(story.time(25))

        results = at_once(
            story.app,
            [
                lambda v=visit: close(story, {v: Choice.CANCEL}),
                lambda v=visit: close(story, {v: Choice.MOVE}),
            ],
        )

        told = (number, results)
        assert sum(isinstance(one, str) for one in results) == 1, told
        assert sum(isinstance(one, AlreadyAway) for one in results) == 1, told
        assert len(story.rows(TimeOff)) == 1, told
        reopen(story)
        make_room(story, visit)
    assert len(story.rows(DayClosing)) == number


def test_an_empty_day_that_many_close_at_once_is_closed_once(story):
    for number in rounds():
        results = at_once(story.app, [lambda: close(story)] * 6)

        told = (number, results)
        assert sum(isinstance(one, str) for one in results) == 1, told
        assert len(story.rows(TimeOff)) == 1, told
        reopen(story)


def test_a_hold_in_the_same_moment_comes_before_the_closing_or_not_at_all(story):
    for number in rounds():
        held, closing = at_once(
            story.app,
            [lambda: story.hold(story.time(25)), lambda: close(story)],
        )

        told = (number, held, closing)
        assert isinstance(closing, str), told
        if isinstance(held, bookings.Held):
            assert born(story, "booking", held.id) < born(story, "closing", closing), told
            _let_go(story, held.id)
        else:
            assert isinstance(held, SlotNotOffered), told
        reopen(story)


def test_a_hold_that_looked_before_the_time_was_closed_looks_again(story):
    request = story.request(story.time(25))
    wish = bookings.wish_for(request, story.clock())

    close(story)

    with pytest.raises(SlotNotOffered), transaction("hold_slot") as session:
        bookings.within_limits(session, PATIENT, wish, story.clock())


def test_a_hold_paid_while_its_time_is_closed_is_somebodys_to_decide(story):
    for number in rounds():
        held = story.hold(story.time(25))
        story.box.pay(story.open(held.id).checkout_ref)
        payment = story.payment_of(held.id).id

        closing, paid = at_once(
            story.app,
            [
                lambda h=held: close(story, {h.id: Choice.DESK}),
                lambda p=payment: story.settle(p, RETURN),
            ],
        )
        follow_clashes(actor=AS_ADMIN, now=story.clock())

        told = (number, closing, paid)
        assert isinstance(closing, str), told
        assert story.booking(held.id).status == "confirmed", told
        item = item_of(story, held.id)
        carry_out(item.id, now=story.clock())
        assert open_clashes(story) == {held.id: "with_desk"}, told
        reopen(story)
        make_room(story, held.id)


def test_many_workers_at_one_visit_cancel_it_once(story):
    for number in rounds():
        visit = story.booked(story.time(25))
        close(story, {visit: Choice.CANCEL})
        key = item_of(story, visit).id

        results = at_once(story.app, [lambda k=key: carry_out(k, now=story.clock())] * WORKERS)

        assert results == [None] * WORKERS, (number, results)
        assert [row.amount_minor for row in story.refunds(visit)] == [4500], number
        reopen(story)
    assert kinds(story).count("cancelled_by_clinic") == number


def test_many_workers_at_one_visit_offer_another_time_once(story):
    for number in rounds():
        visit = story.booked(story.time(25))
        close(story, {visit: Choice.MOVE})
        key = item_of(story, visit).id

        at_once(story.app, [lambda k=key: carry_out(k, now=story.clock())] * WORKERS)

        assert item_of(story, visit).offers == 1, number
        reopen(story)
        make_room(story, visit)
    assert kinds(story).count("move_offered") == number


def test_a_patient_who_cancels_while_the_day_is_closed_gets_everything_back_once(story):
    for number in rounds():
        visit = story.booked(story.time(25))
        shown = story.quote(visit).shown
        close(story, {visit: Choice.CANCEL})
        key = item_of(story, visit).id

        results = at_once(
            story.app,
            [
                lambda k=key: carry_out(k, now=story.clock()),
                lambda v=visit, s=shown: story.cancel(v, shown=s),
            ],
        )
        carry_out(key, now=story.clock())

        told = (number, results)
        assert story.booking(visit).status == "cancelled", told
        assert sum(row.amount_minor for row in story.refunds(visit)) == 4500, told
        by = story.booking(visit).cancelled_by
        assert item_of(story, visit).status == ("cancelled" if by == "clinic" else "gone"), told
        reopen(story)
    mails = [kind for kind in kinds(story) if kind.startswith("cancelled_by")]
    assert len(mails) == number


def test_a_patient_who_moves_while_the_day_is_closed_is_moved_or_cancelled(story):
    for number in rounds():
        visit = story.booked(story.time(25))
        close(story, {visit: Choice.CANCEL})
        key = item_of(story, visit).id

        _, moved = at_once(
            story.app,
            [
                lambda k=key: carry_out(k, now=story.clock()),
                lambda v=visit: move(story, v, story.time(49)),
            ],
        )
        carry_out(key, now=story.clock())

        told = (number, moved)
        back = sum(row.amount_minor for row in story.refunds(visit))
        if isinstance(moved, Conflict):
            assert (story.booking(visit).status, back) == ("cancelled", 4500), told
            assert item_of(story, visit).status == "cancelled", told
        else:
            assert (story.booking(visit).status, back) == ("confirmed", 0), told
            assert item_of(story, visit).status == "moved", told
        reopen(story)
        make_room(story, visit)


def test_a_visit_moved_into_a_time_that_is_closed_at_that_moment_is_never_forgotten(story):
    for number in rounds():
        visit = story.booked(story.time(49))

        closing, moved = at_once(
            story.app,
            [
                lambda v=visit: close(story, {v: Choice.DESK}),
                lambda v=visit: move(story, v, story.time(25)),
            ],
        )

        told = (number, closing, moved)
        assert isinstance(closing, str), told
        inside = story.booking(visit).starts_at == story.time(25)
        assert inside != isinstance(moved, Conflict), told
        if inside:
            assert item_of(story, visit).closing_id == closing, told
        reopen(story)
        make_room(story, visit)


def test_two_people_who_decide_about_one_visit_decide_once(story):
    for number in rounds():
        visit = story.booked(story.time(25))
        close(story, {visit: Choice.DESK})
        key = item_of(story, visit).id
        carry_out(key, now=story.clock())

        results = at_once(
            story.app,
            [
                lambda k=key, c=choice: decide(k, c, actor=AS_ADMIN, now=story.clock())
                for choice in (Choice.KEEP, Choice.CANCEL)
            ],
        )
        carry_out(key, now=story.clock())

        told = (number, results)
        assert sum(one is None for one in results) == 1, told
        assert sum(isinstance(one, IllegalTransition) for one in results) == 1, told
        assert item_of(story, visit).status == ("kept" if results[0] is None else "cancelled")
        reopen(story)
        make_room(story, visit)
