"""Does a booking show itself to its owner and the desk, and to nobody else?"""

from __future__ import annotations

import pytest

from tests.support.browser import Browser
from tests.support.clinic import ADMIN, DESK, DOCTOR, OTHER
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


def test_a_return_that_is_nobodys_shows_nothing_and_asks_nobody(story, guest):
    for session_id in (
        "",
        "cs_test_unknown",
        "cs_live_unknown",
        "{CHECKOUT_SESSION_ID}",
        "../v1/refunds",
        "cs_test_" + "a" * 5000,
        "cs_test_a%0d%0a",
        "cs_test_ä",
    ):
        assert guest.get(f"/pay/return?session_id={session_id}").status_code in {400, 404}
        assert guest.get(f"/pay/back?payment={session_id}").status_code in {400, 404}
    assert story.transport.calls == []


def test_another_persons_return_is_the_same_as_none(story, guest, ref, app, clock):
    press_pay(guest, ref)
    payment = attempt(story, ref)
    asked = len(story.transport.calls)

    for who in (None, OTHER, DOCTOR, ADMIN):
        stranger = Browser(app, who, now=clock())
        theirs = stranger.get(f"/pay/return?session_id={payment.checkout_ref}")
        none = stranger.get("/pay/return?session_id=cs_test_none")
        back = stranger.get(f"/pay/back?payment={payment.id}")
        assert theirs.data == none.data == back.data
        assert theirs.status_code == 404
        assert ref not in theirs.text
    assert len(story.transport.calls) == asked


@pytest.mark.parametrize(
    ("who", "statuses"),
    [
        (OTHER, (404, 404, 404, 404, 404)),
        (DOCTOR, (303, 403, 403, 404, 404)),
        (DESK, (200, 403, 303, 200, 200)),
        (ADMIN, (200, 403, 303, 200, 200)),
        (None, (303, 401, 401, 303, 303)),
    ],
)
def test_each_role_gets_what_the_matrix_says(story, guest, ref, app, clock, who, statuses):
    press_pay(guest, ref)
    story.box.pay(attempt(story, ref).checkout_ref)
    come_back(guest, story, ref)
    other = Browser(app, who, now=clock())

    got = (
        other.get(f"/bookings/{ref}"),
        other.post(f"/bookings/{ref}/pay"),
        other.post(f"/bookings/{ref}/cancel"),
        other.get(f"/bookings/{ref}/receipt"),
        other.get(f"/bookings/{ref}/calendar.ics"),
    )

    assert tuple(each.status_code for each in got) == statuses
    assert status(story, ref) == "confirmed"


def test_a_mailed_key_opens_the_booking_in_another_browser(story, guest, ref, app, clock):
    with app.test_request_context():
        from efoy.wiring import seal

        key = seal().sign("booking", ref)
    phone = Browser(app, now=clock())

    opened = phone.get(f"/bookings/{ref}?key={key}")
    forged = Browser(app, now=clock()).get(f"/bookings/{ref}?key={key[:-2]}xx")

    assert opened.location == forged.location == f"/bookings/{ref}"
    assert phone.get(f"/bookings/{ref}").status_code == 200
    assert phone.get("/bookings/222-222").status_code == 303
