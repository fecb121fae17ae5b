"""Is every ending of a payment told truthfully?"""

from __future__ import annotations

import re

import pytest

from efoy.models import Booking, Payment
from tests.support.browser import Browser, words
from tests.support.patient import (
    attempt,
    come_back,
    held_ref,
    press_hold,
    press_pay,
    status,
    step_back,
)
from tests.support.story import BROKE, DECLINED

EXPIRED_CARD, WRONG_CVC = "4000000000000069", "4000000000000127"
ASKS_3DS, ALWAYS_3DS = "4000002500003155", "4000002760003184"


@pytest.fixture
def guest(app, clock):
    """Somebody without an account."""
    return Browser(app, now=clock())


@pytest.fixture
def ref(story, guest):
    """A time the guest holds."""
    return held_ref(press_hold(guest, story))


# -- the main job -------------------------------------------------------------------------------


def test_paying_leads_to_a_booked_visit_with_its_papers(story, guest, ref):
    out = press_pay(guest, ref, reason="Cough for two weeks")
    payment = attempt(story, ref)
    outcome = story.box.pay(payment.checkout_ref)
    returned = guest.get(outcome.url.removeprefix("http://127.0.0.1:8000"))
    page = words(guest.get(returned.location))

    assert out.status_code == returned.status_code == 303
    assert out.location == payment.checkout_url
    assert out.location.startswith("http://127.0.0.1:12111/c/pay/cs_")
    assert returned.location == f"/bookings/{ref}"
    assert "You’re booked, Guest." in page
    assert "There is nothing more to pay and nothing to do until your visit." in page
    assert "Paid $45.00" in page
    assert "Visa ending 4242" in page
    receipt = words(guest.get(f"/bookings/{ref}/receipt"))
    assert "R-2026-000001" in receipt
    assert "Total paid $45.00" in receipt
    assert guest.get(f"/bookings/{ref}/receipt.pdf").data.startswith(b"%PDF-")
    entry = guest.get(f"/bookings/{ref}/calendar.ics")
    assert entry.mimetype == "text/calendar"
    assert b"Hana" not in entry.data
    assert b"Cough" not in entry.data
    assert story.rows(Booking, ref=ref)[0].reason == "Cough for two weeks"


def test_later_the_same_page_is_simply_the_appointment(story, guest, ref, clock):
    press_pay(guest, ref)
    story.box.pay(attempt(story, ref).checkout_ref)
    come_back(guest, story, ref)

    clock.advance(minutes=30)

    assert "Your appointment" in words(guest.get(f"/bookings/{ref}"))
    assert "You’re booked" not in words(guest.get(f"/bookings/{ref}"))


def test_pay_pressed_again_in_any_tab_is_the_same_page(story, guest, ref):
    first, second = press_pay(guest, ref), press_pay(guest, ref)
    again = press_pay(guest, ref, reason="Now with a reason")

    assert first.location == second.location == again.location
    assert len(story.rows(Payment)) == 1


def test_the_return_page_may_be_opened_again_for_a_year(story, guest, ref):
    press_pay(guest, ref)
    story.box.pay(attempt(story, ref).checkout_ref)

    places = {come_back(guest, story, ref).location for _ in range(3)}
    asked = len(story.transport.calls)
    come_back(guest, story, ref)

    assert places == {f"/bookings/{ref}"}
    assert len(story.transport.calls) == asked
    assert len(story.receipts()) == 1


def test_paying_for_what_is_paid_leads_to_the_booking(story, guest, ref):
    press_pay(guest, ref)
    story.box.pay(attempt(story, ref).checkout_ref)
    come_back(guest, story, ref)

    assert press_pay(guest, ref).location == f"/bookings/{ref}"
    assert guest.get(f"/bookings/{ref}/review").location == f"/bookings/{ref}"
    assert len(story.rows(Payment)) == 1


# -- not paid -----------------------------------------------------------------------------------


def test_leaving_the_payment_page_says_so_and_pay_goes_on(story, guest, ref):
    out = press_pay(guest, ref)

    page = words(step_back(guest, story, ref))

    assert "You left the payment page. No money has been taken." in page
    assert "We’re holding 10:00 am until 9:35 am." in page
    assert press_pay(guest, ref).location == out.location


@pytest.mark.parametrize(
    ("card", "typed", "says"),
    [
        (DECLINED, {}, "Your bank said no to this payment."),
        (BROKE, {}, "Your bank said there is not enough money on this card."),
        (EXPIRED_CARD, {}, "This card has expired."),
        (WRONG_CVC, {}, "The security code on the back of the card did not match."),
    ],
)
def test_a_refused_card_is_explained_and_the_time_still_held(story, guest, ref, card, typed, says):
    press_pay(guest, ref)
    story.box.pay(attempt(story, ref).checkout_ref, card=card, **typed)

    for page in (step_back(guest, story, ref), come_back(guest, story, ref)):
        assert f"{says} No money has been taken. Try another card, or call your bank." in words(
            page
        )
    assert status(story, ref) == "held"


@pytest.mark.parametrize("card", [ASKS_3DS, ALWAYS_3DS])
def test_a_check_by_the_bank_that_fails_is_explained_and_one_that_passes_books(
    story, guest, ref, card
):
    press_pay(guest, ref)
    checkout = attempt(story, ref).checkout_ref
    story.box.pay(checkout, card=card)
    story.box.pay(checkout, card=card, action="3ds-fail")
    failed = words(step_back(guest, story, ref))

    story.box.pay(checkout, card=card)
    story.box.pay(checkout, card=card, action="3ds-complete")

    assert "Your bank could not check that it was you. No money has been taken." in failed
    assert come_back(guest, story, ref).location == f"/bookings/{ref}"
    assert status(story, ref) == "confirmed"


