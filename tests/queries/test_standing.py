"""What is the one word for a booking's money, and which payment carries it?"""

from datetime import UTC, datetime, timedelta

import pytest

from efoy.domain.money import Money
from efoy.domain.payment import PaymentMethod, PaymentStatus, Standing
from efoy.domain.refund import RefundStatus
from efoy.queries.standing import PaymentMoney, main_payment, standing_of, unanswered

NOON = datetime(2026, 11, 23, 17, tzinfo=UTC)
BACK, WAITING, FAILED = RefundStatus.SUCCEEDED, RefundStatus.PENDING, RefundStatus.FAILED


def payment(key="a", status=PaymentStatus.PAID, minutes=0, **more):
    """A payment of $45.00, paid unless the story says otherwise."""
    facts = {
        "booking_id": "b",
        "method": PaymentMethod.STRIPE,
        "amount": Money(4500, "USD"),
        "created_at": NOON + timedelta(minutes=minutes),
        "paid_at": NOON,
        "checkout_ref": None,
        "intent_ref": None,
        "card": "",
        "decline_code": None,
        "parked_reason": None,
        "fee": None,
        "captured": 4500 if status is PaymentStatus.PAID else 0,
    }
    return PaymentMoney(id=key, status=status, **(facts | more))


@pytest.mark.parametrize(
    ("payments", "word"),
    [
        ([], Standing.UNPAID),
        ([payment(status=PaymentStatus.OPEN)], Standing.UNPAID),
        ([payment(status=PaymentStatus.PROCESSING)], Standing.PROCESSING),
        ([payment(status=PaymentStatus.FAILED), payment("b")], Standing.PAID),
        ([payment(refunded=4500), payment("b", minutes=5)], Standing.PAID),
        ([payment(), payment("b", minutes=5, refunded=4500)], Standing.PAID),
        ([payment(refunded=4500)], Standing.REFUNDED),
        ([payment(on_the_way=4500)], Standing.REFUND_PENDING),
        ([payment(refunded=2250)], Standing.PARTLY_REFUNDED),
        ([payment(failed=4500)], Standing.REFUND_FAILED),
        ([payment(disputed=True)], Standing.DISPUTED),
        ([payment(), payment("b", status=PaymentStatus.PARKED)], Standing.PARKED),
    ],
)
def test_the_word_for_a_bookings_money(payments, word):
    assert standing_of(payments) is word


def test_the_payment_that_keeps_money_carries_the_booking():
    given_back, kept = payment("given-back", refunded=4500), payment("kept", minutes=5)

    assert main_payment([given_back, kept]) is kept
    assert main_payment([given_back]) is given_back
    assert main_payment([payment(status=PaymentStatus.OPEN)]) is None


@pytest.mark.parametrize(
    ("refunds", "waiting"),
    [
        ([(FAILED, 4500)], 4500),
        ([(FAILED, 4500), (WAITING, 4500)], 0),
        ([(BACK, 1000), (FAILED, 500)], 500),
        ([(FAILED, 500), (FAILED, 500)], 1000),
        ([(FAILED, 500), (RefundStatus.WITHDRAWN, 500)], 500),
    ],
)
def test_a_failed_refund_waits_until_a_later_one_takes_over(refunds, waiting):
    assert unanswered(refunds) == waiting
