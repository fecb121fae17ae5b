"""What does a patient see and press who wants another time for a booked visit?"""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.support.browser import Browser, words
from tests.support.clinic import DESK, OTHER, PATIENT
from tests.support.moves import CHEAPER, DEARER, SAMUEL, fee, move_row, place, top_up
from tests.support.patient import iso


@pytest.fixture
def almaz(app, clock):
    """The patient, signed in."""
    return Browser(app, PATIENT, now=clock())


@pytest.fixture
def visit(story):
    """A booked visit of hers: Tuesday, ten o'clock."""
    return story.booking(story.booked())


def shown(browser, visit, at, **more):
    """The review page of a time."""
    return browser.get(f"/bookings/{visit.ref}/move", query_string={"starts_at": iso(at), **more})


def press(browser, visit, at, *, quoted=0, was=None, **more):
    """The button of the review page."""
    fields = {"starts_at": iso(at), "quoted": str(quoted), "was": iso(was or visit.starts_at)}
    return browser.post(
        f"/bookings/{visit.ref}/move", **{"form_token": "a-form-token", **fields, **more}
    )


def test_the_choice_shows_the_old_time_and_the_free_ones(story, almaz, visit):
    page = words(almaz.get(f"/bookings/{visit.ref}/move?day=2026-11-25"))

    assert "Move to another time" in page
    assert "Yours until you have chosen another one" in page
    assert "Wednesday 25 November" in page
    assert "Dr Samuel Mwangi" in page


def test_going_on_without_a_time_says_so(story, almaz, visit):
    answer = almaz.get(f"/bookings/{visit.ref}/move?doctor=hana-tesfaye&next=review")

    assert answer.status_code == 400
    assert "Choose a time" in words(answer)


def test_old_and_new_stand_side_by_side_and_the_move_is_told(story, almaz, visit):
    page = words(shown(almaz, visit, story.time(49)))
    answer = press(almaz, visit, story.time(49))
    own = words(almaz.get(answer.location))

    assert "Nothing more to pay" in page
    assert answer.location == f"/bookings/{visit.ref}"
    assert place(story, visit.id) == (1, story.time(49))
    assert "Moved to Wed 25 Nov, 10:00 am." in own
    assert "Paid and confirmed" in own


def test_pressing_twice_moves_once(story, almaz, visit):
    first = press(almaz, visit, story.time(49))
    second = press(almaz, visit, story.time(49))

    assert first.location == second.location
    assert story.booking(visit.id).calendar_sequence == visit.calendar_sequence + 1


def test_a_cheaper_time_says_what_comes_back_and_gives_it(story, almaz, visit):
    fee(story, CHEAPER)

    page = words(shown(almaz, visit, story.time(49), doctor=SAMUEL))
    press(almaz, visit, story.time(49), doctor=SAMUEL, quoted=-1000)
    story.work()
    own = words(almaz.get(f"/bookings/{visit.ref}"))

    assert "You get back $10.00" in page
    assert story.refunds(visit.id)[0].amount_minor == 1000
    assert "$10.00" in own


def test_a_dearer_time_leads_to_stripe_and_after_paying_to_the_moved_visit(story, almaz, visit):
    fee(story, DEARER)

    page = words(shown(almaz, visit, story.time(49), doctor=SAMUEL))
    answer = press(almaz, visit, story.time(49), doctor=SAMUEL, quoted=1000)
    paid = next(row for row in story.payments(visit.id) if row.amount_minor == 1000)
    story.box.pay(paid.checkout_ref)
    back = almaz.get(f"/pay/return?session_id={paid.checkout_ref}")
    own = words(almaz.get(back.location))

    assert "Pay $10.00 more" in page
    assert answer.location.startswith("http://127.0.0.1:12111/c/pay/")
    assert back.location == f"/bookings/{visit.ref}"
    assert "Your payment is confirmed, and your visit is moved." in own
    assert "$55.00" in own
    assert place(story, visit.id) == (2, story.time(49))


