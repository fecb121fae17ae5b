"""Can a patient find a time, hold it, look at everything once more, and lose nothing on the way?"""

from __future__ import annotations

from datetime import timedelta

import pytest

from efoy.models import Booking, User
from tests.support.browser import Browser, hidden, words
from tests.support.clinic import DESK, DOCTOR, OTHER, PATIENT
from tests.support.patient import FORM, NEW, held_ref, iso, press_hold


@pytest.fixture
def guest(app, clock):
    """Somebody without an account."""
    return Browser(app, now=clock())


@pytest.fixture
def almaz(app, clock):
    """A patient, signed in."""
    return Browser(app, PATIENT, now=clock())


# -- find ---------------------------------------------------------------------------------------


def test_the_board_says_price_length_zone_and_rules_without_signing_in(story, guest):
    page = words(guest.get("/doctors"))

    assert "Free to cancel until 24 hours before." in page
    assert "$45.00 20 min" in page
    assert "All times are clinic time" in page
    assert page.index("Dr Hana Tesfaye") < page.index("Dr Samuel Mwangi")


def test_a_search_that_finds_nobody_says_so_and_shows_the_way_back(story, guest):
    page = words(guest.get("/doctors?q=%3Cb%3Ezebra"))

    assert "No doctor matches “<b>zebra”" in page
    assert "See all doctors" in page


def test_the_doctors_page_offers_times_that_lead_to_the_details(story, guest):
    page = guest.get("/doctors/hana-tesfaye?service=full-check&day=2026-11-24")

    assert "Full health check, $80.00" in words(page)
    assert f'value="{iso(story.time(24))}"' in page.text
    assert 'action="/bookings/new"' in page.text


def test_going_on_without_a_time_asks_for_one(story, guest):
    page = guest.get("/bookings/new?doctor=hana-tesfaye&service=see-the-doctor")

    assert page.status_code == 400
    assert "There is a problem Choose a time" in words(page)


def test_what_nobody_offers_is_not_found(story, guest):
    for path in (
        "/doctors/nobody",
        "/doctors/hana-tesfaye?service=massage",
        "/doctors/" + "x" * 5000,
        "/doctors/hana-tesfaye%27--",
        NEW.replace("see-the-doctor", "massage") + "2026-11-24T15:00:00Z",
        "/bookings/new?starts_at=2026-11-24T15:00:00Z",
    ):
        assert guest.get(path).status_code == 404, path


def test_an_address_that_makes_no_sense_is_refused_plainly(story, guest):
    for path in (
        "/doctors/hana-tesfaye?week=tomorrow",
        "/doctors/hana-tesfaye?day=2026-13-45",
        "/doctors/hana-tesfaye?day=9999-12-31",
        "/doctors?q=" + "x" * 81,
        "/doctors?q=a&q=b",
        "/doctors?q=%00",
        NEW + "0001-01-01T00:00:00Z",
        NEW + "9999-12-31T23:59:59-14:00",
        NEW + "2026-11-24",
        NEW + "2026-11-24T15:00:00",
        NEW + "٢٠٢٦-11-24T15:00:00Z",
    ):
        assert guest.get(path).status_code in {400, 404, 422}, path


def test_a_kept_page_is_nobody_elses_and_never_old(story, guest, almaz):
    path = "/doctors/hana-tesfaye"
    assert "Almaz" in words(almaz.get(path))
    assert "Almaz" not in words(guest.get(path))

    story.run_sql("UPDATE services SET price_minor = 5100 WHERE slug = 'see-the-doctor'")

    assert "$51.00" in words(guest.get(path))
    assert "$45.00" not in words(guest.get(path))


# -- hold ---------------------------------------------------------------------------------------


def test_a_guest_holds_a_time_and_checks_everything_before_paying(story, guest):
    details = guest.get(NEW + iso(story.time()))
    answer = press_hold(guest, story, token=hidden(details, "form_token"))
    review = words(guest.get(answer.location))

    assert answer.location == f"/bookings/{held_ref(answer)}/review"
    assert "We’re holding 10:00 am for you until 9:15 am" in review
    assert "Pay $45.00 with Stripe" in review
    assert "Only the doctor’s team can read this. It is not sent to Stripe." in review
    assert "until Mon 23 Nov, 10:00 am" in review
    assert "Guest Visitor" in review
    assert "guest@example.org" in review


