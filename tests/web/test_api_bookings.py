"""How does a program find a time, hold it, look at it and let it go?"""

from datetime import datetime, timedelta

import pytest

from efoy.domain.booking import BookingStatus
from efoy.domain.errors import QuoteChanged
from efoy.models import Booking
from efoy.services.giving_up import cancel_booking
from tests.support.program import Program, problem
from tests.support.story import AS_PATIENT

SLOTS = "/doctors/hana-tesfaye/slots"


@pytest.fixture
def almaz(app, clock):
    """A program that speaks for a patient."""
    return Program(app, "almaz@example.org", now=clock())


@pytest.fixture
def daniel(app, clock):
    """A program that speaks for another patient."""
    return Program(app, "daniel@example.org", now=clock())


@pytest.fixture
def desk(app, clock):
    """A program that speaks for the front desk."""
    return Program(app, "desk@example.org", now=clock())


def wish(story, hours=25, **more):
    """The body of a hold."""
    return {
        "doctor": "hana-tesfaye",
        "service": "see-the-doctor",
        "startsAt": story.time(hours).isoformat(),
    } | more


# -- find ----------------------------------------------------------------------------------------


def test_a_program_finds_doctors_with_prices_in_minor_units(almaz):
    doctors = almaz.get("/doctors").get_json()["doctors"]

    assert [each["id"] for each in doctors] == ["hana-tesfaye", "samuel-mwangi"]
    service = doctors[0]["services"][0]
    assert service["id"], service["amount"] == ("see-the-doctor", 4500)
    assert service["currency"] == "USD"


def test_free_times_carry_the_clinics_offset_and_lose_what_is_held(story, almaz):
    day = {"service": "see-the-doctor", "from": "2026-11-24", "to": "2026-11-24"}
    before = [slot["startsAt"] for slot in almaz.get(SLOTS, **day).get_json()["slots"]]

    answer = almaz.post("/bookings", **wish(story, startsAt=before[0]))
    after = [slot["startsAt"] for slot in almaz.get(SLOTS, **day).get_json()["slots"]]

    assert before[0] == "2026-11-24T09:00:00-05:00"
    assert answer.status_code == 201
    assert after[0] != before[0]
    assert set(after) < set(before)


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({}, 422),
        ({"service": "see-the-doctor", "from": "yesterday"}, 422),
        ({"service": "see-the-doctor", "from": "2026-11-24", "to": "2026-11-23"}, 422),
        ({"service": "see-the-doctor", "from": "2026-11-24", "to": "2027-11-23"}, 422),
        ({"service": "see-the-doctor", "from": "0001-01-01", "to": "0001-01-02"}, 422),
        ({"service": "see-the-doctor", "from": "9999-12-31", "to": "9999-12-31"}, 422),
        ({"service": "see-the-doctor", "week": "1"}, 422),
        ({"service": "brain-surgery"}, 404),
        ({"service": ["see-the-doctor", "full-check"]}, 400),
    ],
)
def test_nonsense_asked_of_free_times_is_refused(almaz, asked, status):
    answer = almaz.get(SLOTS, **asked)

    assert answer.status_code == status
    problem(answer)


# -- hold ----------------------------------------------------------------------------------------


def test_a_held_time_has_its_price_from_the_server_and_an_end(story, almaz, clock):
    answer = almaz.post("/bookings", **wish(story))
    booking = answer.get_json()

    assert answer.status_code == 201
    assert answer.headers["Location"] == f"/api/v1/bookings/{booking['ref']}"
    assert (booking["status"], booking["paymentStanding"]) == ("held", "unpaid")
    assert (booking["amount"], booking["currency"]) == (4500, "USD")
    assert datetime.fromisoformat(booking["startsAt"]) == story.time()
    assert datetime.fromisoformat(booking["holdExpiresAt"]).utcoffset() is not None
    assert booking["visitor"]["email"] == "almaz@example.org"
    assert story.rows(Booking)[0].patient_id == "patient-almaz"


