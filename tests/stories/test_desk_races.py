"""The desk and everybody else at the same moment: one money is kept, and each is told the truth."""

from datetime import timedelta

import pytest

from efoy.domain.errors import AlreadyPaid, EfoyError
from efoy.failpoints import arm
from efoy.models import Booking
from efoy.services.booking import Held
from efoy.services.desk_booking import Way
from tests.support.crowd import at_once
from tests.support.desk import AS_ADMIN, book, take

pytestmark = pytest.mark.story


def test_two_at_the_desk_take_one_price_once(story):
    held = story.hold()

    results = at_once(
        story.app,
        [
            lambda: take(story, held.id, form_token="one"),
            lambda: take(story, held.id, actor=AS_ADMIN, form_token="other"),
        ],
    )

    assert sorted(type(r).__name__ for r in results) == ["AlreadyPaid", "str"]
    assert (story.balance("desk_cash"), len(story.receipts())) == (4500, 1)


def test_two_at_the_desk_sell_one_time_once(story):
    acts = [
        lambda: book(story, form_token="one"),
        lambda: book(story, form_token="other", viewer_id=None, email="x@example.org"),
    ]

    results = at_once(story.app, acts)

    assert sum(isinstance(r, Held) for r in results) == 1
    assert (story.balance("desk_cash"), len(story.receipts())) == (4500, 1)


def test_one_form_of_the_desk_pressed_many_times_is_one_booking(story):
    results = at_once(story.app, [lambda: book(story, form_token="once")] * 6)

    assert len({result.ref for result in results}) == 1
    assert story.balance("desk_cash") == 4500


@pytest.mark.parametrize("round_", range(5))
def test_cash_and_card_at_the_same_moment_leave_one_money(story, round_):
    held = story.hold()
    page = story.open(held.id)

    def by_card():
        outcome = story.box.pay(page.checkout_ref)
        return outcome, story.come_back(held.id)

    acts = [by_card, lambda: take(story, held.id)]
    cash = at_once(story.app, acts[:: 1 if round_ % 2 else -1])[0 if round_ % 2 == 0 else 1]
    story.drain()

    kept = [row for row in story.payments(held.id) if row.status == "paid"]
    by_hand = isinstance(cash, str)
    assert by_hand or isinstance(cash, EfoyError)
    assert story.booking(held.id).status == "confirmed"
    assert [row.method for row in kept] == ["cash" if by_hand else "stripe"]
    assert len(story.charges_at_stripe()) == (0 if by_hand else 1)


def test_pay_pressed_while_cash_is_taken_opens_no_page_that_can_be_paid(story):
    held = book(story, Way.LINK)

    cash, page = at_once(story.app, [lambda: take(story, held.id), lambda: story.open(held.id)])
    if not isinstance(cash, str):  # the page came first, in the very moment between
        assert not isinstance(cash, AlreadyPaid)
        take(story, held.id)
    story.drain()

    assert isinstance(cash, str) or not isinstance(page, EfoyError)
    assert [row.method for row in story.payments(held.id) if row.status == "paid"] == ["cash"]
    assert story.booking(held.id).status == "confirmed"


def test_a_visit_given_up_while_another_is_put_beside_it_leaves_no_cell_free(story):
    arm("book_at_desk.before_commit:sleep=0.1")  # long enough for the other to come in between
    try:
        for n in range(6):
            _give_up_beside(story, story.time(24 + n / 3), n)
    finally:
        arm("")


def _give_up_beside(story, at, n):
    there = story.booked(at)
    ref = story.booking(there).ref
    given_up, held = at_once(
        story.app,
        [
            lambda: story.cancel(there, by="clinic", actor=AS_ADMIN),
            lambda: book(story, at=at, beside={ref}, viewer_id=None, email=f"p{n}@example.org"),
        ],
    )

    assert isinstance(held, Held), held
    assert str(given_up) == "cancelled", given_up
    assert story.claims(held.id) == 4


def test_many_put_beside_one_at_once_all_stand_and_say_so(story):
    there = story.booked()
    ref = story.booking(there).ref
    acts = [
        lambda n=n: book(story, beside={ref}, viewer_id=None, email=f"p{n}@example.org")
        for n in range(4)
    ]

    results = at_once(story.app, acts)

    assert all(isinstance(r, Held) for r in results), results
    flagged = [row for row in story.rows(Booking) if row.overbooked_reason]
    assert len(flagged) == 4


def test_a_link_that_ends_while_its_page_is_paid_keeps_the_money_or_the_time_never_neither(story):
    held = book(story, Way.LINK, pay_by=story.clock() + timedelta(minutes=40))
    story.clock.advance(minutes=30)
    page = story.open(held.id)
    story.clock.advance(minutes=36)

    at_once(story.app, [lambda: story.box.pay(page.checkout_ref), story.drain])
    story.drain()

    assert story.booking(held.id).status in {"confirmed", "expired"}
    paid = story.booking(held.id).status == "confirmed"
    assert len(story.charges_at_stripe()) == int(paid)
