"""Do lists give the newest first, page both ways, and filter?"""

import pytest


@pytest.fixture
def twelve(clinic):
    """Twelve checkouts, one a minute; the first was paid."""
    made = []
    for _ in range(12):
        made.append(clinic.checkout().id)
        clinic.later(60)
    clinic.box.pay(made[0])
    return made


def ids(rows):
    return [row.id for row in rows.data]


def test_ten_come_newest_first_unless_told_otherwise(clinic, twelve):
    rows = clinic.v1.checkout.sessions.list()

    assert ids(rows) == twelve[:1:-1]
    assert rows.has_more
    assert ids(clinic.v1.checkout.sessions.list({"limit": 3})) == twelve[:-4:-1]
    assert not clinic.v1.checkout.sessions.list({"limit": 12}).has_more


def test_pages_follow_each_other_without_gap_or_repeat(clinic, twelve):
    found = [s.id for s in clinic.v1.checkout.sessions.list({"limit": 5}).auto_paging_iter()]

    assert found == twelve[::-1]


def test_the_page_before_is_the_one_we_came_from(clinic, twelve):
    first = clinic.v1.checkout.sessions.list({"limit": 4})
    second = clinic.v1.checkout.sessions.list({"limit": 4, "starting_after": first.data[-1].id})

    back = clinic.v1.checkout.sessions.list({"limit": 4, "ending_before": second.data[0].id})

    assert (ids(back), back.has_more) == (ids(first), False)


def test_a_new_object_does_not_shift_the_next_page(clinic, twelve):
    first = clinic.v1.checkout.sessions.list({"limit": 4})
    clinic.checkout()

    second = clinic.v1.checkout.sessions.list({"limit": 4, "starting_after": first.data[-1].id})

    assert ids(second) == twelve[::-1][4:8]


@pytest.mark.parametrize(
    ("bounds", "slice_"), [({"gte": 600}, (10, 12)), ({"gt": 600}, (11, 12)), ({"lt": 60}, (0, 1))]
)
def test_bounds_of_time_hold_exactly(clinic, twelve, bounds, slice_):
    zero = clinic.v1.checkout.sessions.retrieve(twelve[0]).created
    created = {name: zero + seconds for name, seconds in bounds.items()}

    rows = clinic.v1.checkout.sessions.list({"created": created, "limit": 100})

    assert ids(rows)[::-1] == twelve[slice(*slice_)]


def test_filters_narrow_and_expand_reaches_into_the_rows(clinic, twelve):
    sessions, charges = clinic.v1.checkout.sessions, clinic.v1.charges
    intent = sessions.retrieve(twelve[0]).payment_intent

    assert ids(sessions.list({"status": "complete"})) == [twelve[0]]
    assert ids(sessions.list({"payment_intent": intent})) == [twelve[0]]
    (charge,) = charges.list({"payment_intent": intent, "expand": ["data.payment_intent"]}).data
    assert charge.payment_intent.id == intent
    assert charges.list({"payment_intent": "pi_other"}).data == []


def test_events_are_found_by_type_and_by_pattern(clinic, twelve):
    types = ["charge.succeeded", "checkout.session.completed"]

    assert [e.type for e in clinic.v1.events.list({"types": types}).data] == types[::-1]
    assert [e.type for e in clinic.v1.events.list({"type": "charge.*"}).data] == types[:1]
