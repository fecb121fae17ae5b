"""A patient cancels a paid visit: exactly what was shown comes back, and the time is free."""

from datetime import timedelta

import pytest

from efoy.domain.booking import BookingStatus
from efoy.domain.errors import QuoteChanged, RefundRefused, StaleAmount, TooLateToCancel
from efoy.domain.refund import RefundOrigin, RefundStatus
from efoy.models import OutboxMessage
from efoy.services import proposals, refund_decisions
from efoy.services.booking import Held
from efoy.services.refunds import RefundWish
from tests.support.story import AS_ADMIN, AS_PATIENT

pytestmark = pytest.mark.story
SECOND, MOMENT = timedelta(seconds=1), timedelta(microseconds=1)
BEFORE_DISPUTE = "4000000000000259"


@pytest.fixture
def automatic(story):
    """The clinic's rules give back by themselves."""
    story.run_sql("UPDATE refund_policies SET approval_mode = 'automatic'")


def booked_before(story, **before):
    """A paid visit, and the clock so long before it."""
    booking_id = story.booked(story.time(29))
    story.clock.at = story.booking(booking_id).starts_at - timedelta(**before)
    return booking_id


def only_refund(story, booking_id):
    """The one refund of a booking."""
    [refund] = story.refunds(booking_id)
    return refund


# -- what is shown is what comes back --------------------------------------------------------


def test_what_was_shown_waits_for_the_clinic_and_the_time_is_free_at_once(story):
    # Given a paid visit tomorrow, whose rules give everything
    booking_id = story.booked()
    # When the patient agrees to the quote
    story.cancel(booking_id, reason="The time doesn’t suit me")
    # Then exactly that is proposed, and somebody else can have the time
    refund = only_refund(story, booking_id)
    assert (refund.status, refund.origin) == (RefundStatus.PROPOSED, RefundOrigin.POLICY)
    assert (refund.amount_minor, refund.available_minor) == (4500, 4500)
    assert (refund.actor_id, refund.reason) == (AS_PATIENT.user_id, "patient_asked")
    booking = story.booking(booking_id)
    assert (booking.status, booking.cancelled_by) == (BookingStatus.CANCELLED, "patient")
    assert (booking.quoted_minor, booking.quoted_at) == (4500, story.clock())
    assert isinstance(story.hold(email="next@example.org"), Held)
    # and nothing is sent to Stripe before a person agrees
    story.wait(days=3)
    assert only_refund(story, booking_id).status == RefundStatus.PROPOSED


@pytest.mark.parametrize(
    ("before", "minor"), [({"hours": 24}, 4500), ({"hours": 3}, 2250), ({"hours": 1}, 0)]
)
def test_each_rung_gives_its_share(story, before, minor):
    booking_id = booked_before(story, **before)

    story.cancel(booking_id)

    assert sum(refund.amount_minor for refund in story.refunds(booking_id)) == minor
    assert story.booking(booking_id).quoted_minor == minor


@pytest.mark.usefixtures("automatic")
def test_where_the_rules_give_by_themselves_the_worker_sends_it(story):
    booking_id = booked_before(story, hours=3)

    story.cancel(booking_id)
    asked = only_refund(story, booking_id).status
    story.work()

    assert asked == RefundStatus.REQUESTED
    refund = only_refund(story, booking_id)
    assert (refund.status, refund.amount_minor) == (RefundStatus.SUCCEEDED, 2250)
    assert story.balance("refunds_paid") == 2250
    assert refund.decided_by is None


def test_pressing_twice_is_one_cancellation(story):
    booking_id = story.booked()
    shown = story.quote(booking_id).shown

    first, second = (story.cancel(booking_id, shown=shown) for _ in range(2))

    assert first is second is BookingStatus.CANCELLED
    assert len(story.refunds(booking_id)) == 1
    assert story.promised().count("cancelled_by_patient") == 1


# -- ten minutes ------------------------------------------------------------------------------


def test_a_quote_is_honoured_for_ten_minutes_even_when_a_rung_passes(story):
    booking_id = booked_before(story, hours=24)
    shown = story.quote(booking_id).shown

    story.clock.advance(minutes=10)
    story.cancel(booking_id, shown=shown)

    booking = story.booking(booking_id)
    assert (booking.quoted_minor, booking.quoted_at) == (4500, shown.at)
    assert only_refund(story, booking_id).amount_minor == 4500


