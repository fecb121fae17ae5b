"""Is the amount on the page the amount that comes back, and is nothing lost when it changes?"""

from __future__ import annotations

from datetime import timedelta

import pytest

from efoy.domain.booking import BookingStatus
from tests.support.browser import Browser, hidden, words
from tests.support.clinic import ADMIN, DESK, OTHER, PATIENT
from tests.support.story import AS_ADMIN

DISPUTED = "4000000000000259"


@pytest.fixture
def almaz(app, clock):
    """The patient of the visit."""
    return Browser(app, PATIENT, now=clock())


@pytest.fixture
def visit(story):
    """A paid visit, a minute more than a day away."""
    booking_id = story.booked(story.time(29))
    story.clock.at = story.booking(booking_id).starts_at - timedelta(hours=24, minutes=1)
    return story.booking(booking_id)


def page_of(browser, visit):
    """The cancel page."""
    return browser.get(f"/bookings/{visit.ref}/cancel")


def press(browser, visit, page, **more):
    """Send its form."""
    fields = {"quoted": hidden(page, "quoted"), "form_token": hidden(page, "form_token"), **more}
    return browser.post(f"/bookings/{visit.ref}/cancel", **fields)


# -- the page --------------------------------------------------------------------------------


def test_the_page_says_how_much_until_when_and_how_it_was_worked_out(almaz, visit):
    page = words(page_of(almaz, visit))

    for expected in (
        "Cancel this appointment?",
        "You will get back $45.00.",
        "It goes to your Visa ending 4242.",
        "The clinic will confirm within 2 working days.",
        "Banks usually show it in 5 to 10 business days.",
        "You are here now",
        "You paid on ",
        "Cancelled at least 24 hours before",
        "100%",
        "Clinic keeps",
        "Why are you cancelling? (optional)",
        "Cancel and refund $45.00",
        "Move to another time",
        "Keep my appointment",
    ):
        assert expected in page


def test_half_names_both_amounts(story, almaz, visit):
    story.clock.at = visit.starts_at - timedelta(hours=3)

    page = words(page_of(almaz, visit))

    assert "You will get back $22.50 of $45.00." in page
    assert "Cancel and refund $22.50" in page
    assert "(passed)" in page


def test_after_the_last_rung_it_says_so_and_still_cancels(story, almaz, visit):
    story.clock.at = visit.starts_at - timedelta(minutes=30)

    page = page_of(almaz, visit)
    answer = press(almaz, visit, page)
    after = words(almaz.get(f"/bookings/{visit.ref}"))

    assert "It is too late to get money back for this visit." in words(page)
    assert "Cancel without a refund" in words(page)
    assert answer.status_code == 303
    assert "Your appointment is cancelled" in after
    assert "Nothing comes back for this visit." in after


def test_earlier_refunds_are_taken_off_first(story, almaz, visit):
    story.refund(story.payment_of(visit.id).id, 1000)
    story.work()

    page = words(page_of(almaz, visit))

    assert "You will get back $35.00 of $45.00." in page
    assert "Given back before −$10.00" in page
    assert "Left $35.00" in page


def test_a_visit_that_has_begun_says_until_when_it_was_possible(story, almaz, visit):
    page = page_of(almaz, visit)
    story.clock.at = visit.starts_at

    asked, pressed = page_of(almaz, visit), press(almaz, visit, page)

    assert (asked.status_code, pressed.status_code) == (200, 409)
    for answer in (asked, pressed):
        assert "You could cancel until Tue 24 Nov, 2:00 pm" in words(answer)
        assert "+13015550142" in words(answer)


def test_beside_a_dispute_it_is_honest(story, almaz):
    visit = story.booking(story.booked(card=DISPUTED))
    story.box.later(60)
    story.deliver()

    page = page_of(almaz, visit)
    press(almaz, visit, page)

    assert "Your bank is looking at this payment" in words(page)
    assert "Cancel without a refund" in words(page)
    assert story.refunds(visit.id) == []
    after = words(almaz.get(f"/bookings/{visit.ref}"))
    assert "What comes back is decided there." in after


# -- the result --------------------------------------------------------------------------------


