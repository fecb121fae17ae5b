"""The state machines: whole tables, whole sequences."""

from itertools import permutations, product

import pytest

from efoy.domain import machine
from efoy.domain.booking import BOOKING, BookingEvent, BookingStatus, Landing, on_paid
from efoy.domain.closing import CLOSING, ITEM, ClosingStatus, ItemStatus
from efoy.domain.dispute import DISPUTE, DisputeStatus, known
from efoy.domain.errors import IllegalTransition
from efoy.domain.moving import MOVE, MoveStatus
from efoy.domain.payment import PAYMENT, PaymentEvent, PaymentStatus, Standing, standing
from efoy.domain.refund import FIRST, REFUND, RefundEvent, RefundStatus, available
from efoy.domain.waiting import OFFER, WAITING, OfferStatus, WaitingStatus
from tests.support.clock import MONDAY_MORNING

MACHINES = [
    (BOOKING, BookingStatus, {BookingStatus.HELD}),
    (PAYMENT, PaymentStatus, {PaymentStatus.CREATING}),
    (CLOSING, ClosingStatus, {ClosingStatus.RUNNING}),
    (ITEM, ItemStatus, {ItemStatus.WAITING}),
    (REFUND, RefundStatus, FIRST),
    (MOVE, MoveStatus, {MoveStatus.PENDING}),
    (WAITING, WaitingStatus, {WaitingStatus.WAITING}),
    (OFFER, OfferStatus, {OfferStatus.OPEN}),
    (DISPUTE, DisputeStatus, {DisputeStatus.WARNING_NEEDS_RESPONSE, DisputeStatus.NEEDS_RESPONSE}),
]


@pytest.mark.parametrize(("table", "words", "starts"), MACHINES)
def test_every_status_can_be_reached(table, words, starts):
    reached = set(starts)
    for _ in words:
        reached |= {after for (before, _), after in table.items() if before in reached}

    assert reached == set(words)


@pytest.mark.parametrize(("table", "words", "starts"), MACHINES)
def test_a_missing_edge_is_refused(table, words, starts):
    events = {event for _, event in table}
    for status, event in product(words, events):
        if (status, event) in table:
            assert machine.advance(table, status, event) is table[(status, event)]
        else:
            with pytest.raises(IllegalTransition):
                machine.advance(table, status, event)


def test_any_order_of_news_that_contains_paid_ends_paid():
    news = (PaymentEvent.PROCESS, PaymentEvent.EXPIRE, PaymentEvent.FAIL, PaymentEvent.CLOSE)
    for length in range(1, 5):
        for others in permutations(news, length):
            for place in range(length + 1):
                order = [*others[:place], PaymentEvent.PAY, *others[place:]]
                status = PaymentStatus.OPEN
                for event in order:
                    if machine.may(PAYMENT, status, event):
                        status = machine.advance(PAYMENT, status, event)
                assert status is PaymentStatus.PAID, order


def test_a_refund_only_goes_forward():
    steps = ("proposed", "requested", "submitted", "pending", "requires_action", "succeeded")
    rank = {step: number for number, step in enumerate(steps)}
    for before, after in machine.edges(REFUND):
        assert rank.get(after, len(steps)) > rank[before]
    assert machine.advance(REFUND, RefundStatus.SUCCEEDED, RefundEvent.FAIL) is RefundStatus.FAILED


@pytest.mark.parametrize(
    ("status", "other", "free", "landing"),
    [
        ("held", False, True, Landing.CONFIRM),
        ("held", True, True, Landing.DUPLICATE),
        ("expired", False, True, Landing.CONFIRM),
        ("expired", False, False, Landing.SLOT_LOST),
        ("confirmed", True, True, Landing.DUPLICATE),
        ("confirmed", False, True, Landing.DUPLICATE),
        ("cancelled", False, True, Landing.CANCELLED),
        ("attended", False, True, Landing.DUPLICATE),
    ],
)
def test_where_captured_money_goes(status, other, free, landing):
    told = on_paid(
        BookingStatus(status),
        other_payment_keeps_it=other,
        slot_free=free,
        starts_at=MONDAY_MORNING.replace(day=25),
        now=MONDAY_MORNING,
    )

    assert told is landing


def test_late_money_for_a_visit_that_is_past_goes_back():
    told = on_paid(
        BookingStatus.EXPIRED,
        other_payment_keeps_it=False,
        slot_free=True,
        starts_at=MONDAY_MORNING,
        now=MONDAY_MORNING,
    )

    assert told is Landing.SLOT_LOST


@pytest.mark.parametrize(
    ("refunded", "waiting", "failed", "disputed", "word"),
    [
        (0, 0, 0, False, Standing.PAID),
        (4500, 0, 0, False, Standing.REFUNDED),
        (1000, 0, 0, False, Standing.PARTLY_REFUNDED),
        (1000, 500, 0, False, Standing.REFUND_PENDING),
        (0, 0, 4500, False, Standing.REFUND_FAILED),
        (4500, 0, 4500, False, Standing.REFUNDED),
        (0, 0, 0, True, Standing.DISPUTED),
    ],
)
def test_the_one_word_for_a_bookings_money(refunded, waiting, failed, disputed, word):
    told = standing(
        captured=4500, refunded=refunded, on_their_way=waiting, failed=failed, disputed=disputed
    )

    assert told is word


def test_refunds_that_are_over_do_not_count():
    rows = [
        (RefundStatus.SUCCEEDED, 1000),
        (RefundStatus.FAILED, 4500),
        (RefundStatus.PENDING, 500),
    ]

    assert available(4500, rows) == 3000


def test_a_word_stripe_adds_later_is_unknown_and_no_error():
    assert known("appeal_of_the_appeal") is None
    assert known("won") is DisputeStatus.WON


def test_confirmed_is_left_only_by_people():
    confirmed = BookingStatus.CONFIRMED
    edges = {event: after for (before, event), after in BOOKING.items() if before is confirmed}
    leaving = {event for event, after in edges.items() if after is not confirmed}

    assert edges.keys() - leaving == {BookingEvent.MOVE}, "another time, and no other standing"
    assert leaving == {BookingEvent.CANCEL, BookingEvent.ATTEND, BookingEvent.MISS}


def test_money_that_waits_for_a_person_has_a_word_of_its_own():
    told = standing(
        captured=4500, refunded=1000, on_their_way=500, failed=0, disputed=False, proposed=3000
    )

    assert told is Standing.REFUND_PROPOSED