def test_a_moment_later_it_is_shown_again(story):
    booking_id = booked_before(story, hours=24)
    shown = story.quote(booking_id).shown
    story.clock.at = story.clock.at + timedelta(minutes=10) + MOMENT

    with pytest.raises(QuoteChanged):
        story.cancel(booking_id, shown=shown)

    assert story.booking(booking_id).status == BookingStatus.CONFIRMED
    assert story.refunds(booking_id) == []
    assert story.quote(booking_id).quote.amount.minor == 2250


def test_a_refund_in_between_changes_the_quote(story):
    booking_id = story.booked()
    shown = story.quote(booking_id).shown
    story.refund(story.payment_of(booking_id).id, 1000)

    with pytest.raises(QuoteChanged):
        story.cancel(booking_id, shown=shown)
    story.cancel(booking_id)

    assert story.booking(booking_id).quoted_minor == 3500
    assert sorted(refund.amount_minor for refund in story.refunds(booking_id)) == [1000, 3500]


def test_half_is_half_of_what_is_left(story):
    booking_id = booked_before(story, hours=3)
    story.refund(story.payment_of(booking_id).id, 1000)
    story.work()

    story.cancel(booking_id)

    assert story.booking(booking_id).quoted_minor == 1750


def test_the_quote_of_another_visit_is_worth_nothing(story):
    mine, other = story.booked(), story.booked(story.time(49))

    with pytest.raises(QuoteChanged):
        story.cancel(mine, shown=story.quote(other).shown)

    assert story.booking(mine).status == BookingStatus.CONFIRMED


def test_without_a_quote_a_patient_cancels_nothing(story):
    booking_id = story.booked()

    with pytest.raises(QuoteChanged):
        cancel_without_quote(story, booking_id)


def cancel_without_quote(story, booking_id):
    """A form that lost its quote."""
    from efoy.services.giving_up import cancel_booking

    return cancel_booking(
        booking_id,
        by="patient",
        reason="",
        stripe=story.stripe.gateway,
        actor=AS_PATIENT,
        now=story.clock(),
    )


# -- too late -----------------------------------------------------------------------------------


def test_once_the_visit_has_begun_it_is_too_late(story):
    booking_id = booked_before(story, hours=0)

    with pytest.raises(TooLateToCancel):
        story.cancel(booking_id)

    assert story.booking(booking_id).status == BookingStatus.CONFIRMED


def test_a_quote_shown_before_the_visit_is_honoured_after_it_began(story):
    booking_id = booked_before(story, seconds=1)
    shown = story.quote(booking_id).shown

    story.clock.advance(minutes=2)
    story.cancel(booking_id, shown=shown)

    assert story.booking(booking_id).quoted_minor == 0


# -- nothing to give ------------------------------------------------------------------------------


def test_beside_a_dispute_nothing_is_proposed(story):
    booking_id = story.booked(card=BEFORE_DISPUTE)
    story.box.later(60)
    story.deliver()

    found = story.quote(booking_id)
    story.cancel(booking_id, shown=found.shown)

    assert found.quote.blocked == "disputed"
    assert story.booking(booking_id).quoted_minor == 0
    assert story.refunds(booking_id) == []


def test_a_dispute_that_opens_in_between_changes_the_quote(story):
    booking_id = story.booked(card=BEFORE_DISPUTE)
    shown = story.quote(booking_id).shown
    story.box.later(60)
    story.deliver()

    with pytest.raises(QuoteChanged):
        story.cancel(booking_id, shown=shown)


def test_what_a_bank_took_is_not_given_a_second_time(story):
    booking_id = story.booked()
    intent = story.payment_of(booking_id).intent_ref
    dispute = story.box.control("disputes", {"payment_intent": intent})["id"]
    story.deliver()
    story.box.control(f"disputes/{dispute}/close", {"status": "lost"})
    story.deliver()

    found = story.quote(booking_id)
    story.cancel(booking_id, shown=found.shown)

    assert (found.quote.left.minor, found.quote.back.minor) == (0, 4500)
    assert story.refunds(booking_id) == []


# -- the clinic cancels --------------------------------------------------------------------------


def test_the_clinic_gives_everything_whatever_the_rung(story):
    booking_id = booked_before(story, minutes=30)

    story.cancel(booking_id, by="clinic", actor=AS_ADMIN)
    story.work()

    refund = only_refund(story, booking_id)
    assert (refund.status, refund.amount_minor) == (RefundStatus.SUCCEEDED, 4500)
    assert (refund.origin, refund.reason) == (RefundOrigin.POLICY, "clinic_cancelled")


