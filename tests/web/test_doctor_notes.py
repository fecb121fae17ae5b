"""Is a doctor's note theirs alone, kept in every wording, and nowhere else to be found?"""

import json

import pytest

from efoy.models import AuditEntry, VisitNote
from efoy.models.base import reading
from efoy.queries.export import export_state
from efoy.queries.visit_notes import note_wordings
from tests.support.browser import Browser, hidden, words
from tests.support.clinic import ADMIN, COLLEAGUE, DESK, DOCTOR, PATIENT

SECRET = "Xanthopsia since Tuesday, wants no one to know"


@pytest.fixture
def hana(app, clock):
    """The doctor of the visit."""
    return Browser(app, DOCTOR, now=clock())


@pytest.fixture
def visit(story):
    """The address of a booked visit."""
    return f"/doctor/visits/{story.booking(story.booked(story.time(4))).ref}"


def write(browser, visit, text, after=0):
    """Send the note's form."""
    return browser.post(f"{visit}/note", note=text, after=after)


def test_a_note_is_kept_and_shown_to_its_doctor(hana, visit):
    answer = write(hana, visit, f"  {SECRET}\r\nSecond line ")
    page = hana.get(visit)

    assert (answer.status_code, answer.location) == (303, visit)
    assert f"{SECRET}\nSecond line</textarea>" in page.text
    assert hidden(page, "after") == "1"


def test_every_wording_stays_and_the_newest_counts(story, hana, visit):
    for after, text in enumerate(("First", "Second", "")):
        write(hana, visit, text, after)

    page = hana.get(visit)

    assert [row.body for row in story.rows(VisitNote)] == ["First", "Second", ""]
    assert "2 earlier wordings" in words(page)
    assert "></textarea>" in page.text.replace("\n", "")


def test_the_same_words_again_are_no_new_wording(story, hana, visit):
    for _ in range(2):
        assert write(hana, visit, SECRET).status_code == 303

    assert len(story.rows(VisitNote)) == 1


def test_a_note_written_elsewhere_meanwhile_is_not_overwritten(story, hana, visit):
    write(hana, visit, "From the other window")

    late = write(hana, visit, "Typed here", after=0)

    assert late.status_code == 409
    assert "Typed here</textarea>" in late.text
    assert "From the other window" in words(late)
    assert write(hana, visit, "Typed here", after=hidden(late, "after")).status_code == 303
    assert [row.position for row in story.rows(VisitNote)] == [1, 2]


@pytest.mark.parametrize("text", ["x" * 4001, "bell \x07"])
def test_what_cannot_be_kept_comes_back(story, hana, visit, text):
    answer = write(hana, visit, text)

    assert answer.status_code == 422
    assert "Use 4000 characters at most" in words(answer)
    assert text.strip()[:50].replace("\x07", "") in answer.text.replace("\x07", "")
    assert story.rows(VisitNote) == []


@pytest.mark.parametrize("after", ["x", "-1", "²", "9" * 20])
def test_a_nonsense_position_counts_as_none(hana, visit, after):
    assert write(hana, visit, SECRET, after).status_code == 303


def test_another_doctor_finds_neither_the_visit_nor_a_way_to_write(story, hana, visit, clock):
    write(hana, visit, SECRET)
    samuel = Browser(story.app, COLLEAGUE, now=clock())

    answers = [samuel.get(visit), write(samuel, visit, "Mine", after=1)]

    assert [answer.status_code for answer in answers] == [404, 404]
    assert [row.body for row in story.rows(VisitNote)] == [SECRET]


def test_a_visit_that_went_to_another_doctor_shows_them_no_older_note(story, hana, visit, clock):
    write(hana, visit, SECRET)
    story.run_sql("DELETE FROM slot_claims")
    story.run_sql("UPDATE bookings SET doctor_id = 2")
    samuel = Browser(story.app, COLLEAGUE, now=clock())
    booking_id = story.rows(VisitNote)[0].booking_id

    page = samuel.get(visit)
    with reading() as connection:
        hers, his = (note_wordings(connection, booking_id, doctor) for doctor in (1, 2))
    story.run_sql("UPDATE bookings SET status = 'confirmed', doctor_id = 1")
    _give_cells_back(story, booking_id)

    assert page.status_code == 200
    assert SECRET not in page.text
    assert ([one.body for one in hers], his) == ([SECRET], [])


def _give_cells_back(story, booking_id) -> None:
    booking = story.booking(booking_id)
    first = int(booking.starts_at.timestamp()) // 300
    last = int(booking.busy_until.timestamp()) // 300
    for cell in range(first, last):
        story.run_sql(
            "INSERT INTO slot_claims (doctor_id, cell_at, booking_id) VALUES (1, :cell, :id)",
            cell=cell,
            id=booking_id,
        )


def test_a_note_is_in_no_log_audit_export_mail_or_page_of_others(story, hana, visit, clock, capfd):
    write(hana, visit, SECRET)
    ref = visit.rsplit("/", 1)[1]
    story.cancel(story.rows(VisitNote)[0].booking_id, by="clinic")
    story.work()
    pages = [
        Browser(story.app, who, now=clock()).get(path).text
        for who, path in (
            (PATIENT, f"/bookings/{ref}"),
            (DESK, f"/admin/bookings/{ref}"),
            (ADMIN, f"/admin/bookings/{ref}"),
            (ADMIN, "/admin/audit"),
        )
    ]
    state = "".join(export_state(now=clock(), mail_host="clinic.test"))
    audit = [row for row in story.rows(AuditEntry) if row.object == "visit_note"]
    out, err = capfd.readouterr()
    sent = "".join(str(mail) for mail in story.mailbox.messages)
    asked = "".join(str(one.body) for one in story.box.state.by_id.values())

    told = [*pages, state, out, err, sent, asked, str(story.rows(AuditEntry))]
    assert json.loads(state)["audit"]
    assert [text for text in told if "Xanthopsia" in text] == []
    assert [(row.event, row.facts, row.actor_id) for row in audit] == [("write", {}, DOCTOR)]


def test_a_hold_has_no_note(story, hana):
    held = story.hold(story.time(5))

    assert write(hana, f"/doctor/visits/{held.ref}", SECRET).status_code == 404


def test_a_cancelled_visit_keeps_its_note(story, hana, visit):
    write(hana, visit, SECRET)
    story.cancel(story.rows(VisitNote)[0].booking_id)

    page = hana.get(visit)

    assert "Cancelled by patient" in words(page)
    assert SECRET in page.text