def test_pressing_twice_or_going_back_finds_the_same_hold(story, guest):
    first = press_hold(guest, story)
    again = press_hold(guest, story)
    second_tab = press_hold(guest, story, token="a-token-of-another-tab")
    back_button = guest.get(NEW + iso(story.time()))

    places = {each.location for each in (first, again, second_tab, back_button)}
    assert places == {f"/bookings/{held_ref(first)}/review"}
    assert len(story.rows(Booking)) == 1


def test_a_double_click_whose_first_answer_nobody_read_leads_to_the_hold(story, guest):
    name = guest.app.config["SESSION_COOKIE_NAME"]
    guest.get(NEW + iso(story.time()))
    before = guest.client.get_cookie(name).value
    first = press_hold(guest, story)
    guest.client.set_cookie(name, before)  # the browser dropped the first answer

    second = press_hold(guest, story)

    assert second.location == first.location
    assert guest.get(second.location).status_code == 200


def test_a_time_taken_a_moment_ago_shows_the_nearest_three_and_keeps_the_form(story, guest):
    story.hold(story.time(25))

    answer = press_hold(guest, story)
    page = words(answer)

    assert answer.status_code == 409
    assert "Someone else took Tue 24 Nov, 10:00 am a moment ago." in page
    assert "You have not been charged. Your details are kept." in page
    assert page.count("Dr Hana Tesfaye, See the doctor, $45.00") == 3
    assert "The same time with another doctor" in page
    assert answer.text.count('value="guest@example.org"') == 4


def test_an_offer_of_that_page_is_one_press_away(story, guest):
    story.hold(story.time(25))
    page = press_hold(guest, story)

    near = iso(story.time(25) + timedelta(minutes=20))
    answer = guest.post(
        "/bookings", **{**FORM, "starts_at": near, "form_token": hidden(page, "form_token")}
    )

    assert held_ref(answer)


def test_opening_the_details_of_a_taken_time_says_so_at_once(story, guest):
    story.hold(story.time(25))

    assert guest.get(NEW + iso(story.time())).status_code == 409


WRONG = (
    ("name", "", "Enter your name"),
    ("name", "   ", "Enter your name"),
    ("name", "A" * 121, "Use 120 characters at most"),
    ("name", "Al\x07maz", "Take out the characters that cannot be printed"),
    ("email", "almaz", "Enter an email address"),
    ("email", "a@b@c.org", "Enter an email address"),
    ("email", "x" * 300 + "@example.org", "Enter an email address"),
    ("phone", "12", "Enter a phone number we can reach you on"),
    ("phone", "call me", "Enter a phone number we can reach you on"),
    ("phone", None, "Enter a phone number we can reach you on"),
)


def test_a_wrong_field_is_named_and_nothing_typed_is_lost(story, guest):
    kept = {"name": "Guest Visitor", "email": "guest@example.org", "phone": "240 555 0117"}
    for field, value, says in WRONG:
        answer = press_hold(guest, story, **{field: value})

        assert answer.status_code == 400, (field, value)
        assert says in words(answer)
        others = [text for name, text in kept.items() if name != field]
        assert all(f'value="{text}"' in answer.text for text in others)
        assert hidden(answer, "form_token") == "a-token-of-this-form"
    assert story.rows(Booking) == []


def test_a_time_that_is_no_time_is_asked_for_again(story, guest):
    for text in ("", "yesterday", "2026-11-24", "2026-11-24T15:00:00", "-1", "1e99", "x" * 5000):
        answer = press_hold(guest, story, starts_at=text)

        assert answer.status_code == 400, text
        assert "Choose a time" in words(answer)