# -- a person decides ----------------------------------------------------------------------------


def proposed(story):
    """A cancelled booking and the refund that waits for a person."""
    booking_id = story.booked()
    story.cancel(booking_id)
    return booking_id, only_refund(story, booking_id).id


def test_once_approved_it_goes_to_the_card(story):
    booking_id, refund_id = proposed(story)

    proposals.approve_refund(refund_id, actor=AS_ADMIN, now=story.clock())
    story.work()

    refund = only_refund(story, booking_id)
    assert (refund.status, refund.decided_by) == (RefundStatus.SUCCEEDED, AS_ADMIN.user_id)
    assert story.balance("refunds_paid") == 4500
    assert "refund_sent" in story.promised()


def test_what_was_decided_is_decided(story):
    _, refund_id = proposed(story)
    proposals.approve_refund(refund_id, actor=AS_ADMIN, now=story.clock())

    with pytest.raises(RefundRefused, match="decided"):
        refund_decisions.decline_refund(refund_id, note="", actor=AS_ADMIN, now=story.clock())
    with pytest.raises(RefundRefused, match="decided"):
        proposals.approve_refund(refund_id, actor=AS_ADMIN, now=story.clock())


def test_a_declined_refund_stays_with_the_clinic(story):
    booking_id, refund_id = proposed(story)

    refund_decisions.decline_refund(
        refund_id, note="Came late twice", actor=AS_ADMIN, now=story.clock()
    )
    story.drain()

    refund = only_refund(story, booking_id)
    assert (refund.status, refund.note) == (RefundStatus.WITHDRAWN, "Came late twice")
    assert story.balance("refunds_paid") == 0


def test_a_person_gives_another_amount_instead(story):
    booking_id, refund_id = proposed(story)
    wish = RefundWish(amount=3000, available=4500, reason="goodwill", form_token="once")

    given = {
        refund_decisions.give_other_amount(refund_id, wish, actor=AS_ADMIN, now=story.clock())
        for _ in range(2)
    }
    story.work()

    assert len(given) == 1
    facts = {(row.amount_minor, row.status, row.origin) for row in story.refunds(booking_id)}
    assert facts == {(4500, "withdrawn", "policy"), (3000, "succeeded", "admin")}


def test_money_that_waits_is_not_given_a_second_time(story):
    booking_id, _ = proposed(story)

    with pytest.raises(StaleAmount):
        story.refund(story.payment_of(booking_id).id, 4500)


def test_a_refund_in_stripes_dashboard_takes_the_place_of_the_proposal(story):
    booking_id, _ = proposed(story)

    intent = story.payment_of(booking_id).intent_ref
    story.box.control("dashboard/refund", {"payment_intent": intent, "amount": 4500})
    story.deliver()

    by_origin = {row.origin: row.status for row in story.refunds(booking_id)}
    assert by_origin == {"policy": "withdrawn", "external": "succeeded"}


def test_a_dispute_holds_an_approval_up(story):
    booking_id = story.booked(card=BEFORE_DISPUTE)
    story.cancel(booking_id)
    story.box.later(60)
    story.deliver()

    with pytest.raises(RefundRefused, match="disputed"):
        proposals.approve_refund(
            only_refund(story, booking_id).id, actor=AS_ADMIN, now=story.clock()
        )


# -- what the patient hears ----------------------------------------------------------------------


def test_the_mail_tells_the_state_of_its_own_moment(story):
    booking_id = story.booked()
    story.cancel(booking_id)
    proposals.approve_refund(only_refund(story, booking_id).id, actor=AS_ADMIN, now=story.clock())

    story.work()

    first = next(one for one in story.mailbox.subjects if one.startswith("Cancelled"))
    assert first == "Cancelled: Tue 24 Nov, 10:00 am. $45.00 is on its way back"


def test_the_calendar_entry_is_taken_away_under_its_own_name(story):
    booking_id = story.booked()
    story.work()
    story.cancel(booking_id)
    story.work()

    sent = [str(m.get_payload()[1].get_payload(decode=True)) for m in story.mailbox.messages[:2]]
    ways = [part.partition("METHOD:")[2][:7] for part in sent]
    names = {part.partition("UID:")[2].partition("\\r")[0] for part in sent}
    steps = [part.partition("SEQUENCE:")[2][0] for part in sent]
    assert ways == ["REQUEST", "CANCEL\\"]
    assert len(names) == 1
    assert steps == ["0", "1"]
    assert len(story.rows(OutboxMessage)) == 2
