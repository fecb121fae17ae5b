"""Do my appointments show what is mine, and where my money is?"""

from __future__ import annotations

from datetime import timedelta

from tests.support.browser import Browser, words
from tests.support.clinic import DESK, PATIENT
from tests.support.patient import (
    iso,
)
from tests.support.story import AS_ADMIN, FAILING_REFUND

# -- my appointments ----------------------------------------------------------------------------


def test_my_appointments_shows_my_own_under_their_tabs(story, app, clock):
    almaz = Browser(app, PATIENT, now=clock())
    mine = story.booking(story.booked(story.time(25)))
    story.booked(story.time(26), email="other@example.org", name="Somebody Else")
    held = story.booking(story.hold(story.time(28)).id)
    gone = story.hold(story.time(29)).id
    story.cancel(gone)

    upcoming, past = almaz.get("/bookings"), almaz.get("/bookings?tab=past")

    assert mine.ref in upcoming.text
    assert held.ref in upcoming.text
    assert "Somebody Else" not in upcoming.text
    assert "Upcoming 2 Past 1 Refunds 0" in words(upcoming)
    assert story.booking(gone).ref in past.text
    assert "Check and pay" in words(upcoming)


def test_my_appointments_asks_strangers_to_sign_in_and_staff_to_stay_out(story, app, clock):
    assert Browser(app, now=clock()).get("/bookings").location == "/login?next=/bookings"
    assert Browser(app, DESK, now=clock()).get("/bookings").status_code == 403


def test_my_appointments_bears_nonsense(story, app, clock):
    almaz = Browser(app, PATIENT, now=clock())
    for query in ("tab=<script>", "page=0", "page=-1", "page=99999999", "page=x", "page=9999"):
        assert almaz.get(f"/bookings?{query}").status_code in {200, 422}


def test_a_long_past_is_shown_page_by_page(story, app, clock):
    almaz = Browser(app, PATIENT, now=clock())
    for hours in range(24, 48):
        if hours % 24 in {0, 1, 2, 4, 5, 6, 7}:
            for minutes in (0, 20, 40):
                at = story.time(hours) + timedelta(minutes=minutes)
                story.cancel(story.hold(at).id)

    first, second = almaz.get("/bookings?tab=past"), almaz.get("/bookings?tab=past&page=2")

    assert "1 to 20 of 21" in words(first)
    assert "21 to 21 of 21" in words(second)
    assert iso(story.time(24)) not in first.text


# -- money that goes back -----------------------------------------------------------------------


def test_a_refund_in_part_is_followed_on_the_booking_the_list_and_the_receipt(story, app, clock):
    almaz = Browser(app, PATIENT, now=clock())
    booking_id = story.booked(story.time(25))
    ref = story.booking(booking_id).ref

    story.refund(story.payment_of(booking_id).id, 2250)
    story.drain()
    own, listed = words(almaz.get(f"/bookings/{ref}")), words(almaz.get("/bookings?tab=refunds"))
    receipt = words(almaz.get(f"/bookings/{ref}/receipt"))

    assert "$22.50 of $45.00 refunded" in own
    assert "$22.50 went back to Visa ending 4242" in own
    assert "Refund started, $22.50" in own
    assert f"/bookings/{ref}" in almaz.get("/bookings?tab=refunds").text
    assert "$22.50 went back to Visa ending 4242" in listed
    assert "Total paid" not in receipt
    assert "Paid, less refunds $22.50" in receipt
    assert almaz.get(f"/bookings/{ref}/receipt.pdf").data.startswith(b"%PDF-")


def test_a_refund_that_the_bank_returned_is_being_sorted_out(story, app, clock):
    almaz = Browser(app, PATIENT, now=clock())
    booking_id = story.booked(story.time(25), card=FAILING_REFUND)
    ref = story.booking(booking_id).ref

    story.cancel(booking_id, by="clinic", actor=AS_ADMIN)
    story.drain()
    story.box.later(7 * 24 * 3600)
    story.deliver()
    own = words(almaz.get(f"/bookings/{ref}"))

    assert "We’re sorting out your refund" in own
    assert (
        f"The bank could not return $45.00. The clinic has been told and will contact you; "
        f"reference {ref}." in own
    )


def test_a_visit_the_clinic_cancelled_says_who_did(story, app, clock):
    almaz = Browser(app, PATIENT, now=clock())
    booking_id = story.booked(story.time(25))
    ref = story.booking(booking_id).ref

    story.cancel(booking_id, by="clinic", actor=AS_ADMIN)

    assert "Cancelled by the clinic" in words(almaz.get(f"/bookings/{ref}"))
    assert "Recently cancelled" in words(almaz.get("/bookings"))
    assert b"STATUS:CANCELLED" in almaz.get(f"/bookings/{ref}/calendar.ics").data
