"""What do doctor, desk, admin and patient see and do when a time is closed?"""

from __future__ import annotations

import re

import pytest

from efoy.domain.closing import Choice
from efoy.models import DayClosing, DayClosingItem, TimeOff
from tests.support.away import close, item_of, open_clashes
from tests.support.browser import Browser, hidden, words
from tests.support.clinic import ADMIN, COLLEAGUE, DESK, DOCTOR, PATIENT

pytestmark = pytest.mark.story
TUESDAY = {"from_day": "2026-11-24", "from_time": "", "to_day": "", "to_time": ""}
ASKED = "?from_day=2026-11-24&reason=Ill"


def person(story, who):
    """Somebody at a browser."""
    return Browser(story.app, who, now=story.clock())


def test_a_doctor_takes_a_free_day_off_and_nobody_can_book_it(story):
    doctor = person(story, DOCTOR)

    page = doctor.get(f"/doctor/time-off/new{ASKED}")
    assert "Nothing is booked then. Save?" in words(page)
    answer = doctor.post("/doctor/time-off", **TUESDAY, reason="Course")

    assert (answer.status_code, answer.location) == (303, "/doctor/time-off")
    shown = words(doctor.get("/doctor/time-off"))
    assert "Tuesday 24 November" in shown
    assert "Nothing was booked." in shown
    assert story.rows(TimeOff)[0].reason == "Course"


def test_booked_visits_need_a_choice_each_and_nothing_typed_is_lost(story):
    one, other = story.booked(story.time(25)), story.booked(story.time(26))
    refs = [story.booking(key).ref for key in (one, other)]
    doctor = person(story, DOCTOR)
    page = doctor.get(f"/doctor/time-off/new{ASKED}")
    assert "2 visits are booked then" in words(page)
    assert "$" not in words(page).split("What patients will read")[0]

    refused = doctor.post(
        "/doctor/time-off", **TUESDAY, reason="Ill", **{f"choice-{refs[0]}": "cancel"}
    )

    assert refused.status_code == 409
    assert "Choose what becomes of each visit" in words(refused)
    assert re.search(rf'name="choice-{refs[0]}" value="cancel" required checked', refused.text)
    assert 'value="Ill"' in refused.text
    assert story.rows(TimeOff) == []

    both = {f"choice-{refs[0]}": "cancel", f"choice-{refs[1]}": "move"}
    done = doctor.post("/doctor/time-off", **TUESDAY, reason="Ill", **both)

    assert done.status_code == 303
    story.drain()
    assert story.booking(one).status == "cancelled"
    assert item_of(story, other).status == "offered"
    assert "1 cancelled, 1 asked to move" in words(doctor.get("/doctor/time-off"))


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"from_day": ""}, "Choose a day"),
        ({"from_day": "24/11"}, "Choose a day"),
        ({"to_day": "2026-02-30"}, "Choose a day"),
        ({"from_time": "nine"}, "Enter a time, like 9:00"),
        ({"from_time": "12:00", "to_time": "9:00"}, "The end must come after the beginning"),
        ({"from_day": "2026-11-20"}, "This time is over"),
        ({"to_day": "2028-11-20"}, "Choose a year at most"),
        ({"reason": "x" * 121}, "Use 120 characters at most"),
    ],
)
def test_what_cannot_be_a_time_is_said_at_its_field(story, typed, told):
    desk = person(story, DESK)
    fields = TUESDAY | {"reason": "Ill"} | typed

    for answer in (
        desk.get("/admin/doctors/hana-tesfaye/time-off/new", query_string=fields),
        desk.post("/admin/doctors/hana-tesfaye/time-off", **fields),
        desk.post("/admin/close-day", doctor="hana-tesfaye", **fields),
    ):
        assert answer.status_code == 422
        assert told in words(answer)
        assert "Error:" in answer.text
    assert story.rows(TimeOff) == []


def test_a_day_is_closed_from_the_preview_to_the_last_visit(story):
    visit = story.booked(story.time(25))
    ref = story.booking(visit).ref
    desk = person(story, DESK)
    assert "Close a day" in words(desk.get("/admin/close-day"))

    page = desk.get(f"/admin/close-day/new{ASKED}&doctor=hana-tesfaye&all=cancel")
    shown = words(page)
    assert "1 visit is booked then, $45.00 is paid for them" in shown
    assert "$45.00 goes back" in shown
    assert "We had to cancel Tue 24 Nov, 10:00 am" in page.text.replace("\u00a0", " ")
    assert "Please choose another time" in shown
    assert re.search(rf'name="choice-{ref}" value="cancel" required checked', page.text)

    fields = TUESDAY | {"doctor": "hana-tesfaye", "reason": "Ill", f"choice-{ref}": "cancel"}
    token = hidden(page, "form_token")
    first = desk.post("/admin/close-day", **fields, form_token=token)
    again = desk.post("/admin/close-day", **fields, form_token=token)

    assert first.status_code == again.status_code == 303
    assert first.location == again.location
    assert len(story.rows(DayClosing)) == 1
    running = desk.get(first.location)
    assert "0 of 1 visits are done." in words(running)
    assert running.headers["Refresh"] == "5"
    json = desk.get(f"{first.location}/progress.json").get_json()
    assert json["settled"] is False
    assert json["counts"] == {"waiting": 1}
    story.drain()
    json = desk.get(f"{first.location}/progress.json").get_json()
    assert json["settled"] is True
    assert json["url"] == first.location
    done = desk.get(first.location)
    assert "All is done." in words(done)
    assert "Refresh" not in done.headers
    assert story.booking(visit).cancel_reason == "Ill"


