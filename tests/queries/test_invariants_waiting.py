"""Does the checker see what is wrong with the waiting list, its mails and the credit notes?"""

import pytest

from efoy.models import WaitlistOffer
from efoy.queries.invariants import check
from tests.stories.test_waiting import full, join  # noqa: F401  the fixture
from tests.support.clinic import OTHER

pytestmark = pytest.mark.planted

PLANTS = {
    "two are offered one time": (
        "W1",
        "UPDATE waitlist_offers SET starts_at = (SELECT MIN(starts_at) FROM waitlist_offers)",
    ),
    "an open offer without its hold": (
        "W1",
        "UPDATE bookings SET status = 'expired', hold_expires_at = held_at WHERE id = :hold",
    ),
    "somebody else's hold": ("W1", "UPDATE bookings SET holder = 'nobody' WHERE id = :hold"),
    "taken without money": ("W1", "UPDATE waitlist_offers SET status = 'taken'"),
    "a place that never began": ("A1", "UPDATE waitlist_entries SET status = 'booked'"),
    "an offer to a stranger": (
        "N3",
        "UPDATE outbox_messages SET address = 'x@example.org' WHERE kind = 'time_opened'",
    ),
    "a reminder to a stranger": (
        "N3",
        "INSERT INTO outbox_messages (id, kind, subject_ref, address, locale, facts, status,"
        " attempts, created_at, due_at) SELECT 'planted', 'reminder', id || '\\:1',"
        " 'x@example.org', 'en', '{}', 'new', 0, held_at, held_at FROM bookings WHERE id = :hold",
    ),
}


@pytest.fixture
def two_offers(story, full):  # noqa: F811
    """Two people, each with an opened time held for them."""
    join(story)
    join(story, OTHER)
    story.cancel(full[0], by="clinic")
    story.cancel(full[2], by="clinic")
    story.drain()
    assert len(story.rows(WaitlistOffer)) == 2
    assert check(now=story.clock()) == []
    return story


@pytest.mark.parametrize("what", PLANTS)
def test_a_planted_break_is_found(two_offers, what):
    story = two_offers
    code, sql = PLANTS[what]
    offer = min(story.rows(WaitlistOffer), key=lambda row: row.starts_at)
    # one offer a person is the database's own law: another time may be written over it
    bound = {"hold": offer.booking_id} if ":hold" in sql else {}

    story.run_sql(sql, **bound)
    story.clock.advance(hours=1)

    assert code in {each.code for each in check(now=story.clock())}


def test_a_refund_without_its_paper_is_found(story):
    booking_id = story.booked()
    story.refund(story.payment_of(booking_id).id, 4500)
    story.drain()
    assert [each.code for each in check(now=story.clock())] == []

    story.run_sql("UPDATE refunds SET amount_minor = 4400")

    assert "R1" in {each.code for each in check(now=story.clock())}