def test_who_leaves_the_pay_page_may_pay_or_keep_the_old_time(story, almaz, visit):
    fee(story, DEARER)
    moved = top_up(story, visit.id)

    back = almaz.get(f"/pay/back?payment={moved.payment_id}")
    page = words(almaz.get(back.location))
    pay = almaz.post(f"/bookings/{visit.ref}/move", then="pay")
    keep = almaz.post(f"/bookings/{visit.ref}/move", then="keep")
    own = words(almaz.get(keep.location))

    assert back.location == f"/bookings/{visit.ref}/move"
    assert "Your new time is not paid yet" in page
    assert pay.location == moved.page.url
    assert "Your visit stays where it was." in own
    assert move_row(story, visit.id).why == "left"


def test_an_open_top_up_is_told_on_the_visits_own_page(story, almaz, visit):
    fee(story, DEARER)
    top_up(story, visit.id)

    own = words(almaz.get(f"/bookings/{visit.ref}"))

    assert "You chose another time and have not paid for it yet" in own
    assert "Pay $10.00 more, or keep this time" in own


@pytest.mark.parametrize("changed", [{"quoted": 500}, {"quoted": ""}, {"was": None}])
def test_a_page_that_is_no_longer_true_is_shown_again(story, almaz, visit, changed):
    if changed.get("was", 1) is None:
        answer = press(almaz, visit, story.time(49), was=story.time(26))
    else:
        answer = press(almaz, visit, story.time(49), **changed)

    assert answer.status_code == 409
    assert "Nothing is moved yet." in words(answer)
    assert place(story, visit.id) == (1, story.time(25))


def test_a_time_that_somebody_took_shows_the_others(story, almaz, visit):
    story.booked(story.time(49), viewer_id=OTHER)

    answer = press(almaz, visit, story.time(49))

    assert answer.status_code == 409
    assert "That time is taken" in words(answer)


def test_too_late_says_until_when_it_was_possible_and_offers_what_is_left(story, almaz, visit):
    story.clock.at = visit.starts_at - timedelta(minutes=90)

    page = words(almaz.get(f"/bookings/{visit.ref}/move"))
    answer = press(almaz, visit, story.time(49))

    assert "You could move it until Tue 24 Nov, 8:00 am." in page
    assert "Cancel it instead" in page
    assert visit.ref in page
    assert answer.status_code == 409
    assert place(story, visit.id) == (1, story.time(25))


def test_the_desk_moves_after_the_deadline_and_asks_for_nothing(story, app, visit):
    fee(story, DEARER)
    story.clock.at = visit.starts_at - timedelta(minutes=30)
    desk = Browser(app, DESK, now=story.clock())

    page = words(shown(desk, visit, story.time(49), doctor=SAMUEL))
    answer = press(desk, visit, story.time(49), doctor=SAMUEL)

    assert "Nothing more to pay" in page
    assert "This time costs $55.00." in page
    assert answer.status_code == 303
    assert place(story, visit.id) == (2, story.time(49))
    assert story.booking(visit.id).price_minor == 4500


def test_stripe_away_holds_the_new_time_and_says_that_nothing_was_charged(story, almaz, visit):
    fee(story, DEARER)

    with story.stripe_away():
        answer = press(almaz, visit, story.time(49), doctor=SAMUEL, quoted=1000)
    story.drain()
    pay = almaz.post(f"/bookings/{visit.ref}/move", then="pay")

    assert answer.status_code == 503
    assert "Nothing was charged" in words(answer)
    assert pay.location.startswith("http://127.0.0.1:12111/c/pay/")


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({}, 400),
        ({"starts_at": "tomorrow"}, 400),
        ({"starts_at": "2026-11-25T15:00:00Z", "quoted": "0", "was": "x"}, 409),
        ({"starts_at": "2026-11-25T15:00:00Z", "quoted": "9" * 40, "was": "y"}, 409),
        ({"starts_at": "2026-11-25T15:00:00Z", "doctor": "../x"}, 404),
        ({"then": "pay"}, 303),
        ({"then": "keep"}, 303),
    ],
)
def test_a_form_of_nonsense_moves_nothing(story, almaz, visit, fields, status):
    answer = almaz.post(f"/bookings/{visit.ref}/move", **fields)

    assert answer.status_code == status
    assert place(story, visit.id) == (1, story.time(25))