def test_a_time_nobody_offers_cannot_be_held(story, guest):
    for hours in (-48, 0.5, 24.1, 27, 24 * 61, 24 * 365 * 3):
        answer = press_hold(guest, story, hours=hours, token=f"token-of-{hours}".replace(".", "-"))

        assert answer.status_code == 409, hours
        assert "is not offered. You have not been charged." in words(answer)
    assert story.rows(Booking) == []


def test_what_the_client_says_of_price_status_and_person_counts_for_nothing(story, guest):
    more = {"price": "1", "amount": "1", "status": "confirmed", "role": "admin"}
    more |= {"patient_id": PATIENT, "user_id": PATIENT, "currency": "JPY", "price_minor": "1"}

    ref = held_ref(press_hold(guest, story, **more))

    (booking,) = story.rows(Booking, ref=ref)
    assert (booking.price_minor, booking.currency, booking.status) == (4500, "USD", "held")
    assert booking.patient_id != PATIENT
    assert [row.role for row in story.rows(User, email="guest@example.org")] == ["patient"]


def test_a_patient_we_know_needs_to_type_nothing(story, almaz):
    details = almaz.get(NEW + iso(story.time()))
    answer = press_hold(almaz, story, name=None, email=None, phone=None)

    (booking,) = story.rows(Booking, ref=held_ref(answer))
    assert 'value="Almaz Bekele"' in details.text
    assert booking.patient_id == PATIENT
    assert booking.visitor_email == "almaz@example.org"


def test_signing_in_on_the_way_loses_nothing(story, guest):
    answer = press_hold(guest, story, then="sign-in")
    come_back = guest.get(NEW + iso(story.time()))

    assert answer.status_code == 303
    assert answer.location.startswith("/login?next=")
    assert 'value="Guest Visitor"' in come_back.text
    assert 'value="guest@example.org"' in come_back.text
    assert story.rows(Booking) == []


def test_a_fourth_unpaid_hold_is_refused_with_the_form_kept(story, almaz):
    for hours in (24, 25, 26):
        assert held_ref(press_hold(almaz, story, hours, token=f"token-{hours}-{hours}"))

    answer = press_hold(almaz, story, 28, token="token-28-28")

    assert answer.status_code == 409
    assert "You are holding three times that are not paid yet." in words(answer)
    assert 'value="Guest Visitor"' in answer.text


def test_a_guest_learns_nothing_about_other_bookings_of_an_address(story, guest, almaz):
    for hours in (25, 26, 28):
        press_hold(almaz, story, hours, email="almaz@example.org", token=f"token-{hours}-{hours}")

    same_time = press_hold(
        guest, story, doctor="samuel-mwangi", email="almaz@example.org", token="another-token"
    )
    unknown = press_hold(guest, story, 29, email="nobody@example.org", token="a-third-token")

    assert same_time.status_code == unknown.status_code == 303


def test_a_stranger_who_types_an_address_takes_nothing_from_its_owner(story, guest, almaz):
    for hours in (25, 26, 28):
        press_hold(guest, story, hours, email="almaz@example.org", token=f"token-{hours}-{hours}")

    answer = press_hold(almaz, story, 25, doctor="samuel-mwangi", token="the-owners-own")

    assert answer.status_code == 303


def test_a_guests_browser_keeps_three_unpaid_holds_whatever_is_typed(story, guest):
    for hours in (24, 25, 26):
        typed = f"guest{hours}@example.org"
        assert held_ref(
            press_hold(guest, story, hours, email=typed, token=f"token-{hours}-{hours}")
        )

    answer = press_hold(guest, story, 28, email="guest28@example.org", token="token-28-28")

    assert answer.status_code == 409
    assert "You are holding three times that are not paid yet." in words(answer)


def test_a_guest_is_not_in_two_places_at_once(story, guest):
    press_hold(guest, story)

    answer = press_hold(guest, story, doctor="samuel-mwangi", token="another-token")

    assert answer.status_code == 409
    assert "You already have an appointment at that time." in words(answer)


