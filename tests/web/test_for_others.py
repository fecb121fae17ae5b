"""Book for a child or somebody else: who comes, who is written to, what is kept."""

from datetime import date

import pytest

from efoy.models import Booking, Receipt, Visitor
from tests.support.browser import Browser, words
from tests.support.clinic import OTHER, PATIENT
from tests.support.patient import come_back, held_ref, press_hold, press_pay

LIYA = {
    "who": "child",
    "visitor_name": "Liya Bekele",
    "born_day": "3",
    "born_month": "5",
    "born_year": "2019",
    "name": "Almaz Bekele",
}


@pytest.fixture
def almaz(app, clock):
    """The patient, signed in."""
    return Browser(app, PATIENT, now=clock())


@pytest.fixture
def guest(app, clock):
    """A browser nobody signed in with."""
    return Browser(app, now=clock())


def test_a_childs_visit_names_the_child_and_writes_to_the_parent(story, almaz):
    ref = held_ref(press_hold(almaz, story, **LIYA, email="almaz@example.org"))
    press_pay(almaz, ref)
    (row,) = story.rows(Booking, ref=ref)
    story.box.pay(story.payment_of(row.id).checkout_ref, card="4242424242424242")
    come_back(almaz, story, ref)
    story.drain()

    (mail,) = story.mailbox.to("almaz@example.org")
    text = mail.get_body(("plain",)).get_content()
    (receipt,) = story.rows(Receipt)
    assert (row.visitor_name, row.visitor_born_on) == ("Liya Bekele", date(2019, 5, 3))
    assert "You’re booked, Almaz." in text
    assert "For Liya Bekele" in text
    assert "Liya" not in mail["Subject"]
    assert receipt.content["patient_name"] == "Liya Bekele"
    assert receipt.content["booker_name"] == "Almaz Bekele"
    page = words(almaz.get(f"/bookings/{ref}/receipt"))
    assert "Almaz Bekele For Liya Bekele" in page


def test_whom_one_booked_for_is_offered_next_time(story, almaz, app, clock):
    press_hold(almaz, story, **LIYA)
    (kept,) = story.rows(Visitor)
    form = almaz.get(
        "/bookings/new?doctor=hana-tesfaye&service=see-the-doctor&starts_at=2026-11-25T15:00:00Z"
    )

    again = press_hold(almaz, story, 26, who=kept.id, token="another-token")
    stranger = Browser(app, OTHER, now=clock())
    foreign = press_hold(stranger, story, 28, who=kept.id, token="a-third-token")

    assert "Liya Bekele" in words(form)
    assert story.rows(Booking, ref=held_ref(again))[0].visitor_name == "Liya Bekele"
    assert foreign.status_code == 400
    assert len(story.rows(Visitor)) == 1


def test_two_children_may_be_seen_at_the_same_time(story, almaz):
    first = press_hold(almaz, story, **LIYA)
    second = press_hold(
        almaz,
        story,
        doctor="samuel-mwangi",
        token="another-token",
        **(LIYA | {"visitor_name": "Noah Bekele"}),
    )
    twice = press_hold(
        almaz, story, doctor="samuel-mwangi", service="short-visit", token="a-third", **LIYA
    )

    assert first.status_code == second.status_code == 303
    assert twice.status_code == 409


@pytest.mark.parametrize(
    "born",
    [
        {"born_day": "31", "born_month": "2"},
        {"born_year": "2031"},
        {"born_year": "1820"},
        {"born_day": ""},
        {"born_day": "٣"},
        {"born_month": "-5"},
        {"born_year": "99999"},
    ],
)
def test_a_date_of_birth_that_is_none_is_asked_for_again(story, guest, born):
    answer = press_hold(guest, story, **(LIYA | born))

    assert answer.status_code == 400
    assert "Enter the date of birth, like 3 5 2019" in words(answer)
    assert 'value="Liya Bekele"' in answer.text
    assert story.rows(Booking) == []


def test_a_guest_may_book_for_a_child_and_nothing_is_kept(story, guest):
    ref = held_ref(press_hold(guest, story, **LIYA))

    assert story.rows(Booking, ref=ref)[0].booker_name == "Almaz Bekele"
    assert story.rows(Visitor) == []


def test_people_are_added_and_taken_off_the_account(story, almaz, app, clock):
    almaz.post("/account/people", **LIYA)
    (kept,) = story.rows(Visitor)
    Browser(app, OTHER, now=clock()).post(f"/account/people/{kept.id}/forget")
    assert "Liya Bekele" in words(almaz.get("/account"))

    almaz.post(f"/account/people/{kept.id}/forget")

    assert story.rows(Visitor) == []
    assert "Nobody yet." in words(almaz.get("/account"))


def test_a_person_without_a_birthday_is_not_kept(story, almaz):
    answer = almaz.post("/account/people", who="child", visitor_name="Liya")

    assert answer.status_code == 400
    assert "Enter the date of birth" in words(answer)


def test_wishes_are_kept(story, almaz):
    from efoy.models import User

    almaz.post("/account/wishes", locale="en")
    assert story.rows(User, id=PATIENT)[0].reminders is False
    almaz.post("/account/wishes", locale="en", reminders="y")
    assert story.rows(User, id=PATIENT)[0].reminders is True
    assert almaz.post("/account/wishes", locale="tlh").status_code == 400
