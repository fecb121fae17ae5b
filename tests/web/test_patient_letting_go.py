"""Can a held time be let go at any moment, and is it certain that nobody pays for it?"""

from __future__ import annotations

import pytest

from efoy.models import Booking
from tests.support.browser import Browser, words
from tests.support.patient import (
    attempt,
    come_back,
    held_ref,
    press_hold,
    press_pay,
    status,
)


@pytest.fixture
def guest(app, clock):
    """Somebody without an account."""
    return Browser(app, now=clock())


@pytest.fixture
def ref(story, guest):
    """A time the guest holds."""
    return held_ref(press_hold(guest, story))


def test_a_held_time_is_let_go(story, guest, ref):
    page = words(guest.get(f"/bookings/{ref}/cancel"))
    answer = guest.post(f"/bookings/{ref}/cancel")
    again = guest.post(f"/bookings/{ref}/cancel")

    assert "Let this time go?" in page
    assert "No money has been taken." in page
    assert answer.location == again.location == f"/bookings/{ref}"
    assert status(story, ref) == "cancelled"
    own = words(guest.get(f"/bookings/{ref}"))
    assert "Your appointment is cancelled" in own
    assert "No money has been taken." in own
    assert "Not paid yet" not in own
    assert story.claims(story.rows(Booking, ref=ref)[0].id) == 0


def test_letting_go_closes_the_payment_page_first(story, guest, ref):
    press_pay(guest, ref)

    guest.post(f"/bookings/{ref}/cancel")

    assert status(story, ref) == "cancelled"
    assert attempt(story, ref).status == "expired"


def test_letting_go_what_was_paid_meanwhile_gives_all_of_it_back(story, guest, ref):
    press_pay(guest, ref)
    story.box.pay(attempt(story, ref).checkout_ref)

    guest.post(f"/bookings/{ref}/cancel")

    assert status(story, ref) == "cancelled"
    assert "$45.00 is on its way back to Visa ending 4242" in words(guest.get(f"/bookings/{ref}"))


def test_letting_go_without_stripe_keeps_the_time_until_it_is_certain(story, guest, ref):
    press_pay(guest, ref)

    with story.stripe_away():
        guest.post(f"/bookings/{ref}/cancel")
        shown = words(guest.get(f"/bookings/{ref}"))
    kept = status(story, ref)
    story.wait(minutes=5)

    assert "The time is free as soon as that is certain." in shown
    assert kept == "held"
    assert status(story, ref) == "cancelled"


def test_letting_go_what_is_paid_already_shows_what_comes_back_first(story, guest, ref):
    guest.get(f"/bookings/{ref}/cancel")
    press_pay(guest, ref)
    story.box.pay(attempt(story, ref).checkout_ref)
    come_back(guest, story, ref)

    answer = guest.post(f"/bookings/{ref}/cancel")

    assert answer.status_code == 409
    assert "Nothing is cancelled yet." in words(answer)
    assert "You will get back $45.00." in words(answer)
    assert status(story, ref) == "confirmed"