def test_the_booking_page_of_an_open_attempt_asks_stripe_too(story, guest, ref):
    press_pay(guest, ref)
    assert "You haven’t paid yet" in words(guest.get(f"/bookings/{ref}"))

    story.box.pay(attempt(story, ref).checkout_ref)

    assert "You’re booked" in words(guest.get(f"/bookings/{ref}"))


def test_a_payment_page_that_ran_out_releases_the_time(story, guest, ref):
    press_pay(guest, ref)

    story.wait(minutes=40)

    for page in (step_back(guest, story, ref), come_back(guest, story, ref)):
        assert "was released because no payment arrived. You have not been charged." in words(page)
        assert "It is still free" in words(page)
    assert status(story, ref) == "expired"


# -- nobody knows yet ---------------------------------------------------------------------------


def test_a_bank_that_takes_its_time_is_waited_for(story, guest, ref):
    press_pay(guest, ref)
    story.box.pay(attempt(story, ref).checkout_ref, action="bank")

    page = come_back(guest, story, ref)

    assert "Your bank is confirming" in words(page)
    assert "Your time stays reserved; we mail you. You can close this page." in words(page)
    assert page.headers["Refresh"].startswith("10; url=/pay/return?session_id=cs_test_")
    assert "Your bank is confirming." in words(guest.get(f"/bookings/{ref}"))
    assert guest.get(f"/bookings/{ref}/standing.json").json["settled"] is False
    assert press_pay(guest, ref).status_code == 200
    assert "Your bank is confirming" in words(press_pay(guest, ref))


def test_a_delayed_payment_that_fails_releases_the_time_and_says_why(story, guest, ref):
    press_pay(guest, ref)
    story.box.pay(attempt(story, ref).checkout_ref, action="bank")
    come_back(guest, story, ref)

    story.box.control("delayed", {"session": attempt(story, ref).checkout_ref, "outcome": "failed"})
    page = words(come_back(guest, story, ref))

    assert "The bank did not complete the payment. The time has been released." in page
    assert status(story, ref) == "expired"


def test_stripe_away_on_the_return_is_told_as_waiting_never_as_failed(story, guest, ref):
    press_pay(guest, ref)
    story.box.pay(attempt(story, ref).checkout_ref)

    with story.stripe_away():
        page = come_back(guest, story, ref)
        left = step_back(guest, story, ref)
        own = guest.get(f"/bookings/{ref}")
    later = guest.get(re.search(r"url=(\S+)", page.headers["Refresh"])[1])

    for shown in (page, left, own):
        assert shown.status_code == 200
        assert "Your time is safe. Please don’t pay again." in words(shown)
        assert "Refresh" in shown.headers
    assert later.location == f"/bookings/{ref}"


def test_after_two_minutes_the_waiting_page_says_that_it_may_be_closed(story, guest, ref):
    press_pay(guest, ref)

    with story.stripe_away():
        address = f"/pay/return?session_id={attempt(story, ref).checkout_ref}"
        for _ in range(13):
            page = guest.get(address)
            address = re.search(r"url=(\S+)", page.headers["Refresh"])[1]

    assert "This is taking longer than usual. You can close this page." in words(page)


def test_stripe_away_when_pay_is_pressed_says_that_nothing_was_taken(story, guest, ref):
    with story.stripe_away():
        page = press_pay(guest, ref, reason="A cough")
    again = press_pay(guest, ref)

    assert page.status_code == 503
    assert "The payment service does not answer. No money has been taken." in words(page)
    assert "Your time is held until" in words(page)
    assert again.status_code == 303
    assert len(story.rows(Payment)) == 1
    assert story.rows(Booking, ref=ref)[0].reason == "A cough"


def test_check_again_asks_stripe_and_shows_the_booking(story, guest, ref):
    press_pay(guest, ref)
    story.box.pay(attempt(story, ref).checkout_ref)

    before = guest.get(f"/bookings/{ref}/standing.json").json
    answer = guest.post(f"/bookings/{ref}/check")
    after = guest.get(f"/bookings/{ref}/standing.json").json

    assert before == {"settled": False, "url": f"/bookings/{ref}", "say": ""}
    assert answer.location == f"/bookings/{ref}"
    assert after == {
        "settled": True,
        "url": f"/bookings/{ref}",
        "say": "Your payment is confirmed.",
    }


# -- too late -----------------------------------------------------------------------------------


def test_money_after_the_time_was_given_away_is_on_its_way_back(story, guest, ref):
    press_pay(guest, ref)
    late_money(story, ref)
    story.hold(story.time(25), email="faster@example.org")

    page = words(come_back(guest, story, ref))
    own = words(guest.get(f"/bookings/{ref}"))

    assert "Your payment arrived after the slot was given away." in page
    assert f"$45.00 is being returned in full (reference {ref})." in page
    assert page.count("Take ") == 3
    assert "$45.00 is on its way back to Visa ending 4242" in own
    assert "All of it is on its way back." in own


def test_money_after_the_limit_with_the_time_free_keeps_the_time(story, guest, ref):
    press_pay(guest, ref)
    late_money(story, ref)

    returned = come_back(guest, story, ref)
    page = words(guest.get(returned.location))

    assert returned.location == f"/bookings/{ref}"
    assert "You’re booked" in page
    assert (
        "Your payment arrived after the time limit; the time was still free and is yours." in page
    )


def late_money(story, ref: str) -> None:
    """Paid in time, but Stripe could not be asked for so long that the time was given up."""
    story.box.pay(attempt(story, ref).checkout_ref)
    with story.stripe_away():
        story.wait(minutes=51)
    assert status(story, ref) == "expired"