@pytest.mark.parametrize("who", [DOCTOR, DESK])
def test_staff_do_not_book_for_themselves(story, app, clock, who):
    staff = Browser(app, who, now=clock())

    assert press_hold(staff, story).status_code == 403
    assert staff.get(NEW + iso(story.time())).status_code == 403


def test_a_form_without_its_token_changes_nothing(story, guest):
    answer = guest.post("/bookings", csrf=False, **FORM, starts_at=iso(story.time()))

    assert answer.status_code == 400
    assert story.rows(Booking) == []


def test_a_visit_that_costs_nothing_is_booked_without_stripe(story, guest):
    story.run_sql("UPDATE services SET price_minor = 0 WHERE slug = 'see-the-doctor'")
    ref = held_ref(press_hold(guest, story))

    review = words(guest.get(f"/bookings/{ref}/review"))
    answer = guest.post(f"/bookings/{ref}/pay")

    assert "with Stripe" not in review
    assert answer.location == f"/bookings/{ref}"
    assert "You’re booked" in words(guest.get(f"/bookings/{ref}"))
    assert story.transport.calls == []


# -- review -------------------------------------------------------------------------------------


def test_a_hold_is_kept_longer_once_and_the_reason_with_it(story, guest):
    ref = held_ref(press_hold(guest, story))

    first = guest.post(f"/bookings/{ref}/extend", reason="A cough\nfor two weeks")
    longer = guest.get(f"/bookings/{ref}/review")
    again = guest.post(f"/bookings/{ref}/extend", reason="A cough")

    assert first.status_code == again.status_code == 303
    assert "for you until 9:25 am" in words(longer)
    assert "A cough\nfor two weeks" in longer.text
    assert "Keep it 10 minutes longer" not in words(longer)
    assert "kept longer once already" in words(guest.get(f"/bookings/{ref}/review"))


def test_a_hold_that_ran_out_says_so_and_offers_the_time_again(story, guest):
    ref = held_ref(press_hold(guest, story))

    story.wait(minutes=16)
    page = guest.get(f"/bookings/{ref}/review")
    extended = guest.post(f"/bookings/{ref}/extend")
    paid = guest.post(f"/bookings/{ref}/pay")

    assert "was released because no payment arrived. You have not been charged." in words(page)
    assert "It is still free" in words(page)
    assert 'value="guest@example.org"' in page.text
    assert (extended.status_code, paid.status_code) == (409, 409)
    assert story.payments(story.rows(Booking, ref=ref)[0].id) == []


def test_a_hold_that_ran_out_unswept_is_over_too(story, guest, clock):
    ref = held_ref(press_hold(guest, story))

    clock.advance(minutes=16)

    assert "The time was released" in words(guest.get(f"/bookings/{ref}/review"))
    assert guest.post(f"/bookings/{ref}/pay").status_code == 409


@pytest.mark.parametrize("reason", ["x" * 501, "bell\x07"])
def test_a_reason_that_cannot_be_kept_is_shown_again(story, guest, reason):
    ref = held_ref(press_hold(guest, story))

    answer = guest.post(f"/bookings/{ref}/pay", reason=reason)

    assert answer.status_code == 400
    assert "There is a problem" in words(answer)
    assert story.payments(story.rows(Booking, ref=ref)[0].id) == []


def test_only_the_browser_that_holds_it_sees_a_guests_hold(story, guest, app, clock):
    ref = held_ref(press_hold(guest, story))
    stranger, other = Browser(app, now=clock()), Browser(app, OTHER, now=clock())

    assert guest.get(f"/bookings/{ref}").status_code == 200
    assert stranger.get(f"/bookings/{ref}").location == f"/login?next=/bookings/{ref}"
    assert stranger.get("/bookings/222-222").location == "/login?next=/bookings/222-222"
    assert other.get(f"/bookings/{ref}").data == other.get("/bookings/222-222").data
    for path in ("review", "pay", "extend", "check", "cancel"):
        assert other.post(f"/bookings/{ref}/{path}").status_code in {404, 405}
        assert stranger.post(f"/bookings/{ref}/{path}").status_code in {401, 405}
