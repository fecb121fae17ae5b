"""Does the checker see what may never become of a visit in a closed time? Planted past us."""

import pytest
from sqlalchemy import bindparam, text

from efoy.domain.closing import Choice
from efoy.models.types import UtcDateTime
from efoy.queries.invariants import View, audit, check, closings
from efoy.services.audit import seal_audit
from tests.queries.test_invariants import loosened, plant
from tests.support.away import close, item_of

FORGOTTEN, CARRIED_OUT, HISTORY = "nobody_is_forgotten", "choices_are_carried_out", "one_entry"
ADDRESS = "mails_go_to_their_patient"
PLANTS = (
    plant(FORGOTTEN, "a visit nobody asked about", "DELETE FROM day_closing_items"),
    plant(
        FORGOTTEN,
        "an item about another time of the visit",
        "UPDATE day_closing_items SET visit_at = :far WHERE booking_id = :asked",
    ),
    plant(
        FORGOTTEN,
        "a question that left the queue",
        "UPDATE alerts SET closed_at = raised_at WHERE subject_ref = :asked",
    ),
    plant(
        CARRIED_OUT,
        "a cancellation that was only written down",
        "UPDATE day_closing_items SET status = 'cancelled' WHERE booking_id = :asked",
    ),
    plant(
        CARRIED_OUT,
        "an offer without its mail",
        "DELETE FROM outbox_messages WHERE kind = 'move_offered'",
    ),
    plant(
        CARRIED_OUT,
        "a closing that says done too early",
        "UPDATE day_closings SET status = 'finished'",
    ),
    plant(
        CARRIED_OUT,
        "a choice no worker saw",
        "UPDATE day_closing_items SET status = 'waiting', changed_at = :long_ago",
    ),
    plant(
        HISTORY,
        "a step nobody took",
        "UPDATE day_closing_items SET status = 'gone' WHERE booking_id = :asked",
    ),
    plant(
        ADDRESS,
        "an offer to somebody else",
        "UPDATE outbox_messages SET address = 'x@example.org' WHERE kind = 'move_offered'",
    ),
    plant(HISTORY, "a closing nobody reopened", "UPDATE day_closings SET status = 'reopened'"),
)
LAWS = {
    FORGOTTEN: closings.nobody_is_forgotten,
    CARRIED_OUT: closings.choices_are_carried_out,
    ADDRESS: closings.mails_go_to_their_patient,
    HISTORY: audit.one_entry_a_change,
}


@pytest.fixture
def ids(story):
    """One visit asked to move, one with the desk."""
    asked, called = story.booked(story.time(25)), story.booked(story.time(26))
    close(story, {asked: Choice.MOVE, called: Choice.DESK})
    story.drain()
    story.clock.advance(hours=1)
    seal_audit(now=story.clock())
    assert item_of(story, asked).status == "offered"
    return {"asked": asked, "called": called}


def test_a_closed_day_breaks_no_law(story, ids):
    assert ids
    assert check(now=story.clock(), whole_chain=True) == []


@pytest.mark.parametrize("each", PLANTS, ids=[each.what.replace(" ", "-") for each in PLANTS])
def test_what_may_never_be_is_found(story, ids, each):
    values = ids | {"far": story.time(60), "long_ago": story.time(-90)}
    with loosened() as connection:
        for sql in each.sql:
            used = {name: value for name, value in values.items() if f":{name}" in sql}
            instants = [
                bindparam(name, type_=UtcDateTime()) for name in used if name in {"far", "long_ago"}
            ]
            assert connection.execute(text(sql).bindparams(*instants), used).rowcount > 0
        found = list(LAWS[each.code].broken(View(connection, now=story.clock())))

    assert found