@pytest.mark.parametrize("name", ["amount", "price", "priceMinor", "status", "patientId", "role"])
def test_what_is_the_servers_to_say_is_refused(story, almaz, name):
    answer = almaz.post("/bookings", **wish(story, **{name: 1}))

    assert answer.status_code == 422
    assert problem(answer)["errors"] == [{"field": name, "detail": "Unknown field."}]
    assert story.rows(Booking) == []


def test_a_hold_sent_again_with_its_key_is_the_same_hold(story, almaz, daniel):
    first = almaz.post("/bookings", key="hold-number-1", **wish(story))
    again = almaz.post("/bookings", key="hold-number-1", **wish(story))
    other = almaz.post("/bookings", key="hold-number-1", **wish(story, 26))
    theirs = daniel.post("/bookings", key="hold-number-1", **wish(story, 28))

    assert first.get_json() == again.get_json()
    assert problem(other)["code"] == "key-reused"
    assert theirs.status_code == 201
    assert len(story.rows(Booking)) == 2


def test_a_time_somebody_has_is_a_conflict(story, almaz, daniel):
    almaz.post("/bookings", **wish(story))

    taken = daniel.post("/bookings", **wish(story))
    closed = daniel.post("/bookings", **wish(story, 12))

    assert (taken.status_code, problem(taken)["code"]) == (409, "slot-taken")
    assert (closed.status_code, problem(closed)["code"]) == (409, "slot-not-offered")


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({"startsAt": "tomorrow"}, 422),
        ({"startsAt": "2026-11-24T10:00:00"}, 422),
        ({"startsAt": 1795500000}, 422),
        ({"startsAt": "2020-01-01T10:00:00Z"}, 409),
        ({"startsAt": None}, 422),
        ({"doctor": "Hana Tesfaye"}, 422),
        ({"doctor": "nobody"}, 404),
        ({"service": "brain-surgery"}, 404),
        ({"name": ""}, 201),
        ({"name": "A\x00B"}, 422),
        ({"name": "\ud800"}, 422),
        ({"name": "x" * 121}, 422),
        ({"email": "not an address"}, 422),
        ({"phone": "call me"}, 422),
        ({"phone": 12405550117}, 422),
    ],
)
def test_each_field_is_checked_by_the_rules_of_the_page(story, almaz, more, status):
    answer = almaz.post("/bookings", **wish(story, **more))

    assert answer.status_code == status, answer.text
    if status == 422:
        assert problem(answer)["errors"][0]["field"] == next(iter(more))


# -- look ----------------------------------------------------------------------------------------


def test_a_list_goes_on_where_the_page_before_ended(story, almaz, desk):
    for number, hours in enumerate((25, 49, 73)):
        story.hold(story.time(hours))
        story.hold(story.time(hours + 1), email="d@example.org", name=f"Number {number}")

    for program, count in ((almaz, 3), (desk, 6)):
        seen, asked = [], {"limit": 2}
        while True:
            page = program.get("/bookings", **asked).get_json()
            seen += [each["startsAt"] for each in page["bookings"]]
            if page["nextCursor"] is None:
                break
            asked["cursor"] = page["nextCursor"]
        assert len(seen) == len(set(seen)) == count
        assert seen == sorted(seen, reverse=True)


def test_a_list_is_filtered_by_status(story, almaz):
    story.booked(story.time(25))
    story.hold(story.time(49))

    held = almaz.get("/bookings", status="held").get_json()["bookings"]

    assert [each["status"] for each in held] == ["held"]


@pytest.mark.parametrize(
    "asked",
    [
        {"limit": 0},
        {"limit": 101},
        {"limit": "-1"},
        {"limit": "many"},
        {"limit": "9" * 5000},
        {"cursor": "AAAA"},
        {"cursor": "not a cursor"},
        {"cursor": "MjAyNi0xMS0yNFQwMDowMDowMH5hYmM="},
        {"status": "asleep"},
        {"page": "2"},
    ],
)
def test_a_list_refuses_what_it_never_gave(almaz, asked):
    answer = almaz.get("/bookings", **asked)

    assert answer.status_code == 422
    assert problem(answer)["errors"][0]["field"] == next(iter(asked))


