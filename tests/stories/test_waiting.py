"""A full doctor: who waits is asked first come first served, one at a time, with a real hold."""

import threading

import pytest

from efoy.domain.booking import BookingStatus
from efoy.domain.errors import InvalidValue, SlotTaken
from efoy.domain.role import Door, system
from efoy.domain.waiting import DayPart, OfferStatus, WaitingStatus
from efoy.failpoints import FailpointReached, arm
from efoy.models import Booking, ExtraHours, OutboxMessage, TimeOff, WaitlistEntry, WaitlistOffer
from efoy.models.base import transaction
from efoy.services import opening, rounds, waiting
from tests.support.clinic import OTHER, PATIENT
from tests.support.story import AS_PATIENT

pytestmark = pytest.mark.story
SWEEP = system(Door.SWEEP)


@pytest.fixture
def full(story):
    """Dr Hana is there on Tuesday from ten to half past eleven alone: four visits, all taken."""
    story.run_sql("DELETE FROM opening_hours WHERE doctor_id = 1")
    _add_hours(story, 25, 26.34)
    return [
        story.booked(story.time(25 + n / 3), email=f"first{n}@example.org", browser_hash=f"b{n}")
        for n in range(4)
    ]


def _add_hours(story, begin, end):
    with transaction("seed") as session:
        session.add(ExtraHours(doctor_id=1, starts_at=story.time(begin), ends_at=story.time(end)))


def join(story, who=PATIENT, **given):
    """Somebody gets in line."""
    wish = {
        "doctor": "hana-tesfaye",
        "service": "see-the-doctor",
        "name": who,
        "email": f"{who}@example.org",
        "phone": "+12405550117",
        "viewer_id": who,
        "browser_hash": f"browser-of-{who}",
    }
    request = waiting.JoinRequest(**(wish | given))
    story.clock.advance(seconds=1)
    return waiting.join_line(request, actor=AS_PATIENT, now=story.clock())


def guest(story, name, **given):
    """A guest gets in line."""
    return join(story, name, viewer_id=None, **given)


def offers(story, **where):
    """Every offer so far, oldest first."""
    return sorted(story.rows(WaitlistOffer, **where), key=lambda row: (row.offered_at, row.id))


def status_of(story, entry_id):
    return story.rows(WaitlistEntry, id=entry_id)[0].status


def test_a_cancelled_time_is_held_for_the_first_in_line(story, full):
    first, second = join(story), join(story, OTHER)

    story.cancel(full[1], by="clinic")
    story.drain()

    (offer,) = offers(story)
    held = story.booking(offer.booking_id)
    assert (offer.entry_id, offer.status) == (first, OfferStatus.OPEN)
    assert (held.status, held.starts_at) == (BookingStatus.HELD, story.time(25 + 1 / 3))
    assert story.claims(held.id) == 4
    assert (held.hold_expires_at - story.clock()).total_seconds() == 20 * 60
    assert status_of(story, second) == WaitingStatus.WAITING
    assert "A time opened: Tue 24 Nov, 10:20 am" in story.mailbox.subjects
    with pytest.raises(SlotTaken):
        story.hold(held.starts_at, email="stranger@example.org")


def test_paying_for_the_offer_ends_the_place_in_line(story, full):
    entry = join(story)
    story.cancel(full[0], by="clinic")
    story.drain()
    (offer,) = offers(story)

    story.pay(offer.booking_id)
    story.come_back(offer.booking_id)
    story.wait(minutes=1)

    assert offers(story)[0].status == OfferStatus.TAKEN
    assert status_of(story, entry) == WaitingStatus.BOOKED
    assert story.booking(offer.booking_id).status == BookingStatus.CONFIRMED


def test_an_offer_that_lapses_is_passed_on_and_not_made_again(story, full):
    first, second = join(story), join(story, OTHER)
    story.cancel(full[0], by="clinic")
    story.drain()

    story.wait(minutes=20)

    lapsed, passed_on = offers(story)
    assert (lapsed.entry_id, lapsed.status) == (first, OfferStatus.LAPSED)
    assert (passed_on.entry_id, passed_on.status) == (second, OfferStatus.OPEN)
    story.wait(minutes=20)
    assert [offer.status for offer in offers(story)] == [OfferStatus.LAPSED] * 2
    assert status_of(story, first) == WaitingStatus.WAITING
    story.hold(story.time(25), email="stranger@example.org")


def test_a_declined_offer_goes_to_the_next_at_once(story, full):
    first, second = join(story), join(story, OTHER)
    story.cancel(full[0], by="clinic")
    story.drain()

    story.clock.advance(seconds=1)
    waiting.decline_offer(
        offers(story)[0].id, stripe=story.stripe.gateway, actor=AS_PATIENT, now=story.clock()
    )
    opening.offer_openings(actor=SWEEP, now=story.clock())

    declined, passed_on = offers(story)
    assert (declined.entry_id, declined.status) == (first, OfferStatus.DECLINED)
    assert (passed_on.entry_id, passed_on.status) == (second, OfferStatus.OPEN)


