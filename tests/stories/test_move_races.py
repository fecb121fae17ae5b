"""Move against move, hold, the end of its top-up, cancel and closed hours: round by round.

Whoever comes first, a visit is in one place, with the cells of that place and no others. Every
story ends with all invariants; how many rounds there are is decided in ``tests.support.rounds``.
"""

import pytest

from efoy.domain.errors import Conflict, EfoyError, SlotTaken, StaleAmount
from efoy.domain.moving import MoveStatus
from efoy.models import TimeOff
from efoy.services import moving, reconcile
from efoy.services.booking import Held
from efoy.services.closings import VisitsUndecided
from efoy.services.moving import Moved
from efoy.services.reopening import end_time_off
from tests.support.away import close
from tests.support.clinic import OTHER
from tests.support.crowd import at_once
from tests.support.moves import DEARER, fee, move, move_row, place, top_up
from tests.support.rounds import rounds
from tests.support.story import AS_ADMIN, AS_PATIENT

pytestmark = pytest.mark.story
SHARE = 7
"""So many races are told here."""
HERE, THERE, TARGET = 25, 26, 49


def test_two_visits_for_one_time_have_one_winner_and_the_other_stays(story):
    one, other = story.booked(story.time(HERE)), story.booked(story.time(THERE), viewer_id=OTHER)
    homes = {one: HERE, other: THERE}
    for number in rounds(SHARE):
        acts = [lambda key=key: move(story, key, story.time(TARGET)) for key in homes]

        results = at_once(story.app, acts)

        assert sorted(type(each) for each in results if isinstance(each, Moved)) == [Moved], results
        assert [type(each) for each in results if not isinstance(each, Moved)] == [SlotTaken], (
            number
        )
        for key, home in homes.items():
            assert story.claims(key) == 4, number
            if place(story, key)[1] == story.time(TARGET):
                move(story, key, story.time(home))


def test_one_visit_moved_from_two_pages_at_once_goes_to_one_place(story):
    key, home = story.booked(), HERE
    for number in rounds(SHARE):
        was = story.time(home)
        targets = [hours for hours in (HERE, THERE, TARGET) if hours != home]
        acts = [
            lambda hours=hours, was=was: move(story, key, story.time(hours), was=was)
            for hours in targets
        ]

        results = at_once(story.app, acts)

        lost = [each for each in results if not isinstance(each, Moved)]
        assert [type(each) for each in lost] == [StaleAmount], (number, results)
        home = next(hours for hours in targets if place(story, key)[1] == story.time(hours))
        assert story.claims(key) == 4, number


def test_a_move_against_a_hold_of_the_same_time_has_one_winner(story):
    key = story.booked()
    for number in rounds(SHARE):
        results = at_once(
            story.app,
            [
                lambda: move(story, key, story.time(TARGET)),
                lambda n=number: story.hold(story.time(TARGET), email=f"person{n}@example.org"),
            ],
        )

        moved, held = results
        assert isinstance(moved, Moved) != isinstance(held, Held), (number, results)
        assert story.claims(key) == 4, number
        if isinstance(held, Held):
            story.cancel(held.id)
        else:
            move(story, key, story.time(HERE))


def test_a_top_up_paid_at_the_moment_it_runs_out_moves_the_visit_or_takes_nothing(story):
    begin = story.clock()
    for number in rounds(SHARE):
        key, moved = _with_open_top_up(story)
        story.clock.advance(minutes=36)

        at_once(
            story.app,
            [
                lambda m=moved: story.box.pay(m.page.checkout_ref),
                lambda m=moved: story.settle(m.payment_id),
                lambda: _sweep(story),
            ],
        )
        story.settle(moved.payment_id)

        _moved_or_as_it_was(story, key, moved, number)
        story.clock.at = begin  # five hundred rounds of this would end after the visit
        story.cancel(key, by="clinic", actor=AS_ADMIN)


def test_a_top_up_left_while_it_is_paid_moves_the_visit_or_gives_all_back(story):
    for number in rounds(SHARE):
        key, moved = _with_open_top_up(story)

        at_once(
            story.app,
            [
                lambda m=moved: (story.box.pay(m.page.checkout_ref), story.settle(m.payment_id)),
                lambda k=key: moving.leave_move(
                    k, stripe=story.stripe.gateway, actor=AS_PATIENT, now=story.clock()
                ),
            ],
        )

        story.settle(moved.payment_id)
        _moved_or_as_it_was(story, key, moved, number)
        story.cancel(key, by="clinic", actor=AS_ADMIN)


def _sweep(story):
    return reconcile.each_minute(story.sweep)


def _with_open_top_up(story):
    key = story.booked()
    fee(story, DEARER)
    return key, top_up(story, key)


def _moved_or_as_it_was(story, key, moved, told):
    """One place, its own cells, and the money where the place says."""
    payment = story.payment(moved.payment_id)
    back = sum(row.amount_minor for row in story.refunds(key) if row.payment_id == payment.id)
    assert story.claims(key) == 4, told
    if move_row(story, key).status is MoveStatus.DONE:
        assert place(story, key) == (2, story.time(TARGET)), told
        assert (str(payment.status), back) == ("paid", 0), told
    else:
        assert place(story, key) == (1, story.time(HERE)), told
        assert back == (payment.captured_minor or 0), told


def test_a_move_against_a_cancellation_leaves_no_cell_behind(story):
    for number in rounds(SHARE):
        key = story.booked()

        results = at_once(
            story.app,
            [
                lambda k=key: move(story, k, story.time(TARGET)),
                lambda k=key: story.cancel(k, by="clinic", actor=AS_ADMIN),
            ],
        )

        moved, cancelled = results
        assert isinstance(moved, Moved | Conflict), (number, results)
        assert not isinstance(cancelled, EfoyError), (number, results)
        assert str(story.booking(key).status) == "cancelled", number
        assert story.claims(key) == 0, number


def test_a_move_into_hours_that_are_being_closed_is_refused_or_seen(story):
    key = story.booked()
    for number in rounds(SHARE):
        moved, closing = at_once(
            story.app,
            [
                lambda: move(story, key, story.time(TARGET)),
                lambda: close(story, first=TARGET, last=TARGET + 1),
            ],
        )

        there = place(story, key)[1] == story.time(TARGET)
        assert isinstance(moved, Moved) == there, (number, moved, closing)
        assert isinstance(closing, VisitsUndecided) == there, (number, moved, closing)
        assert story.claims(key) == 4, number
        _undo(story, key, there=there)


def _undo(story, key, *, there):
    if there:
        move(story, key, story.time(HERE))
    for row in story.rows(TimeOff):
        end_time_off(row.id, doctor_id=row.doctor_id, actor=AS_ADMIN, now=story.clock())
