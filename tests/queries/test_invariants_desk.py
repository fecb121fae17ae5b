"""Does the checker see what the desk may never have done? Each break is planted past the house."""

import pytest
from sqlalchemy import text

from efoy.queries.invariants import View, bookings, check, desk
from efoy.services.audit import seal_audit
from efoy.services.desk_booking import Way
from tests.queries.test_invariants import loosened, plant
from tests.support.desk import book

PLANTS = (
    plant(
        "beside_on_purpose",
        "a booking that was slipped beside another",
        "UPDATE bookings SET overbooked_reason = 'just so', made_by = 'desk-ruth' "
        "WHERE id = :alone",
    ),
    plant(
        "beside_on_purpose",
        "a patient who put themselves beside another",
        "UPDATE audit_entries SET role = 'patient' WHERE object_id = :beside AND before IS NULL",
    ),
    plant(
        "links_end",
        "a link for a week",
        "UPDATE bookings SET pay_by = starts_at, starts_at = :far WHERE id = :linked",
    ),
    plant(
        "free_for_a_reason",
        "a visit made free by nobody",
        "UPDATE bookings SET free_reason = 'kind', price_minor = 0 WHERE id = :alone",
    ),
    plant(
        "no_cell_is_free",
        "a time that could be sold a third time",
        "DELETE FROM slot_claims WHERE booking_id = :there",
    ),
    plant(
        "money_in_its_place",
        "money that was never put into the drawer",
        "DELETE FROM ledger_entries WHERE payment_id = :cash",
    ),
    plant(
        "money_in_its_place",
        "cash that lies with Stripe",
        "UPDATE ledger_entries SET account = 'stripe_balance' "
        "WHERE payment_id = :cash AND account = 'desk_cash'",
    ),
    plant(
        "money_in_its_place",
        "money a doctor took",
        "UPDATE audit_entries SET role = 'doctor' WHERE object_id = :cash AND after = 'paid'",
    ),
)


@pytest.fixture
def ids(story):
    """A day at the desk: paid by hand, beside another, free, and a link that waits."""
    there = story.booked()
    alone = book(story, at=story.time(26)).id
    beside = book(
        story, Way.CASH, beside={story.booking(there).ref}, viewer_id=None, email="x@example.org"
    ).id
    book(story, Way.FREE, at=story.time(28), reason="Staff child")
    linked = book(story, Way.LINK, at=story.time(48)).id
    seal_audit(now=story.clock())
    cash = story.payment_of(alone).id
    return {"there": there, "alone": alone, "beside": beside, "linked": linked, "cash": cash}


def test_a_day_at_the_desk_breaks_no_law(story, ids):
    assert ids
    assert check(now=story.clock(), whole_chain=True) == []


@pytest.mark.parametrize("each", PLANTS, ids=[each.what.replace(" ", "-") for each in PLANTS])
def test_what_may_never_be_is_found(story, ids, each):
    law = getattr(desk, each.code)
    values = ids | {"far": "2027-12-01 09:00:00.000000"}
    with loosened() as connection:
        for sql in each.sql:
            used = {name: value for name, value in values.items() if f":{name}" in sql}
            assert connection.execute(text(sql), used).rowcount > 0
        found = list(law.broken(View(connection, now=story.clock())))

    assert found


def test_only_those_on_purpose_may_overlap(story, ids):
    with loosened() as connection:
        sql = "UPDATE bookings SET overbooked_reason = '' WHERE id = :beside"
        connection.execute(text(sql), {"beside": ids["beside"]})
        view = View(connection, now=story.clock())

        found = {v.subject for v in bookings.one_visit_at_a_time.broken(view)}

    assert found & {ids["beside"], ids["there"]}