def test_a_booking_is_found_by_reference_and_by_id(story, almaz):
    booking = story.booking(story.booked())

    for key in (booking.ref, booking.id):
        found = almaz.get(f"/bookings/{key}").get_json()
        assert (found["id"], found["ref"]) == (booking.id, booking.ref)
        assert (found["status"], found["paymentStanding"]) == ("confirmed", "paid")


# -- give up -------------------------------------------------------------------------------------


def test_a_hold_is_let_go_and_its_time_is_free(story, almaz, daniel):
    held = story.hold()

    answers = [almaz.post(f"/bookings/{held.ref}/cancel") for _ in range(2)]

    assert [each.status_code for each in answers] == [200, 200]
    assert answers[0].get_json()["status"] == "cancelled"
    assert story.booking(held.id).cancelled_by == "patient"
    assert daniel.post("/bookings", **wish(story)).status_code == 201


def test_a_hold_with_an_open_page_is_let_go_once_stripe_has_closed_it(story, almaz):
    held = story.hold()
    story.open(held.id)

    answer = almaz.post(f"/bookings/{held.ref}/cancel")

    assert (answer.status_code, answer.get_json()["status"]) == (200, "cancelled")
    assert story.claims(held.id) == 0


def test_with_stripe_away_the_hold_stays_until_it_answers(story, almaz):
    held = story.hold()
    story.open(held.id)

    with story.stripe_away():
        answer = almaz.post(f"/bookings/{held.ref}/cancel")

    assert answer.status_code in {202, 503}
    assert story.booking(held.id).status is BookingStatus.HELD


def test_a_paid_visit_is_quoted_cancelled_and_followed(story, almaz):
    booking = story.booking(story.booked())
    path = f"/bookings/{booking.ref}/cancel"

    asked = almaz.post(path, preview=True).get_json()
    still = story.booking(booking.id).status
    other = almaz.post(path, amount=4400)
    answer, again = almaz.post(path, amount=4500), almaz.post(path, amount=4500)

    assert (asked["status"], still) == ("confirmed", BookingStatus.CONFIRMED)
    assert asked["quote"] == {
        "amount": 4500,
        "blocked": None,
        "currency": "USD",
        "givenBackBefore": 0,
        "paid": 4500,
        "percent": 100,
    }
    told = problem(other)
    assert (other.status_code, told["code"], told["quote"]["amount"]) == (
        409,
        "quote-changed",
        4500,
    )
    for each in (answer.get_json(), again.get_json()):
        assert (each["status"], each["promised"]) == ("cancelled", 4500)
        assert each["refunds"] == [{"amount": 4500, "currency": "USD", "status": "proposed"}]
    assert len(story.refunds(booking.id)) == 1


def test_the_clinics_program_gives_everything_back(story, desk):
    booking = story.booking(story.booked(story.time(5)))
    story.clock.at = booking.starts_at - timedelta(minutes=30)

    answer = desk.post(f"/bookings/{booking.ref}/cancel", reason="The doctor is ill").get_json()

    assert (answer["status"], answer["promised"]) == ("cancelled", 4500)
    assert answer["refunds"][0]["status"] == "requested"
    assert story.booking(booking.id).cancel_reason == "The doctor is ill"


def test_a_hold_that_was_paid_while_it_was_let_go_stays_a_visit(story):
    booking_id = story.booked()  # the page and the API had seen it held a moment before

    with pytest.raises(QuoteChanged):
        cancel_booking(
            booking_id,
            by="patient",
            reason="",
            stripe=story.stripe.gateway,
            actor=AS_PATIENT,
            now=story.clock(),
        )

    assert story.booking(booking_id).status is BookingStatus.CONFIRMED
    assert story.claims(booking_id) > 0
