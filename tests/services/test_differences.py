"""What Stripe shows is compared with what was asked; any difference parks the payment."""

from dataclasses import replace

import pytest

from efoy.domain.booking import BookingStatus
from efoy.domain.role import Door, system
from efoy.models import Alert, LedgerEntry
from efoy.services.settlement import apply_checkout


def _paid_notice(story):
    held = story.hold()
    story.pay(held.id)
    payment = story.payment_of(held.id)
    return held, payment, story.stripe.gateway.fetch_checkout(payment.checkout_ref)


def _apply(story, payment, notice):
    apply_checkout(payment.id, notice, actor=system(Door.SWEEP), now=story.clock())


def test_another_amount_parks(story):
    held, payment, notice = _paid_notice(story)

    _apply(story, payment, replace(notice, amount=1, captured=4500))

    assert story.payment(payment.id).parked_reason == "amount"
    assert story.booking(held.id).status == BookingStatus.HELD


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"captured": 1}, "captured"),
        ({"currency": "EUR"}, "currency"),
        ({"live": True}, "mode"),
        ({"reference": "somebody-else"}, "reference"),
        ({"reference": None}, "reference"),
        ({"ref": "cs_test_another"}, "checkout"),
    ],
)
def test_any_difference_parks_and_tells_a_person(story, change, reason):
    held, payment, notice = _paid_notice(story)

    _apply(story, payment, replace(notice, **change))
    _apply(story, payment, notice)

    assert story.payment(payment.id).status == "parked"
    assert story.payment(payment.id).parked_reason == reason
    assert story.booking(held.id).status == BookingStatus.HELD
    assert story.claims(held.id) == 4
    assert story.rows(LedgerEntry) == []
    assert [alert.kind for alert in story.rows(Alert)] == ["parked_payment"]


def test_complete_without_the_money_is_not_paid(story):
    from efoy.domain.notice import Funds

    held, payment, notice = _paid_notice(story)

    _apply(story, payment, replace(notice, funds=Funds.PROCESSING, captured=0))

    assert story.booking(held.id).status == BookingStatus.HELD
    assert story.payment(payment.id).status == "processing"


def test_an_old_no_after_a_yes_changes_nothing(story):
    from efoy.domain.notice import CheckoutState, Funds

    held, payment, notice = _paid_notice(story)
    _apply(story, payment, notice)

    old = replace(notice, state=CheckoutState.EXPIRED, funds=Funds.UNPAID, captured=0)
    _apply(story, payment, old)

    assert story.booking(held.id).status == BookingStatus.CONFIRMED
    assert story.payment(payment.id).status == "paid"