def test_a_visit_handed_to_the_desk_is_decided_from_the_queue(story):
    visit = story.booked(story.time(25))
    ref = story.booking(visit).ref
    close(story, {visit: Choice.DESK})
    story.drain()
    desk = person(story, DESK)
    assert f'href="/admin/clashes/{ref}"' in desk.get("/desk").text

    page = desk.get(f"/admin/clashes/{ref}")
    assert "What becomes of this visit?" in words(page)
    assert "Almaz Bekele" in words(page)
    assert desk.post(f"/admin/clashes/{ref}", choice="nonsense").status_code == 422
    assert desk.post(f"/admin/clashes/{ref}", choice="keep").status_code == 303
    story.drain()

    assert "This visit is settled" in words(desk.get(f"/admin/clashes/{ref}"))
    assert f'href="/admin/clashes/{ref}"' not in desk.get("/desk").text
    assert open_clashes(story) == {}


def test_a_choice_that_failed_is_said_and_tried_again(story):
    visit = story.booked(story.time(25), card="4000000000000259")
    story.box.later(60)
    story.deliver()
    closing = close(story, {visit: Choice.CANCEL})
    story.drain()
    admin = person(story, ADMIN)

    page = words(admin.get(f"/admin/close-day/{closing}"))
    assert "A bank is looking at the payment" in page
    answer = admin.post(f"/admin/close-day/{closing}/retry")

    assert answer.location == f"/admin/close-day/{closing}"
    assert story.rows(DayClosingItem)[0].status == "waiting"


def test_a_patient_who_is_asked_may_take_everything_back(story):
    visit = story.booked(story.time(25))
    ref = story.booking(visit).ref
    patient = person(story, PATIENT)
    assert patient.get(f"/bookings/{ref}/answer").location == f"/bookings/{ref}"
    close(story, {visit: Choice.MOVE})
    story.drain()

    page = words(patient.get(f"/bookings/{ref}/answer"))
    assert "Please choose another time" in page
    assert "Cancel and refund $45.00" in page
    answer = patient.post(f"/bookings/{ref}/answer")
    story.drain()

    assert answer.location == f"/bookings/{ref}"
    assert story.booking(visit).status == "cancelled"
    assert [row.amount_minor for row in story.refunds(visit)] == [4500]


def test_the_link_of_the_mail_opens_the_question_without_signing_in(story):
    visit = story.booked(story.time(25))
    ref = story.booking(visit).ref
    close(story, {visit: Choice.MOVE})
    story.drain()
    mail = story.mailbox.messages[-1]
    text = mail.get_body(("plain",)).get_content()
    path = re.search(r"(/bookings/\S+/answer\?key=\S+)", text)[1]
    stranger = person(story, None)

    assert stranger.get(path).location == f"/bookings/{ref}/answer"
    assert "Please choose another time" in words(stranger.get(f"/bookings/{ref}/answer"))


def test_the_doctor_is_back_early_and_the_page_says_what_stays(story):
    cancelled, offered = story.booked(story.time(25)), story.booked(story.time(26))
    close(story, {cancelled: Choice.CANCEL, offered: Choice.MOVE})
    story.drain()
    [off] = story.rows(TimeOff)
    doctor = person(story, DOCTOR)

    page = words(doctor.get(f"/doctor/time-off/{off.id}"))
    assert "Visits that were cancelled or moved stay so" in page
    assert "get a mail that their visit stands" in page
    answer = doctor.post(f"/doctor/time-off/{off.id}/end")

    assert answer.status_code == 303
    assert "stay cancelled" in words(doctor.get(answer.location))
    assert story.rows(TimeOff) == []


def test_a_time_off_is_changed_with_the_fields_as_they_stand(story):
    doctor = person(story, DOCTOR)
    doctor.post("/doctor/time-off", **TUESDAY, reason="Course")
    [off] = story.rows(TimeOff)
    page = doctor.get(f"/doctor/time-off/{off.id}")
    assert 'value="2026-11-24"' in page.text

    wider = TUESDAY | {"to_day": "2026-11-25", "reason": "Course", "change": str(off.id)}
    assert doctor.get("/doctor/time-off/new", query_string=wider).status_code == 200
    assert doctor.post("/doctor/time-off", **wider).status_code == 303

    [row] = story.rows(TimeOff)
    assert (row.ends_at - row.starts_at).days == 2


def test_another_doctors_time_off_is_not_found(story):
    doctor = person(story, DOCTOR)
    doctor.post("/doctor/time-off", **TUESDAY, reason="Course")
    [off] = story.rows(TimeOff)
    colleague = person(story, COLLEAGUE)

    for path in (f"/doctor/time-off/{off.id}", f"/doctor/time-off/new{ASKED}&change={off.id}"):
        assert colleague.get(path).status_code == 404
    fields = TUESDAY | {"reason": "x", "change": str(off.id)}
    assert colleague.post("/doctor/time-off", **fields).status_code == 404
    assert colleague.post(f"/doctor/time-off/{off.id}/end").status_code == 404
    assert len(story.rows(TimeOff)) == 1


@pytest.mark.parametrize("number", ["0", "99999999999999999999", "x", "%00", "1e3", "²"])
def test_a_malformed_number_is_not_found(story, number):
    doctor = person(story, DOCTOR)

    assert doctor.get(f"/doctor/time-off/{number}").status_code in {400, 404}
    assert doctor.get(f"/doctor/time-off/new{ASKED}&change={number}").status_code in {400, 404}