def test_with_the_pay_page_open_an_offer_is_declined_once_stripe_has_spoken(story, full):
    join(story)
    story.cancel(full[0], by="clinic")
    story.drain()
    (offer,) = offers(story)
    story.open(offer.booking_id)

    with story.stripe_away():
        waiting.decline_offer(
            offer.id, stripe=story.stripe.gateway, actor=AS_PATIENT, now=story.clock()
        )
        assert story.booking(offer.booking_id).status == BookingStatus.HELD
    story.wait(minutes=1)

    assert story.booking(offer.booking_id).status == BookingStatus.CANCELLED
    assert offers(story)[0].status == OfferStatus.DECLINED


def test_declining_what_was_paid_a_moment_ago_gives_the_money_back(story, full):
    join(story)
    story.cancel(full[0], by="clinic")
    story.drain()
    (offer,) = offers(story)
    story.pay(offer.booking_id)

    waiting.decline_offer(
        offer.id, stripe=story.stripe.gateway, actor=AS_PATIENT, now=story.clock()
    )
    story.wait(minutes=1)

    # Then it is the cancellation of a paid visit: no place is free and unpaid, no money is lost
    assert story.booking(offer.booking_id).status == BookingStatus.CANCELLED
    assert [refund.amount_minor for refund in story.refunds(offer.booking_id)] == [4500]
    assert offers(story)[0].status != OfferStatus.OPEN


def test_leaving_the_line_gives_the_held_time_up_too(story, full):
    first, second = join(story), join(story, OTHER)
    story.cancel(full[0], by="clinic")
    story.drain()

    for _ in range(2):
        waiting.leave_line(first, stripe=story.stripe.gateway, actor=AS_PATIENT, now=story.clock())
    story.wait(minutes=1)

    assert status_of(story, first) == WaitingStatus.LEFT
    assert offers(story)[-1].entry_id == second


@pytest.mark.parametrize("how", ["hold expired", "hours added", "time off ended"])
def test_whatever_opens_a_time_it_is_offered(story, full, how):
    _away(story, 49, 52)
    _add_hours(story, 49, 49.4)
    _add_hours(story, 27, 27.34)
    story.hold(story.time(27), email="other@example.org", browser_hash="other")
    join(story)
    story.wait(minutes=1)
    assert offers(story) == []

    if how == "hold expired":
        story.clock.advance(minutes=15)
    elif how == "hours added":
        _add_hours(story, 30, 30.34)
    else:
        story.run_sql("DELETE FROM time_off WHERE doctor_id = 1")
    story.wait(minutes=1)

    assert len(offers(story)) == 1


def _away(story, begin, end):
    with transaction("seed") as session:
        session.add(TimeOff(doctor_id=1, starts_at=story.time(begin), ends_at=story.time(end)))


def test_what_was_free_when_they_came_is_no_news(story, full):
    _add_hours(story, 30, 30.34)
    join(story)
    story.wait(minutes=1)
    assert offers(story) == []

    # taken and free again: now it is
    held = story.hold(story.time(30), email="other@example.org", browser_hash="other")
    story.wait(minutes=1)
    story.cancel(held.id)
    story.wait(minutes=1)

    assert [offer.starts_at for offer in offers(story)] == [story.time(30)]


def test_days_that_come_into_reach_later_are_not_offered_to_any_day(story, full):
    join(story)
    story.run_sql("UPDATE waitlist_entries SET last_on = '2026-11-24'")
    _add_hours(story, 49, 49.4)

    story.wait(minutes=1)

    assert offers(story) == []


@pytest.mark.parametrize(
    ("wish", "asked"),
    [
        ({"part": DayPart.MORNING}, True),
        ({"part": DayPart.AFTERNOON}, False),
        ({"days": (24,)}, True),
        ({"days": (25, 26)}, False),
        ({"days": (24,), "part": DayPart.AFTERNOON}, False),
    ],
)
def test_only_times_they_can_come_are_offered(story, full, wish, asked):
    days = tuple(story.time().date().replace(day=day) for day in wish.get("days", ()))
    join(story, days=days, part=wish.get("part", DayPart.ANY))

    story.cancel(full[0], by="clinic")
    story.drain()

    assert bool(offers(story)) is asked


def test_one_person_has_one_live_offer(story, full):
    join(story)
    join(story, service="short-visit")
    story.cancel(full[0], by="clinic")
    story.cancel(full[2], by="clinic")

    story.drain()
    story.wait(minutes=1)

    assert [offer.status for offer in offers(story)] == [OfferStatus.OPEN]


def test_whoever_has_another_visit_then_is_passed_over(story, full):
    first, second = join(story), join(story, OTHER)
    story.booked(story.time(25), doctor="samuel-mwangi")

    story.cancel(full[0], by="clinic")
    story.drain()

    assert [offer.entry_id for offer in offers(story)] == [second]
    assert status_of(story, first) == WaitingStatus.WAITING


def test_joining_again_keeps_the_place_and_changes_the_days(story, full):
    first = join(story)
    story.clock.advance(minutes=1)
    join(story, OTHER)
    story.clock.advance(minutes=1)

    again = join(story, part=DayPart.MORNING)
    story.cancel(full[0], by="clinic")
    story.drain()

    assert again == first
    assert [offer.entry_id for offer in offers(story)] == [first]


