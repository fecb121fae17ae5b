"""Does the checker see an arrival nobody reported, and a note that came or went by itself?"""

import pytest

from efoy.domain.role import Actor, Door
from efoy.queries.invariants import check
from efoy.services.visit_notes import write_note
from efoy.services.visits import mark_arrived
from tests.support.clinic import DOCTOR

AS_DOCTOR = Actor(user_id=DOCTOR, role="doctor", door=Door.WEB)
BREAKS = (
    ("UPDATE bookings SET arrived_at = NULL", "differs from its history"),
    ("UPDATE bookings SET arrived_at = held_at WHERE arrived_at IS NULL", "differs from"),
    ("DELETE FROM visit_notes WHERE position = 1", "1 wordings and 2 entries"),
    ("UPDATE visit_notes SET position = 9 WHERE position = 2", "a wording of its notes is missing"),
)


@pytest.mark.planted
@pytest.mark.parametrize(("crime", "says"), BREAKS, ids=[says for _, says in BREAKS])
def test_a_planted_break_is_found(story, crime, says):
    booking_id = story.booked(story.time(4))
    story.booked(story.time(5), email="other@example.org")
    mark_arrived(booking_id, here=True, actor=AS_DOCTOR, now=story.clock())
    for after, words in enumerate(("First", "Second")):
        write_note(booking_id, 1, words, after=after, actor=AS_DOCTOR, now=story.clock())
    assert check(now=story.clock()) == []

    story.run_sql(crime)

    found = [str(violation) for violation in check(now=story.clock())]
    assert any("A1" in one and says in one for one in found), found
