"""Can hours be edited with a plain form, by whom they concern, and is nothing typed ever lost?"""

import re

import pytest

from efoy.models import Doctor, ExtraHours, OpeningHours
from tests.support.browser import Browser, hidden, words
from tests.support.clinic import ADMIN, COLLEAGUE, DESK, DOCTOR

PAGE = "/doctor/hours"
DESKS = "/admin/doctors/hana-tesfaye/hours"


@pytest.fixture
def hana(app, clock):
    """The doctor whose hours they are."""
    return Browser(app, DOCTOR, now=clock())


def row(number, day=0, start="09:00", end="12:00", **more):
    """The fields of one row as the page sends them."""
    given = {"day": day, "start": start, "end": end, "pause_start": "", "pause_end": ""}
    given |= {"since": "", "until": "", "place": ""} | more
    return {f"{name}-{number}": str(value) for name, value in given.items()}


def saved(story, doctor=1):
    """(weekday, from, to) of the doctor's hours."""
    rows = story.rows(OpeningHours, doctor_id=doctor)
    return sorted((one.weekday, one.from_minute, one.to_minute) for one in rows)


def typed(page):
    """What stands in the fields for times of a page, in order."""
    return re.findall(r'type="time" value="([^"]*)"', page.text)


def test_the_page_shows_the_hours_and_what_they_open(story, hana):
    page = hana.get(PAGE)

    assert typed(page)[:2] == ["09:00", "12:00"]
    assert "This opens 147 times a week" in words(page)
    assert "Full health check: 63; Short visit: 196" in words(page)


def test_the_next_change_of_the_clock_is_named(story, hana):
    page = words(hana.get(PAGE))

    assert "On Sunday 14 March the clocks go forward: 2:00 am to 3:00 am is skipped" in page


def test_the_hour_that_comes_twice_is_named_and_its_times_counted(story, hana, clock):
    clock.advance(days=-120)
    late = Browser(story.app, DOCTOR, now=clock())
    nights = row(0, day=6, start="01:00", end="02:00")

    page = words(late.post(PAGE, version=0, do="preview", **nights))

    assert "On Sunday 1 November the clocks go back: 1:00 am to 2:00 am comes twice" in page
    assert "This opens 3 times a week" in page
    assert "6 times" in page


@pytest.mark.parametrize(
    ("button", "more", "wanted"),
    [
        ("add", {}, ["09:00", "12:00", "", "", "", "", "", ""]),
        ("remove-0", {}, []),
        ("copy", {"copy_from": "0", "copy_to-1": "on"}, ["09:00", "12:00", "", ""] * 2),
        ("preview", {}, ["09:00", "12:00", "", ""]),
        ("nonsense", {}, ["09:00", "12:00", "", ""]),
    ],
)
def test_buttons_change_the_rows_and_save_nothing(story, hana, button, more, wanted):
    before = saved(story)

    answer = hana.post(PAGE, version=0, do=button, **row(0), **more)

    assert (answer.status_code, typed(answer)) == (200, wanted)
    assert saved(story) == before


def test_copying_replaces_what_was_there_and_leaves_other_days(hana):
    rows = row(0) | row(1, day=1, start="10:00") | row(2, day=2, start="11:00")

    answer = hana.post(PAGE, version=0, do="copy", copy_from="0", **{"copy_to-1": "on"}, **rows)

    assert typed(answer)[::4] == ["09:00", "09:00", "11:00"]


def test_saving_changes_the_hours_and_says_what_they_open(story, hana):
    rows = row(0, pause_start="10:00", pause_end="10:20") | row(1, day=4, end="10:00")
    rows |= {"service-1-1": "on", "place-1": "Lakeside", "since-1": "2026-12-01"}

    answer = hana.post(PAGE, version=0, do="save", **rows)

    assert (answer.status_code, answer.location) == (303, PAGE)
    assert "Saved. This opens 11 times a week." in words(hana.get(PAGE))
    assert saved(story) == [(0, 540, 720), (4, 540, 600)]
    friday = story.rows(OpeningHours, doctor_id=1, weekday=4)[0]
    assert (friday.place, friday.service_ids, str(friday.valid_from)) == (
        "Lakeside",
        "1",
        "2026-12-01",
    )


