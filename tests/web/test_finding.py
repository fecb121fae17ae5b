"""Find my booking: one answer whatever is typed; guests see only what they may."""

import pytest

from efoy.models import OutboxMessage
from tests.support.account import PASSWORD, Visitor, link_in, mail_goes_out
from tests.support.browser import Browser, words
from tests.support.patient import held_ref, press_hold


@pytest.fixture
def guest(app, clock):
    """A browser nobody signed in with."""
    return Browser(app, now=clock())


@pytest.fixture
def booking(story):
    """A guest's paid visit, as it stands."""
    return story.booking(story.booked(email="guest@example.org", browser_hash="elsewhere"))


def ask(browser, ref, email):
    return browser.post("/find", ref=ref, email=email)


def test_the_answer_is_the_same_to_the_byte_whether_or_not_it_matches(story, guest, booking):
    right = ask(guest, booking.ref, "Guest@example.org")
    for ref, email in (
        (booking.ref, "other@example.org"),
        ("222-222", "guest@example.org"),
        ("222-222", "nobody@example.org"),
    ):
        wrong = ask(guest, ref, email)
        assert (wrong.status_code, wrong.location, wrong.data) == (
            right.status_code,
            right.location,
            right.data,
        )

    assert "If that matches a booking, a link is on its way." in words(guest.get("/find/sent"))
    assert len(story.rows(OutboxMessage, kind="find_booking")) == 1


def test_each_question_writes_the_same_down(story, guest, booking):
    from efoy.models import AuditEntry

    before = len(story.rows(AuditEntry))
    ask(guest, booking.ref, "guest@example.org")
    known = story.rows(AuditEntry)[before:]
    ask(guest, "222-222", "guest@example.org")
    unknown = story.rows(AuditEntry)[before + 1 :]

    assert [(row.object, row.event) for row in known] == [("user", "ask_booking")]
    assert [(row.object, row.event) for row in unknown] == [("user", "ask_booking")]
    assert known[0].object_id == unknown[0].object_id
    assert known[0].object_id.startswith("unknown:")


def test_the_mailed_link_opens_that_one_booking(story, app, guest, booking):
    other = story.booking(
        story.booked(story.time(26), email="guest@example.org", browser_hash="elsewhere")
    )
    mail_goes_out(app)
    story.mailbox.clear()  # of the confirmations, which have links too
    ask(guest, booking.ref.lower().replace("-", " "), "guest@example.org")
    path = link_in(app, story.mailbox, "guest@example.org", "/bookings/")

    guest.get(path)

    assert guest.get(f"/bookings/{booking.ref}").status_code == 200
    assert guest.get(f"/bookings/{other.ref}").status_code == 303
    assert guest.get("/bookings").location.startswith("/login")


def test_one_address_is_not_flooded(story, guest, booking):
    for _ in range(6):
        assert ask(guest, booking.ref, "guest@example.org").status_code == 303

    assert len(story.rows(OutboxMessage, kind="find_booking")) == 3


@pytest.mark.parametrize("ref", ["", "x", "0O1-1IL", "7KM-4PXX", "'; DROP"])
def test_what_is_no_reference_is_said_at_once(guest, ref):
    answer = ask(guest, ref, "guest@example.org")

    assert answer.status_code == 400
    assert "Enter the reference, like 7KM-4PX" in words(answer)


def test_a_guests_history_needs_the_confirmed_address(story, app, clock, guest):
    # Given a guest's hold, and somebody who registers with that address
    ref = held_ref(press_hold(guest, story))
    taker = Visitor(app, now=clock())
    taker.post(
        "/register",
        name="Guest Visitor",
        email="guest@example.org",
        phone="240 555 0117",
        password=PASSWORD,
    )

    # Then nothing of it is theirs before the link in the mail is opened
    assert taker.post("/login", email="guest@example.org", password=PASSWORD).status_code == 403
    assert taker.get("/bookings").location.startswith("/login")
    assert taker.get(f"/bookings/{ref}").status_code == 303

    link = link_in(app, story.mailbox, "guest@example.org", "/confirm/")
    taker.post(link, password=PASSWORD)
    assert ref in taker.get("/bookings").text
