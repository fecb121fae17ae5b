"""Two to eight people refund one payment at once: never more than came in, each told the truth.

Every round is a payment of its own; how many there are is decided in ``tests.support.rounds``.
"""

from functools import partial

import pytest

from efoy.domain.errors import RefundRefused, StaleAmount
from efoy.domain.refund import OVER, RefundStatus
from efoy.domain.refund_way import RefundWay
from efoy.domain.role import Actor, Door, Role
from efoy.models import User
from efoy.models.base import lock, transaction
from efoy.models.payment import Payment
from efoy.services.proposals import approve_refund, ask_back
from efoy.services.refund_by_hand import Hand, pay_by_hand
from efoy.services.refund_decisions import decline_refund, give_other_amount
from efoy.services.refunds import RefundWish, request_refund
from tests.support.crowd import at_once
from tests.support.rounds import rounds
from tests.support.story import AS_PATIENT

pytestmark = pytest.mark.story
PAID, A_MORNING = 4500, 9
CASH = Hand(way=RefundWay.CASH, by="Ruth Okello")
TOLD = str | RefundStatus | StaleAmount | RefundRefused | type(None)
"""Everybody gets a refund, or a reason in words of ours."""


@pytest.fixture
def admins(story):
    """Eight admins who may all refund."""
    with transaction("seed") as session:
        for n in range(8):
            person = User(id=f"admin-{n}", email=f"a{n}@example.org", name=f"Admin {n}")
            person.role, person.created_at = Role.ADMIN, story.clock()
            session.add(person)
    return [Actor(user_id=f"admin-{n}", role="admin", door=Door.WEB) for n in range(8)]


def paid(story, number):
    """A paid booking of its own, one every twenty minutes of the mornings to come."""
    day, place = divmod(number, A_MORNING)
    booking_id = story.booked(
        story.time(24 * (day + 1) + place / 3), email=f"duel{number}@example.org"
    )
    return story.payment_of(booking_id).id


def duellists(number, admins):
    """Two to eight of them, another number in each round."""
    return admins[: 2 + number % 7]


def given(story, payment_id):
    """What goes back of the payment, or went, by its rows."""
    rows = story.refunds(story.payment(payment_id).booking_id)
    return sum(row.amount_minor for row in rows if row.status not in OVER)


def wish(amount, available=PAID):
    """What somebody's page showed, and what they want."""
    return RefundWish(amount=amount, available=available, reason="goodwill")


def propose(story, payment_id):
    """What the rules give waits for a person."""
    with transaction("cancel_booking") as session:
        payment = lock(session, Payment, payment_id)
        refund = ask_back(
            session,
            payment,
            2250,
            automatic=False,
            reason="patient_asked",
            actor=AS_PATIENT,
            now=story.clock(),
        )
        return refund.id


def all_told(results, number):
    """Everybody was told what became of it, in words of ours."""
    assert all(isinstance(result, TOLD) for result in results), (number, results)


def test_many_refunders_of_one_page_give_back_one_refund(story, admins):
    now = story.clock()
    for number in rounds():
        payment_id = paid(story, number)
        acts = [
            partial(request_refund, payment_id, wish(1000 + 500 * n), actor=actor, now=now)
            for n, actor in enumerate(duellists(number, admins))
        ]

        results = at_once(story.app, acts)

        all_told(results, number)
        assert sum(isinstance(result, str) for result in results) == 1, (number, results)
        assert 0 < given(story, payment_id) <= PAID, number
    story.work()


def test_approving_declining_changing_and_handing_over_at_once_is_one_decision(story, admins):
    now = story.clock()
    for number in rounds():
        payment_id = paid(story, number)
        refund_id = propose(story, payment_id)
        ways = (
            partial(approve_refund, refund_id, now=now),
            partial(decline_refund, refund_id, note="no", now=now),
            partial(give_other_amount, refund_id, wish(4000), now=now),
            partial(pay_by_hand, payment_id, wish(2250, 2250), CASH, now=now),
            partial(request_refund, payment_id, wish(2250, 2250), now=now),
        )
        acts = [
            partial(ways[(number + n) % len(ways)], actor=actor)
            for n, actor in enumerate(duellists(number, admins))
        ]

        results = at_once(story.app, acts)

        all_told(results, number)
        assert given(story, payment_id) <= PAID, (number, results)
        rows = story.refunds(story.payment(payment_id).booking_id)
        assert sum(row.decided_by is not None for row in rows) <= 1, (number, results)
    story.work()


def test_a_refund_in_stripes_dashboard_against_refunders_here_stays_within_the_payment(
    story, admins
):
    now = story.clock()
    for number in rounds(2):
        payment_id = paid(story, number)
        intent = story.payment(payment_id).intent_ref
        body = {"payment_intent": intent, "amount": 3000}
        acts = [partial(story.box.control, "dashboard/refund", body)] + [
            partial(request_refund, payment_id, wish(3000), actor=actor, now=now)
            for actor in duellists(number, admins)
        ]

        at_once(story.app, acts)
        story.deliver()
        story.drain()

        assert given(story, payment_id) == at_stripe(story, intent) <= PAID, number


def at_stripe(story, intent):
    """What Stripe gives or gave back of a payment."""
    refunds = [one.body for one in story.box.state.by_id.values() if one.body["object"] == "refund"]
    return sum(
        refund["amount"]
        for refund in refunds
        if refund["payment_intent"] == intent and refund["status"] not in {"failed", "canceled"}
    )