def test_every_service_ticked_is_the_same_as_none(story, hana):
    ticks = {f"service-{n}-0": "on" for n in (1, 2, 3)}

    hana.post(PAGE, version=0, do="save", **row(0), **ticks)

    assert story.rows(OpeningHours, doctor_id=1)[0].service_ids == ""


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"start": "soon"}, "Row 1, Monday: Enter a time, like 9:20"),
        ({"start": "25:00"}, "Enter a time"),
        ({"end": ""}, "Enter a time"),
        ({"end": "08:00"}, "The end must come after the start"),
        ({"start": "09:01"}, "Use full five minutes"),
        ({"pause_start": "10:00"}, "A break needs a beginning and an end"),
        ({"pause_start": "08:00", "pause_end": "10:00"}, "The break must lie inside the hours"),
        ({"since": "tomorrow"}, "Enter a day"),
        ({"since": "2026-12-02", "until": "2026-12-01"}, "The last day must not come before"),
        ({"place": "x" * 121}, "Use 120 characters at most"),
        ({"place": "a\x07b"}, "characters that cannot be printed"),
    ],
)
def test_what_cannot_be_is_said_beside_what_was_typed(story, hana, change, says):
    before = saved(story)
    fields = row(0) | {f"{name}-0": value for name, value in change.items()}

    answer = hana.post(PAGE, version=0, do="save", **fields)

    assert answer.status_code == 422
    assert says in words(answer)
    assert all(value in answer.text for value in change.values() if value.isprintable())
    assert saved(story) == before


def test_overlapping_rows_are_named(hana):
    answer = hana.post(PAGE, version=0, do="save", **row(0), **row(1, start="11:00", end="13:00"))

    assert answer.status_code == 422
    assert "Row 2, Monday: These hours overlap with those of row 1" in words(answer)


@pytest.mark.parametrize("start", ["9:00", "9.00", "9:00 am", "09:00:00"])
def test_a_time_may_be_written_as_people_write_it(story, hana, start):
    hana.post(PAGE, version=0, do="save", **row(0, start=start, end="00:00"))

    assert saved(story) == [(0, 540, 1440)]


def test_booked_people_are_listed_first_and_kept_by_a_second_press(story, hana):
    booking_id = story.booked(story.time(30))
    held = story.hold(story.time(31), email="secret@example.org", name="Secret Holder")
    fields = row(0) | row(1, day=1)

    asked = hana.post(PAGE, version=0, do="save", **fields)
    told = hana.post(PAGE, version=0, do="keep", kept=hidden(asked, "kept"), **fields)

    assert asked.status_code == 409
    page = words(asked)
    assert "2 people are booked in those hours. Move them first, or keep those 2." in page
    assert page.index("Almaz Bekele") < page.index("Weekly hours")
    assert "Secret Holder" not in page
    assert "Being booked" in page
    assert typed(asked)[:2] == ["09:00", "12:00"]
    assert (told.status_code, len(saved(story))) == (303, 2)
    assert story.booking(booking_id).status == "confirmed"
    assert story.booking(held.id).status == "held"
    assert "2 booked visits lie outside these hours" in words(hana.get(PAGE))


def test_a_visit_paid_meanwhile_is_not_kept_by_an_older_list(story, hana):
    story.booked(story.time(30))
    fields = row(0) | row(1, day=1)
    asked = hana.post(PAGE, version=0, do="save", **fields)
    story.booked(story.time(31), email="late@example.org", name="Late Visitor")

    again = hana.post(PAGE, version=0, do="keep", kept=hidden(asked, "kept"), **fields)

    assert again.status_code == 409
    assert "Late Visitor" in words(again)
    assert len(saved(story)) == 14


def test_the_desk_moves_them_and_the_doctor_opens_the_visit(story, hana, clock):
    ref = story.booking(story.booked(story.time(30))).ref
    desk = Browser(story.app, DESK, now=clock())

    hers = hana.post(PAGE, version=0, do="save", **row(0, day=1)).text
    desks = desk.post(DESKS, version=0, do="save", **row(0, day=1)).text

    assert f'href="/doctor/visits/{ref}"' in hers
    assert f'href="/bookings/{ref}/move"' in desks


@pytest.mark.parametrize("who", [DESK, ADMIN])
def test_desk_and_admin_edit_a_doctors_hours(story, clock, who):
    browser = Browser(story.app, who, now=clock())

    shown = browser.get(DESKS)
    answer = browser.post(DESKS, version=hidden(shown, "version"), do="save", **row(0))

    assert "Hours of Dr Hana Tesfaye" in words(shown)
    assert (answer.status_code, answer.location) == (303, DESKS)
    assert (saved(story), len(saved(story, doctor=2))) == ([(0, 540, 720)], 14)


def test_the_later_of_two_editors_sees_both_and_decides(story, hana, clock):
    desk = Browser(story.app, DESK, now=clock())
    desk.post(DESKS, version=0, do="save", **row(0, start="08:00"))

    late = hana.post(PAGE, version=0, do="save", **row(0, start="10:00"))
    again = hana.post(PAGE, version=hidden(late, "version"), do="save", **row(0, start="10:00"))

    assert late.status_code == 409
    assert "Somebody else changed these hours" in words(late)
    assert "Monday, 08:00 – 12:00" in words(late)
    assert typed(late)[:2] == ["10:00", "12:00"]
    assert (again.status_code, saved(story)) == (303, [(0, 600, 720)])