def test_the_result_follows_the_refund_from_the_clinic_to_the_statement(story, app, almaz, visit):
    press(almaz, visit, page_of(almaz, visit), reason="time")

    waiting = words(almaz.get(f"/bookings/{visit.ref}"))
    listed = words(almaz.get("/bookings"))
    admin = Browser(app, ADMIN, now=story.clock())
    seen = words(admin.get(f"/admin/bookings/{visit.ref}"))

    for expected in ("You will get back $45.00", "With the clinic", "within 2 working days"):
        assert expected in waiting
    assert "Refund with the clinic" in listed
    assert "The time doesn’t suit me" in seen
    from efoy.services.proposals import approve_refund

    approve_refund(story.refunds(visit.id)[0].id, actor=AS_ADMIN, now=story.clock())
    assert "$45.00 is on its way back to Visa ending 4242" in words(
        almaz.get(f"/bookings/{visit.ref}")
    )
    story.work()
    done = words(almaz.get(f"/bookings/{visit.ref}"))
    assert "$45.00 went back to Visa ending 4242" in done
    assert "Book again" in done


def test_what_the_clinic_declined_is_said(story, almaz, visit):
    press(almaz, visit, page_of(almaz, visit))
    from efoy.services.refund_decisions import decline_refund

    decline_refund(story.refunds(visit.id)[0].id, note="", actor=AS_ADMIN, now=story.clock())

    assert "The clinic has decided that nothing goes back" in words(
        almaz.get(f"/bookings/{visit.ref}")
    )


def test_a_second_press_shows_the_first_ones_result(story, almaz, visit):
    page = page_of(almaz, visit)

    answers = [press(almaz, visit, page) for _ in range(3)]

    assert {(one.status_code, one.location) for one in answers} == {(303, f"/bookings/{visit.ref}")}
    assert len(story.refunds(visit.id)) == 1
    assert page_of(almaz, visit).location == f"/bookings/{visit.ref}"


# -- when it changed -----------------------------------------------------------------------------


def test_the_amount_holds_for_ten_minutes_and_is_then_shown_again(story, almaz, visit):
    page = page_of(almaz, visit)
    assert "This amount holds until" in words(page)
    story.clock.advance(minutes=10, seconds=1)

    late = press(almaz, visit, page, reason="cost")

    assert late.status_code == 409
    assert "Nothing is cancelled yet." in words(late)
    assert "You will get back $22.50 of $45.00." in words(late)
    assert '<option selected value="cost">' in late.text
    assert story.booking(visit.id).status is BookingStatus.CONFIRMED
    assert press(almaz, visit, late).status_code == 303
    assert story.refunds(visit.id)[0].amount_minor == 2250


@pytest.mark.parametrize("quoted", ["", "x", "é", "a" * 5000, "bG9s.c2ln", "W10.sig"])
def test_a_quote_that_is_not_ours_is_shown_again(story, almaz, visit, quoted):
    page = page_of(almaz, visit)

    answer = press(almaz, visit, page, quoted=quoted)

    assert answer.status_code == 409
    assert "You will get back $45.00." in words(answer)
    assert story.booking(visit.id).status is BookingStatus.CONFIRMED


def test_nobody_makes_up_a_better_quote(story, almaz, visit):
    better = hidden(page_of(almaz, visit), "quoted")
    story.clock.at = visit.starts_at - timedelta(minutes=30)
    page = page_of(almaz, visit)

    tampered = better[:-2] + ("A" if better[-2] != "A" else "B") + better[-1]

    for quoted in (better, tampered):
        assert press(almaz, visit, page, quoted=quoted).status_code == 409
    assert story.refunds(visit.id) == []


def test_a_reason_that_is_not_on_the_list_is_refused_and_nothing_lost(story, almaz, visit):
    page = page_of(almaz, visit)

    answer = press(almaz, visit, page, reason="I am ill with <b>secrets</b>")

    assert answer.status_code == 400
    assert "There is a problem" in words(answer)
    assert "secrets" not in answer.text
    assert press(almaz, visit, answer).status_code == 303


# -- whose it is -----------------------------------------------------------------------------------


def test_another_patient_finds_nothing(story, app, visit):
    other = Browser(app, OTHER, now=story.clock())

    assert page_of(other, visit).status_code == 404
    assert other.post(f"/bookings/{visit.ref}/cancel").status_code == 404
    assert story.booking(visit.id).status is BookingStatus.CONFIRMED


@pytest.mark.parametrize("who", [DESK, ADMIN])
def test_staff_are_led_to_their_own_page(story, app, visit, who):
    staff = Browser(app, who, now=story.clock())

    for answer in (page_of(staff, visit), staff.post(f"/bookings/{visit.ref}/cancel")):
        assert (answer.status_code, answer.location) == (303, f"/admin/bookings/{visit.ref}")
    assert story.booking(visit.id).status is BookingStatus.CONFIRMED
