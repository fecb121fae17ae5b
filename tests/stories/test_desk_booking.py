"""The desk books for people: by link, by hand, for free, and beside others on purpose."""

from datetime import timedelta

import pytest

from efoy.domain.errors import (
    Forbidden,
    InvalidValue,
    OverlappingBooking,
    SlotTaken,
    TooManyHolds,
)
from efoy.domain.payment import PaymentMethod
from efoy.models import AuditEntry, Booking, OutboxMessage, User
from efoy.services.desk_booking import OthersAreThere, Way
from tests.support.clinic import DESK, OTHER
from tests.support.desk import AS_ADMIN, book, take
from tests.support.story import AS_PATIENT


@pytest.mark.parametrize("way", [Way.CASH, Way.TERMINAL])
def test_booked_and_paid_by_hand_in_one_go(story, way):
    held = book(story, way, note="exact")

    booking, (payment,) = story.booking(held.id), story.payments(held.id)
    assert (booking.status, booking.made_by, booking.patient_id) == ("confirmed", DESK, OTHER)
    assert (payment.method, payment.taken_note) == (PaymentMethod(way), "exact")
    assert (len(story.receipts()), story.promised()) == (1, ["booked"])


def test_a_free_visit_says_why_and_what_it_would_have_cost(story):
    held = book(story, Way.FREE, reason="Staff child")

    booking = story.booking(held.id)
    born = story.rows(AuditEntry, object="booking", object_id=held.id, after="held")[0]
    assert (booking.status, booking.price_minor, booking.free_reason) == (
        "confirmed",
        0,
        "Staff child",
    )
    assert (born.facts["price"], born.role) == (4500, "desk")
    assert (story.payments(held.id), story.receipts()) == ([], [])


def test_free_without_a_reason_is_refused(story):
    with pytest.raises(InvalidValue):
        book(story, Way.FREE, reason="  ")

    assert story.rows(Booking) == []


def test_a_pay_link_holds_the_time_until_it_said(story):
    until = story.clock() + timedelta(hours=3)
    held = book(story, Way.LINK, pay_by=until)

    story.wait(minutes=60)
    assert (story.booking(held.id).status, story.claims(held.id)) == ("held", 4)
    (letter,) = story.mailbox.to("daniel@example.org")
    assert "/pay/link/" in letter.get_body(("plain",)).get_content()
    assert "Hana" not in letter["Subject"]

    story.wait(minutes=121)
    assert (story.booking(held.id).status, story.claims(held.id)) == ("expired", 0)


def test_a_link_outlives_one_pay_page(story):
    held = book(story, Way.LINK)
    story.open(held.id)

    story.wait(minutes=50)
    assert (story.payment_of(held.id).status, story.booking(held.id).status) == ("expired", "held")

    story.pay(held.id)
    story.come_back(held.id)
    assert story.booking(held.id).status == "confirmed"


def test_a_page_opened_at_the_last_minute_keeps_the_time_to_its_own_end(story):
    held = book(story, Way.LINK)
    story.wait(minutes=175)
    page = story.open(held.id)

    story.wait(minutes=10)
    assert story.booking(held.id).status == "held"

    story.wait(minutes=40)
    assert story.booking(held.id).status == "expired"
    state = story.stripe.gateway.fetch_checkout(page.checkout_ref).state
    assert state == "expired"


def test_the_time_of_a_link_is_free_only_after_stripe_said_so(story):
    held = book(story, Way.LINK)
    story.wait(minutes=175)
    story.open(held.id)
    with story.stripe_away():
        story.wait(minutes=40)
        assert (story.booking(held.id).status, story.claims(held.id)) == ("held", 4)

    story.wait(minutes=2)
    assert (story.booking(held.id).status, story.claims(held.id)) == ("expired", 0)


def test_two_phones_open_one_pay_page(story):
    held = book(story, Way.LINK)

    first, second = story.open(held.id), story.open(held.id)

    assert first.checkout_ref == second.checkout_ref


@pytest.mark.parametrize("minutes", [10, 25 * 60])
def test_a_link_lasts_from_half_an_hour_to_a_day(story, minutes):
    with pytest.raises(InvalidValue):
        book(story, Way.LINK, pay_by=story.clock() + timedelta(minutes=minutes))


def test_a_link_never_lasts_past_the_visit(story):
    at = story.time(1)

    with pytest.raises(InvalidValue):
        book(story, Way.LINK, at=at, pay_by=at + timedelta(minutes=1))


def test_a_cancelled_link_can_no_longer_be_paid(story):
    held = book(story, Way.LINK)
    page = story.open(held.id)

    story.cancel(held.id, by="clinic", actor=AS_ADMIN)

    assert story.booking(held.id).status == "cancelled"
    assert story.stripe.gateway.fetch_checkout(page.checkout_ref).state == "expired"