def test_no_name_in_a_form_reaches_another_doctors_hours(story, clock):
    samuel = Browser(story.app, COLLEAGUE, now=clock())
    before = saved(story, doctor=1)

    samuel.post(f"{PAGE}?doctor=hana-tesfaye", doctor="1", version=0, do="save", **row(0))

    assert saved(story, doctor=1) == before
    assert saved(story, doctor=2) == [(0, 540, 720)]


@pytest.mark.parametrize("version", ["", "x", "-1", "9" * 30, "²"])
def test_a_version_that_is_none_is_refused(hana, version):
    assert hana.post(PAGE, version=version, do="save", **row(0)).status_code == 422


def test_a_doctor_without_hours_cannot_be_booked_and_can_save_none(story, hana):
    answer = hana.post(PAGE, version=0, do="save")

    assert answer.status_code == 303
    assert saved(story) == []
    assert hana.get(PAGE).status_code == 200


# -- extra hours -----------------------------------------------------------------------------

EXTRA = "/doctor/extra-hours"
SATURDAY = {"on": "2026-11-28", "start": "18:00", "end": "19:00", "place": "Lakeside"}


def test_extra_hours_are_added_shown_and_taken_away(story, hana):
    added = hana.post(EXTRA, **SATURDAY, **{"service-1": "on"})
    page = words(hana.get(EXTRA))
    row_id = story.rows(ExtraHours)[0].id
    removed = hana.post(f"{EXTRA}/{row_id}/remove")

    assert (added.status_code, removed.status_code) == (303, 303)
    assert "Sat 28 Nov 6:00 pm – 7:00 pm Lakeside See the doctor" in page.replace("\xa0", " ")
    assert story.rows(ExtraHours) == []
    assert story.rows(Doctor, id=1)[0].hours_version == 2


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"on": ""}, "Enter a day"),
        ({"on": "2026-11-20"}, "Choose a time that is still to come"),
        ({"start": "noon"}, "full five minutes"),
        ({"end": "17:00"}, "The end must come after the start"),
        ({"on": "2027-03-14", "start": "02:10", "end": "02:50"}, "The clock skips this time"),
        ({"place": "x" * 121}, "Use 120 characters at most"),
    ],
)
def test_extra_hours_that_cannot_be_are_said_beside_what_was_typed(story, hana, change, says):
    fields = SATURDAY | change

    answer = hana.post(EXTRA, **fields)

    assert answer.status_code == 422
    assert says in words(answer)
    assert all(f'value="{value}"' in answer.text for value in fields.values() if value)
    assert story.rows(ExtraHours) == []


def test_extra_hours_of_another_doctor_are_not_found(story, clock, hana):
    hana.post(EXTRA, **SATURDAY)
    row_id = story.rows(ExtraHours)[0].id
    samuel = Browser(story.app, COLLEAGUE, now=clock())

    foreign = samuel.post(f"{EXTRA}/{row_id}/remove")
    desks = Browser(story.app, DESK, now=clock())
    wrong = desks.post(f"/admin/doctors/samuel-mwangi/extra-hours/{row_id}/remove")

    assert (foreign.status_code, wrong.status_code) == (404, 404)
    assert samuel.post(f"{EXTRA}/{'9' * 30}/remove").status_code == 404
    assert len(story.rows(ExtraHours)) == 1


def test_extra_hours_with_a_visit_in_them_ask_first(story, hana, clock):
    hana.post(EXTRA, **SATURDAY)
    row_id = story.rows(ExtraHours)[0].id
    booking_id = story.booked(story.time(24 * 5 + 9))

    asked = hana.post(f"{EXTRA}/{row_id}/remove")
    done = hana.post(f"{EXTRA}/{row_id}/remove", kept=hidden(asked, "kept"))

    assert asked.status_code == 409
    assert "1 person is booked in those hours. Move them first, or keep this one." in words(asked)
    assert (done.status_code, story.rows(ExtraHours)) == (303, [])
    assert story.booking(booking_id).status == "confirmed"


def test_patients_read_where_the_times_of_a_day_are_before_they_choose(story, hana, client):
    fields = row(0, day=1) | row(1, day=1, start="13:00", end="14:00", place="Lakeside")
    hana.post(PAGE, version=0, do="save", **fields)

    day = words(client.get("/doctors/hana-tesfaye?service=see-the-doctor&day=2026-11-24"))
    start = "2026-11-24T18:00:00Z"
    choice = f"/bookings/new?doctor=hana-tesfaye&service=see-the-doctor&starts_at={start}"

    assert "1:00 pm to 1:40 pm: Lakeside" in day.replace("\xa0", " ")
    assert client.get(choice).text.count("Lakeside") >= 1
