"""The desk takes money: by hand, never while Stripe could take it, too."""

import pytest

from efoy.domain.errors import AlreadyPaid, HoldExpired, PaymentUnsettled, ProviderDown
from efoy.domain.notice import CheckoutState
from efoy.domain.payment import PaymentMethod
from efoy.services.desk_money import Taking, take_at_desk
from tests.support.clinic import DESK
from tests.support.desk import AS_DESK, take

CASH, TERMINAL = PaymentMethod.CASH, PaymentMethod.TERMINAL


@pytest.mark.parametrize(("method", "account"), [(CASH, "desk_cash"), (TERMINAL, "desk_terminal")])
def test_money_taken_at_the_desk_books_the_visit_at_once(story, method, account):
    held = story.hold()

    payment_id = take(story, held.id, method, note="in coins")

    payment = story.payment(payment_id)
    assert (story.booking(held.id).status, payment.status) == ("confirmed", "paid")
    assert (payment.method, payment.taken_by, payment.taken_note) == (method, DESK, "in coins")
    assert (story.balance(account), story.balance("visit_income")) == (4500, -4500)
    assert story.balance("stripe_balance") == 0
    assert (len(story.receipts()), story.promised()) == (1, ["booked"])
    assert story.charges_at_stripe() == []


def test_the_receipt_says_how_it_was_paid_and_names_no_statement(story):
    held = story.hold()

    take(story, held.id)
    story.drain()

    (letter,) = story.mailbox.to("almaz@example.org")
    text = letter.get_body(("plain",)).get_content()
    assert "in cash at the clinic: $45.00" in text
    assert "statement" not in text


def test_the_second_of_two_presses_of_one_form_finds_the_first(story):
    held = story.hold()

    first = take(story, held.id, form_token="once")
    second = take(story, held.id, form_token="once")

    assert first == second
    assert len(story.payments(held.id)) == 1


def test_a_second_person_at_the_desk_is_told_it_is_paid(story):
    held = story.hold()
    take(story, held.id, form_token="one")

    with pytest.raises(AlreadyPaid):
        take(story, held.id, form_token="other")

    assert story.balance("desk_cash") == 4500


def test_an_open_pay_page_is_closed_before_money_is_taken(story):
    held = story.hold()
    page = story.open(held.id)

    take(story, held.id)

    assert story.stripe.gateway.fetch_checkout(page.checkout_ref).state is CheckoutState.EXPIRED
    assert [payment.status for payment in story.payments(held.id)] == ["expired", "paid"]
    assert story.booking(held.id).status == "confirmed"


def test_who_paid_by_card_a_moment_ago_keeps_their_cash(story):
    held = story.hold()
    story.pay(held.id)

    with pytest.raises(AlreadyPaid):
        take(story, held.id)

    assert (story.balance("stripe_balance") > 0, story.balance("desk_cash")) == (True, 0)
    assert [payment.method for payment in story.payments(held.id)] == ["stripe"]


def test_with_stripe_away_no_money_is_taken(story):
    held = story.hold()
    story.open(held.id)

    with story.stripe_away(), pytest.raises(ProviderDown):
        take(story, held.id)

    assert (story.booking(held.id).status, story.balance("desk_cash")) == ("held", 0)
    take(story, held.id)
    assert story.booking(held.id).status == "confirmed"


def test_a_page_closed_for_the_desk_leaves_the_time_held_until_its_end(story):
    held = story.hold()
    story.open(held.id)
    with story.stripe_away(), pytest.raises(ProviderDown):
        take(story, held.id)

    story.wait(minutes=2)
    assert (story.payment_of(held.id).status, story.booking(held.id).status) == ("expired", "held")

    story.wait(minutes=40)
    assert (story.booking(held.id).status, story.claims(held.id)) == ("expired", 0)


def test_money_on_its_way_from_a_bank_is_waited_for(story):
    held = story.hold()
    page = story.open(held.id)
    story.box.pay(page.checkout_ref, action="bank")

    with pytest.raises(PaymentUnsettled):
        take(story, held.id)

    assert story.balance("desk_cash") == 0
    assert story.payment_of(held.id).status == "processing"


def test_a_time_that_was_given_up_is_not_sold_by_hand(story):
    held = story.hold()
    story.wait(minutes=16)

    with pytest.raises(HoldExpired):
        take_at_desk(
            held.id,
            Taking(method=CASH),
            stripe=story.stripe.gateway,
            actor=AS_DESK,
            now=story.clock(),
        )

    assert story.balance("desk_cash") == 0