def test_who_comes_to_the_desk_with_a_link_pays_by_hand(story):
    held = book(story, Way.LINK)
    story.open(held.id)

    take(story, held.id)

    assert story.booking(held.id).status == "confirmed"
    assert story.balance("desk_cash") == 4500


def test_a_new_patient_without_an_address_gets_no_mail(story):
    held = book(story, Way.CASH, viewer_id=None, email="", name="Tirunesh Abebe")

    booking = story.booking(held.id)
    (person,) = [row for row in story.rows(User) if row.id == booking.patient_id]
    assert (booking.visitor_email, person.name, person.role) == ("", "Tirunesh Abebe", "patient")
    assert person.email.endswith("@no-mail.invalid")
    assert story.rows(OutboxMessage) == []


def test_a_known_address_is_the_same_person(story):
    held = book(story, Way.CASH, viewer_id=None, email="Daniel@Example.org")

    assert story.booking(held.id).patient_id == OTHER


def test_the_second_press_of_a_form_books_nothing_more(story):
    first = book(story, Way.CASH, form_token="once")
    second = book(story, Way.CASH, form_token="once")

    assert first.ref == second.ref
    assert len(story.rows(Booking)) == 1
    assert story.balance("desk_cash") == 4500


def test_a_taken_time_is_refused_without_saying_beside(story):
    story.booked()

    with pytest.raises(SlotTaken):
        book(story)

    assert story.balance("desk_cash") == 0


def test_the_limits_of_a_person_hold_at_the_desk_too(story):
    book(story, at=story.time(25))
    with pytest.raises(OverlappingBooking):
        book(story, at=story.time(25), doctor="samuel-mwangi")
    for hour in (24, 26, 28):
        book(story, Way.LINK, at=story.time(hour))
    with pytest.raises(TooManyHolds):
        book(story, Way.LINK, at=story.time(29))


# -- beside others -------------------------------------------------------------------------------


def test_beside_a_visit_on_purpose_with_a_reason(story):
    there = story.booked()

    held = book(story, beside={story.booking(there).ref}, why="fever since the night")

    booking = story.booking(held.id)
    born = story.rows(AuditEntry, object="booking", object_id=held.id, after="held")[0]
    assert (booking.status, booking.overbooked_reason) == ("confirmed", "fever since the night")
    assert (born.facts["beside"], born.actor_id) == ([there], DESK)
    assert (story.claims(there), story.claims(held.id)) == (4, 0)


def test_a_patient_may_never_stand_beside_another(story):
    there = story.booked()

    with pytest.raises(Forbidden):
        book(story, actor=AS_PATIENT, beside={story.booking(there).ref})

    assert len(story.rows(Booking)) == 1


def test_beside_somebody_else_than_the_form_showed_is_asked_again(story):
    story.booked()

    with pytest.raises(OthersAreThere):
        book(story, beside={"222-222"})

    assert len(story.rows(Booking)) == 1


def test_beside_nobody_is_an_ordinary_visit(story):
    held = book(story, beside={"222-222"})

    assert story.booking(held.id).overbooked_reason == ""
    assert story.claims(held.id) == 4


def test_a_time_left_by_one_of_two_is_not_free(story):
    there = story.booked()
    held = book(story, beside={story.booking(there).ref})

    story.cancel(there, by="clinic", actor=AS_ADMIN)

    assert story.claims(held.id) == 4
    with pytest.raises(SlotTaken):
        story.hold()


def test_a_time_left_by_both_is_free(story):
    there = story.booked()
    held = book(story, Way.LINK, beside={story.booking(there).ref})

    story.cancel(held.id, by="clinic", actor=AS_ADMIN)
    story.cancel(there, by="clinic", actor=AS_ADMIN)

    assert story.hold(email="third@example.org").ref


def test_a_longer_visit_takes_the_rest_of_its_time(story):
    there, at = story.booked(story.time(24)), story.time(24)
    long = book(story, beside={story.booking(there).ref}, service="full-check", at=at)

    assert story.claims(long.id) == 5
    with pytest.raises(SlotTaken):
        story.hold(at + timedelta(minutes=20))


def test_of_three_in_one_time_the_next_takes_over(story):
    there = story.booked()
    second = book(story, beside={story.booking(there).ref})
    third = book(
        story,
        Way.CASH,
        viewer_id=None,
        email="third@example.org",
        beside={story.booking(there).ref},
    )

    story.cancel(there, by="clinic", actor=AS_ADMIN)
    heir, other = sorted([second.id, third.id])
    assert (story.claims(heir), story.claims(other)) == (4, 0)
    story.cancel(heir, by="clinic", actor=AS_ADMIN)
    assert story.claims(other) == 4
