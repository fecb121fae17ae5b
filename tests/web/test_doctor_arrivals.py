"""Who is here? A fact of the day, said by doctor or desk, beside how the visit went."""

import pytest

from efoy.domain.errors import IllegalTransition
from efoy.domain.role import Actor, Door
from efoy.models import AuditEntry
from efoy.services.visits import mark_arrived
from tests.support.browser import Browser, words
from tests.support.clinic import DESK, DOCTOR

AS_DESK = Actor(user_id=DESK, role="desk", door=Door.WEB)


@pytest.fixture
def hana(app, clock):
    """The doctor of the visits."""
    return Browser(app, DOCTOR, now=clock())


def address(story, booking_id):
    """The visit's page."""
    return f"/doctor/visits/{story.booking(booking_id).ref}"


def test_a_patient_is_marked_as_here_and_the_visit_stays_booked(story, hana):
    booking_id = story.booked(story.time(4))

    answer = hana.post(address(story, booking_id), mark="here", day="2026-11-23")

    assert answer.location == "/doctor?day=2026-11-23"
    page = words(hana.get("/doctor"))
    assert "Almaz Bekele is here." in page
    assert "Here since 9:00 am" in page
    booking = story.booking(booking_id)
    assert (booking.status, booking.arrived_at) == ("confirmed", story.clock())


def test_not_here_after_all_takes_it_back_and_both_are_written_down(story, hana):
    booking_id = story.booked(story.time(4))
    for mark in ("here", "here", "not_here"):
        hana.post(address(story, booking_id), mark=mark)

    events = [row.event for row in story.rows(AuditEntry, object="booking", object_id=booking_id)]
    assert story.booking(booking_id).arrived_at is None
    assert events[-2:] == ["arrive", "not_here"]


def test_arrival_survives_done_and_undo(story, hana):
    booking_id = story.booked(story.time(4))
    for mark in ("here", "attended", "undo"):
        assert hana.post(address(story, booking_id), mark=mark).status_code == 303

    booking = story.booking(booking_id)
    assert (booking.status, booking.arrived_at) == ("confirmed", story.clock())


def test_the_desk_says_so_as_well(story):
    booking_id = story.booked(story.time(4))

    mark_arrived(booking_id, here=True, actor=AS_DESK, now=story.clock())

    entry = story.rows(AuditEntry, event="arrive")[0]
    assert (entry.role, entry.before, entry.after) == ("desk", None, None)


def test_nobody_arrives_days_ahead_days_late_or_for_what_is_no_visit(story, clock):
    ahead, today = story.booked(story.time(49)), story.booked(story.time(4), email="a@b.org")
    gone, held = story.booked(story.time(5), email="c@d.org"), story.hold(story.time(6))
    story.cancel(gone)

    for booking_id in (ahead, gone, held.id):
        with pytest.raises(IllegalTransition):
            mark_arrived(booking_id, here=True, actor=AS_DESK, now=story.clock())
    story.work()
    clock.advance(hours=29)
    with pytest.raises(IllegalTransition):
        mark_arrived(today, here=True, actor=AS_DESK, now=story.clock())
    story.drain()


def test_the_patient_of_this_moment_stands_on_top_with_what_to_press(story, hana, clock):
    booking_id = story.booked(story.time(2))
    story.work()
    clock.advance(hours=2, minutes=5)
    now = Browser(story.app, DOCTOR, now=clock())

    before = now.get("/doctor").text
    now.post(address(story, booking_id), mark="here", day="2026-11-23")
    after = now.get("/doctor").text

    assert 'id="now"' in before
    assert 'value="here">Here' in before
    assert 'value="here">Here' not in after
    assert "Not here after all" in after


def test_an_unknown_mark_is_refused(story, hana):
    assert hana.post(address(story, story.booked(story.time(4))), mark="gone").status_code == 422


# -- the week --------------------------------------------------------------------------------


def test_the_week_shows_hours_off_and_has_a_table_beside_it(story, hana):
    story.booked(story.time(4))
    story.run_sql("DELETE FROM opening_hours WHERE weekday = 6 AND doctor_id = 1")

    week, table = hana.get("/doctor/week"), words(hana.get("/doctor/week?view=table"))

    assert week.text.count('<td class="off">') == 8 + 6  # Sunday, and noon of every other day
    assert "Show as a table" in words(week)
    assert "Mon 23 1:00 pm Almaz B." in table
    assert table.count("Free") == 5
    assert table.count("Not working") == 1


def test_time_off_is_hatched_like_hours_that_are_not_there(story, hana):
    story.run_sql(
        "INSERT INTO time_off (doctor_id, starts_at, ends_at, reason) VALUES (1, :a, :b, '')",
        a=story.time(24).replace(tzinfo=None) if _sqlite(story) else story.time(24),
        b=story.time(34).replace(tzinfo=None) if _sqlite(story) else story.time(34),
    )

    page = hana.get("/doctor/week")

    assert page.text.count('<td class="off">') == 6 + 8
    assert words(page).count("Not working") == 2  # in the grid, and in the list of phones


def _sqlite(story) -> bool:
    from efoy.models import db

    return db.engine.dialect.name == "sqlite"
