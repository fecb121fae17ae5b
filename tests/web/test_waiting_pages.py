"""The waiting list in a browser: get in line, follow the mail, say no, leave."""

import re

import pytest

from efoy.models import ExtraHours, WaitlistEntry, WaitlistOffer
from efoy.models.base import transaction
from tests.support.browser import Browser, words
from tests.support.clinic import DESK, OTHER, PATIENT

PATH = "/doctors/hana-tesfaye/waiting"
FORM = {
    "service": "see-the-doctor",
    "when": "any",
    "part": "any",
    "name": "Guest Visitor",
    "email": "guest@example.org",
    "phone": "240 555 0117",
    "who": "me",
}


@pytest.fixture
def full(story):
    """Dr Hana has one visit on Tuesday, and it is taken."""
    story.run_sql("DELETE FROM opening_hours WHERE doctor_id = 1")
    with transaction("seed") as session:
        session.add(
            ExtraHours(doctor_id=1, starts_at=story.time(25), ends_at=story.time(25 + 1 / 3))
        )
    return story.booked(story.time(25), email="first@example.org", browser_hash="first")


@pytest.fixture
def guest(app, clock):
    """A browser nobody signed in with."""
    return Browser(app, now=clock())


def link_in(story, start, address="guest@example.org"):
    """The newest link in a mail whose path begins like that."""
    for message in reversed(story.mailbox.to(address)):
        text = message.get_body(("plain",)).get_content()
        found = re.search(rf"http://127\.0\.0\.1:8000({start}\S*)", text)
        if found:
            return found[1]
    raise AssertionError(f"no link to {start} in {story.mailbox.subjects}")


def test_a_full_doctor_shows_the_way_to_the_list(story, full, guest):
    board, page = guest.get("/doctors"), guest.get("/doctors/hana-tesfaye?service=see-the-doctor")

    assert "Tell me when one opens" in words(board)
    assert "No free times this week." in words(page)
    assert f"{PATH}?service=see-the-doctor" in page.text
    form = guest.get(f"{PATH}?service=see-the-doctor")
    assert "Tue 24 Nov Full" in words(form)


def test_a_guest_waits_is_told_and_pays_by_the_mailed_link(story, full, guest, app, clock):
    joined = guest.post(PATH, **FORM)
    assert joined.status_code == 303
    assert "You’re on the list" in words(guest.get(joined.location))
    story.cancel(full, by="clinic")
    story.drain()

    elsewhere = Browser(app, now=clock())
    path = link_in(story, "/offers/")
    clean = elsewhere.get(path)
    to_review = elsewhere.get(clean.location)
    review = elsewhere.get(to_review.location)

    assert "key=" not in clean.location
    assert "Pay $45.00 with Stripe" in words(review)
    assert "Keep it 10 minutes longer" not in words(review)
    assert "A time opened" in words(guest.get(joined.location))


def test_declining_by_the_mailed_link_asks_first(story, full, guest, app, clock):
    guest.post(PATH, **FORM)
    story.cancel(full, by="clinic")
    story.drain()
    elsewhere = Browser(app, now=clock())
    asked = elsewhere.get(elsewhere.get(link_in(story, "/offers/[a-z0-9]+/decline")).location)
    assert "Let Tue 24 Nov" in words(asked)
    assert [row.status for row in story.rows(WaitlistOffer)] == ["open"]

    (offer,) = story.rows(WaitlistOffer)
    first = elsewhere.post(f"/offers/{offer.id}/decline")
    again = elsewhere.post(f"/offers/{offer.id}/decline")

    assert first.location == again.location == f"/waiting/{offer.entry_id}"
    assert [row.status for row in story.rows(WaitlistOffer)] == ["declined"]
    over = words(elsewhere.get(f"/offers/{offer.id}"))
    assert "That time is still free" in over
    assert "You’re still on the list." in over


def test_too_late_says_that_someone_was_first(story, full, guest, app, clock):
    guest.post(PATH, **FORM)
    story.cancel(full, by="clinic")
    story.drain()
    path = link_in(story, "/offers/")
    story.wait(minutes=20)
    story.hold(story.time(25), email="other@example.org", browser_hash="other")

    elsewhere = Browser(app, now=clock())
    page = words(elsewhere.get(elsewhere.get(path).location))

    assert "Someone took it first." in page
    assert "You’re still on the list." in page


def test_leaving_is_one_press_and_twice_is_once(story, full, guest):
    place = guest.post(PATH, **FORM).location

    for _ in range(2):
        assert guest.post(f"{place}/leave").status_code == 303

    assert "You left the list" in words(guest.get(place))
    assert [row.status for row in story.rows(WaitlistEntry)] == ["left"]


@pytest.mark.parametrize(
    ("typed", "complaint"),
    [
        ({"when": "chosen"}, "Choose at least one day"),
        ({"when": "chosen", "days": "2031-01-01"}, "Choose days that can still be booked"),
        ({"when": "sometimes"}, "Choose days"),
        ({"part": "night"}, "Choose a part of the day"),
        ({"email": "nobody"}, "Enter an email address"),
        ({"who": "child"}, "Enter the name of who is coming"),
        ({"who": "child", "visitor_name": "Liya"}, "Enter the date of birth"),
        ({"who": "stranger-than-that"}, "Choose who is coming"),
    ],
)
def test_bad_input_is_named_and_nothing_typed_is_lost(story, full, guest, typed, complaint):
    answer = guest.post(PATH, **(FORM | typed))

    assert answer.status_code == 400
    assert complaint in words(answer)
    assert 'value="Guest Visitor"' in answer.text
    assert story.rows(WaitlistEntry) == []


def test_a_place_and_an_offer_are_their_owners_alone(story, full, app, clock, guest):
    mine = Browser(app, PATIENT, now=clock())
    place = mine.post(PATH, **FORM).location
    story.cancel(full, by="clinic")
    story.drain()
    (offer,) = story.rows(WaitlistOffer)
    missing = guest.get("/waiting/no-such-place")

    for stranger in (guest, Browser(app, OTHER, now=clock())):
        for path in (place, f"/offers/{offer.id}", f"/offers/{offer.id}/decline"):
            assert stranger.get(path).status_code == 404
            assert stranger.get(f"{path}?key=made-up").location == path
        assert stranger.post(f"{place}/leave").status_code == 404
    assert guest.get(place).data == missing.data
    assert Browser(app, DESK, now=clock()).get(place).status_code == 403
    assert mine.get(place).status_code == 200


def test_only_the_chosen_days_are_kept(story, full, guest):
    guest.post(PATH, **(FORM | {"when": "chosen", "days": ["2026-11-24", "2026-11-24"]}))

    assert [row.days for row in story.rows(WaitlistEntry)] == [["2026-11-24"]]
