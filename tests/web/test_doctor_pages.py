"""What does a doctor see? Their own paid visits in order, holds as mere time, never an amount."""

from datetime import timedelta

import pytest

from efoy.domain.booking import BookingStatus
from tests.support.browser import Browser, words
from tests.support.clinic import COLLEAGUE, DOCTOR


@pytest.fixture
def hana(app, clock):
    """The doctor of most visits, signed in."""
    return Browser(app, DOCTOR, now=clock())


def test_the_day_lists_paid_visits_in_time_order_and_holds_without_a_name(story, hana):
    late = story.booked(story.time(5), email="late@example.org", name="Late Visitor")
    early = story.booked(story.time(4), email="early@example.org", name="Early Visitor")
    story.hold(story.time(6), email="secret@example.org", name="Secret Holder")

    page = words(hana.get("/doctor"))

    assert page.index("Early Visitor") < page.index("Late Visitor") < page.index("Being booked")
    assert "Secret Holder" not in page
    assert "2 visits" in page
    for booking_id in (early, late):
        assert story.booking(booking_id).ref in hana.get("/doctor").text


def test_no_page_of_a_doctor_shows_an_amount_or_a_payment_id(story, hana):
    booking_id = story.booked(story.time(4))
    ref, payment = story.booking(booking_id).ref, story.payment_of(booking_id)

    pages = [hana.get(p).text for p in ("/doctor", "/doctor/week", f"/doctor/visits/{ref}")]

    secrets = ("45.00", "$", "4242", payment.id, payment.intent_ref, payment.checkout_ref)
    assert not [(secret, n) for n, page in enumerate(pages) for secret in secrets if secret in page]


def test_a_doctor_sees_only_their_own_patients(story, hana, app, clock):
    story.booked(story.time(4), doctor="samuel-mwangi")
    samuel = Browser(app, COLLEAGUE, now=clock())

    assert "Almaz Bekele" in words(samuel.get("/doctor"))
    assert "Almaz" not in words(hana.get("/doctor"))
    assert "Almaz" not in words(hana.get("/doctor/week"))


def test_another_doctors_visit_looks_exactly_like_none(story, hana):
    foreign = story.booking(story.booked(story.time(4), doctor="samuel-mwangi")).ref

    theirs = hana.get(f"/doctor/visits/{foreign}")
    missing = hana.get("/doctor/visits/222-222")

    assert (theirs.status_code, missing.status_code) == (404, 404)
    assert theirs.data == missing.data
    assert hana.post(f"/doctor/visits/{foreign}", mark="attended").status_code == 404


def test_a_hold_cannot_be_opened_by_the_doctor(story, hana):
    ref = story.hold(story.time(4)).ref

    assert hana.get(f"/doctor/visits/{ref}").status_code == 404


def test_a_malformed_reference_is_not_found(hana):
    for ref in ("nonsense", "222-22", "x" * 2000, "..%2fadmin", "😀"):
        assert (ref, hana.get(f"/doctor/visits/{ref}").status_code) == (ref, 404)
    assert hana.get("/doctor/visits/%00").status_code in {400, 404}


def test_a_visit_opened_shows_name_phone_and_reason_but_money_as_a_word(story, hana):
    held = story.hold(story.time(4))
    story.run_sql("UPDATE bookings SET reason = 'Cough for two weeks'")
    story.pay(held.id)
    story.come_back(held.id)

    page = words(hana.get(f"/doctor/visits/{held.ref}"))

    for expected in ("Almaz Bekele", "+12405550117", "Cough for two weeks", "Paid"):
        assert expected in page
    assert "almaz@example.org" not in page


def test_a_visit_is_marked_done_and_the_mark_is_taken_back(story, hana):
    booking_id = story.booked(story.time(4))
    path = f"/doctor/visits/{story.booking(booking_id).ref}"

    assert hana.post(path, mark="attended").status_code == 303
    assert story.booking(booking_id).status == BookingStatus.ATTENDED
    assert "Undo" in words(hana.get(path))
    assert hana.post(path, mark="undo").status_code == 303
    assert story.booking(booking_id).status == BookingStatus.CONFIRMED
    assert hana.post(path, mark="no_show", day="2026-11-23").location.startswith("/doctor?day=")
    assert story.booking(booking_id).status == BookingStatus.NO_SHOW


def test_a_nonsense_mark_changes_nothing(story, hana):
    booking_id = story.booked(story.time(4))
    path = f"/doctor/visits/{story.booking(booking_id).ref}"

    answers = [hana.post(path, mark=mark).status_code for mark in ("", "paid", "attended\x00")]

    assert all(400 <= status < 500 for status in answers)
    assert hana.post(path, csrf=False, mark="attended").status_code == 400
    assert hana.get(f"{path}?mark=attended").status_code == 200
    assert story.booking(booking_id).status == BookingStatus.CONFIRMED


def test_an_old_mark_is_a_conflict_page(story, hana, clock):
    booking_id = story.booked(story.time(4))
    path = f"/doctor/visits/{story.booking(booking_id).ref}"
    hana.post(path, mark="attended")
    clock.advance(minutes=20)

    assert hana.post(path, mark="attended").status_code == 409


def test_a_visit_of_another_day_is_neither_marked_ahead_nor_unmarked_later(story, hana, clock):
    booking_id = story.booked(story.time(49))
    story.work()
    path = f"/doctor/visits/{story.booking(booking_id).ref}"

    ahead = hana.post(path, mark="attended").status_code
    clock.advance(hours=49)
    Browser(story.app, DOCTOR, now=clock()).post(path, mark="no_show")
    clock.advance(hours=25)
    later = Browser(story.app, DOCTOR, now=clock())

    assert ahead == 409
    assert "Undo" not in words(later.get(path))
    assert later.post(path, mark="undo").status_code == 409
    assert story.booking(booking_id).status == BookingStatus.NO_SHOW


def test_the_week_runs_from_monday_and_tells_days_off(story, hana):
    story.booked(story.time(4))
    story.run_sql("DELETE FROM opening_hours WHERE weekday = 6 AND doctor_id = 1")

    page = words(hana.get("/doctor/week"))

    assert "23 Nov – 29 Nov" in page
    assert "Almaz B." in page
    assert "Almaz Bekele" not in page
    assert page.count("Not working") == 2  # in the grid of wide screens, and in the list of phones
    assert page.count("Free") == 10


def test_an_empty_day_points_to_the_next_visit(story, hana):
    story.booked(story.time(4) + timedelta(days=3))

    page = words(hana.get("/doctor"))

    assert "No visits on this day" in page
    assert "Next: Thu 26 Nov" in page


def test_a_nonsense_day_is_refused_with_a_clear_page(hana):
    for page in ("/doctor?day=", "/doctor/week?week="):
        for day in ("2026-13-01", "0001-01-01", "9999-12-31", "24/11", "²026-11-24"):
            assert (page, day, hana.get(page + day).status_code) == (page, day, 422)
