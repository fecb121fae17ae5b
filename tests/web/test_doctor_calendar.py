"""Does a doctor's calendar hold times and letters for whoever has its address, and no more?"""

import re
from datetime import timedelta

import pytest
from icalendar import Calendar

from efoy.models import CalendarFeed
from efoy.queries.calendar_feeds import feed_of
from efoy.services.calendar_feeds import feed_hash
from tests.support.browser import Browser, words
from tests.support.clinic import COLLEAGUE, DOCTOR

PAGE = "/doctor/calendar"


@pytest.fixture
def hana(app, clock):
    """The doctor whose calendar it is."""
    return Browser(app, DOCTOR, now=clock())


def make(browser) -> str:
    """A new address, as a path."""
    browser.post(PAGE, do="new")
    found = re.search(
        r'value="https?://[^/"]+(/doctor/calendar/[\w-]{43}\.ics)"', browser.get(PAGE).text
    )
    return found[1]


def events(client, path):
    """What a calendar program reads there."""
    answer = client.get(path)
    assert answer.status_code == 200
    return list(Calendar.from_ical(answer.data).walk("VEVENT"))


def test_the_address_is_shown_once_and_kept_as_a_hash(story, hana):
    path = make(hana)
    token = path.rsplit("/", 1)[1].removesuffix(".ics")

    (feed,) = story.rows(CalendarFeed)
    assert (feed.doctor_id, feed.token_hash) == (1, feed_hash(token))
    assert token not in hana.get(PAGE).text
    assert "It is on" in words(hana.get(PAGE))


def test_the_feed_holds_booked_visits_of_this_doctor_and_letters(story, hana, client):
    at = story.time(28)
    story.booked(at)
    story.booked(at, email="b@c.org", name="Secret Holder", doctor="samuel-mwangi")
    story.hold(story.time(29), email="c@d.org", name="Hanna Hold")

    (event,) = events(client, make(hana))

    assert event["SUMMARY"] == "Appointment AB"
    assert event["DTSTART"].dt == at
    assert event["DTEND"].dt == at + timedelta(minutes=20)
    assert set(event) == {
        "UID",
        "SEQUENCE",
        "DTSTAMP",
        "DTSTART",
        "DTEND",
        "SUMMARY",
        "CLASS",
        "TRANSP",
    }


def test_no_name_no_reference_and_no_health_word_is_in_it(story, hana, client):
    booking_id = story.booked(story.time(28))
    story.run_sql("UPDATE bookings SET reason = 'cough for two weeks'")
    ref = story.booking(booking_id).ref

    body = client.get(make(hana)).text

    for word in ("Almaz", "Bekele", ref, booking_id, "cough", "See the doctor", "@example.org"):
        assert word not in body


def test_names_of_events_stay_and_cancelled_ones_go(story, hana, client):
    first, second = story.booked(story.time(28)), story.booked(story.time(29), email="b@c.org")
    path = make(hana)

    before = [str(one["UID"]) for one in events(client, path)]
    story.cancel(second)
    after = [str(one["UID"]) for one in events(client, path)]

    assert len(set(before)) == 2
    assert after == before[:1]
    assert story.booking(first).status == "confirmed"


def test_times_are_instants_so_that_a_repeated_hour_is_told_apart(story, hana, client):
    story.booked(story.time(28))

    (event,) = events(client, make(hana))

    assert event["DTSTART"].to_ical().endswith(b"Z")
    assert "TZID" not in event["DTSTART"].params


def test_no_cookie_is_read_or_set_and_nothing_is_kept_by_others(story, hana, client):
    path = make(hana)

    answer, wrong = client.get(path), client.get("/doctor/calendar/x.ics")

    assert answer.headers["Cache-Control"] == "private, max-age=600"
    assert answer.mimetype == "text/calendar"
    assert "Set-Cookie" not in answer.headers
    assert "Set-Cookie" not in wrong.headers


def test_a_new_address_ends_the_old_one_and_switching_off_ends_both(story, hana, client):
    old = make(hana)
    new = make(hana)
    assert (client.get(old).status_code, client.get(new).status_code) == (404, 200)

    for _ in range(2):
        assert hana.post(PAGE, do="off").status_code == 303

    assert client.get(new).status_code == 404
    assert story.rows(CalendarFeed) == []


def test_a_wrong_address_is_the_404_of_everything_that_is_not_there(story, hana, client):
    path = make(hana)
    named = {"X-Request-ID": "the-same-knock"}

    wrong = [path[:-5] + "A.ics", "/doctor/calendar/.ics", "/doctor/calendar/%00.ics", PAGE + "/x"]
    bodies = {client.get(one, headers=named).data for one in (wrong[0], wrong[3])}

    assert all(client.get(one).status_code in {400, 404} for one in wrong)
    assert len(bodies) == 1


def test_a_doctor_who_may_no_longer_sign_in_has_no_calendar(story, hana, client, clock):
    path = make(hana)

    story.run_sql("UPDATE users SET disabled_at = :now WHERE id = :id", now=clock(), id=DOCTOR)

    assert client.get(path).status_code == 404


def test_one_doctors_address_opens_no_other_doctors_visits(story, hana, clock, client):
    story.booked(story.time(28))
    samuel = Browser(story.app, COLLEAGUE, now=clock())

    his = make(samuel)
    token = his.rsplit("/", 1)[1].removesuffix(".ics")

    assert events(client, his) == []
    assert feed_of(feed_hash(token), now=clock()).doctor_id == 2
    samuel.post(PAGE, do="off")
    assert len(events(client, make(hana))) == 1


def test_an_unknown_button_is_refused(hana):
    assert hana.post(PAGE, do="share").status_code == 422