def test_the_same_form_sent_twice_is_one_place(story, full):
    assert guest(story, "ann", form_token="once") == guest(story, "ann", form_token="once")


def test_days_that_cannot_be_booked_are_refused(story, full):
    with pytest.raises(InvalidValue):
        join(story, days=(story.time().date().replace(year=2028),))


def test_a_place_ends_when_its_days_are_past(story, full):
    entry = join(story, days=(story.time().date(),))

    story.wait(hours=48)

    assert status_of(story, entry) == WaitingStatus.PAST


def test_a_place_ends_when_they_booked_such_a_time_themselves(story, full):
    entry = join(story)
    _add_hours(story, 30, 30.34)

    story.booked(story.time(30))
    story.wait(minutes=1)

    assert status_of(story, entry) == WaitingStatus.BOOKED
    assert offers(story) == []


def test_an_offer_paid_late_for_a_time_still_free_is_taken_after_all(story, full):
    entry = join(story)
    story.cancel(full[0], by="clinic")
    story.drain()
    (offer,) = offers(story)
    story.open(offer.booking_id)
    story.box.pay(story.payment_of(offer.booking_id).checkout_ref, card="4242424242424242")
    story.run_sql(
        "UPDATE bookings SET hold_expires_at = held_at WHERE id = :id", id=offer.booking_id
    )

    story.wait(minutes=1)

    assert offers(story)[0].status == OfferStatus.TAKEN
    assert status_of(story, entry) == WaitingStatus.BOOKED


def test_for_a_child_the_offer_is_the_childs(story, full):
    from datetime import date

    from efoy.domain.visitor import BookedFor, VisitorWish

    liya = VisitorWish(kind=BookedFor.CHILD, name="Liya Bekele", born_on=date(2019, 5, 3))
    join(story, visitor=liya, name="Almaz Bekele")

    story.cancel(full[0], by="clinic")
    story.drain()

    held = story.booking(offers(story)[0].booking_id)
    assert (held.visitor_name, held.booker_name) == ("Liya Bekele", "Almaz Bekele")
    assert held.visitor_born_on == date(2019, 5, 3)


# -- races, kills, mail ----------------------------------------------------------------------------


def test_a_freed_time_has_one_winner_among_sweeps_and_a_stranger(story, full):
    for name in ("ann", "ben", "cal"):
        guest(story, name)
    story.cancel(full[0], by="clinic")
    gate, won = threading.Barrier(4), []

    def sweep():
        with story.app.app_context():
            gate.wait()
            opening.offer_openings(actor=SWEEP, now=story.clock())

    def stranger():
        with story.app.app_context():
            gate.wait()
            try:
                won.append(story.hold(story.time(25), email="s@example.org", browser_hash="s"))
            except SlotTaken:
                return

    threads = [threading.Thread(target=each) for each in (sweep, sweep, sweep, stranger)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    live = [row for row in story.rows(Booking, starts_at=story.time(25)) if row.status == "held"]
    assert len(live) == 1
    assert len(offers(story)) + len(won) == 1


@pytest.mark.parametrize("side", ["before", "after"])
def test_killed_while_offering_there_is_one_offer_in_the_end(story, full, side):
    join(story)
    join(story, OTHER)
    story.cancel(full[0], by="clinic")

    arm(f"offer_time.{side}_commit:raise")
    try:
        with pytest.raises(FailpointReached):
            opening.offer_openings(actor=SWEEP, now=story.clock())
    finally:
        arm("")
    story.drain()
    rounds.each_minute(story.sweep)

    assert len(offers(story)) == 1
    assert len(story.rows(OutboxMessage, kind="time_opened")) == 1


@pytest.mark.parametrize("side", ["before", "after"])
def test_killed_while_following_an_offer_ends_as_its_hold_ended(story, full, side):
    entry = join(story)
    story.cancel(full[0], by="clinic")
    story.drain()
    (offer,) = offers(story)
    story.pay(offer.booking_id)
    story.come_back(offer.booking_id)

    arm(f"follow_offer.{side}_commit:raise")
    try:
        with pytest.raises(FailpointReached):
            rounds.each_minute(story.sweep)
    finally:
        arm("")
    story.wait(minutes=1)

    assert status_of(story, entry) == WaitingStatus.BOOKED


def test_an_offer_that_is_over_sends_no_mail(story, full):
    join(story)
    story.cancel(full[0], by="clinic")
    opening.offer_openings(actor=SWEEP, now=story.clock())
    waiting.decline_offer(
        offers(story)[0].id, stripe=story.stripe.gateway, actor=AS_PATIENT, now=story.clock()
    )

    story.work()

    (message,) = story.rows(OutboxMessage, kind="time_opened")
    assert message.status == "dropped"


def test_the_worker_is_woken_for_a_freed_time(story, full):
    entry = join(story)

    story.cancel(full[0], by="clinic")
    from efoy.services import worker

    worker.work("opening", full[0], story.tools)

    assert [offer.entry_id for offer in offers(story)] == [entry]
