"""Many at once: one winner, one charge, one receipt, whoever comes first."""

import json
from itertools import pairwise, permutations

import pytest

from efoy.domain.booking import BookingStatus
from efoy.domain.errors import Conflict, EfoyError, StaleAmount
from efoy.models import Booking, LedgerEntry, StripeEvent
from efoy.services.booking import Held
from efoy.services.worker import work
from tests.support.crowd import at_once

pytestmark = pytest.mark.story
SERVICES = ("see-the-doctor", "full-check", "short-visit")


def _wish(story, n):
    """Client n wants some service around ten o'clock; lengths differ, so they overlap in parts."""
    service = SERVICES[n % 3]
    step = {"see-the-doctor": 20, "full-check": 45, "short-visit": 15}[service]
    starts = story.time(24 + (n % 4) * step / 60)
    return lambda: story.hold(starts, service=service, email=f"person{n}@example.org")


def test_sixty_four_people_on_overlapping_times_never_overlap(story):
    results = at_once(story.app, [_wish(story, n) for n in range(64)])

    winners = [r for r in results if isinstance(r, Held)]
    assert winners
    assert all(isinstance(r, Held | Conflict) for r in results), results
    rows = sorted(story.rows(Booking, status="held"), key=lambda row: row.starts_at)
    assert len(rows) == len(winners)
    assert all(a.busy_until <= b.starts_at for a, b in pairwise(rows))


def test_one_time_has_one_winner_among_many(story):
    acts = [lambda n=n: story.hold(email=f"person{n}@example.org") for n in range(32)]

    results = at_once(story.app, acts)

    assert sum(isinstance(r, Held) for r in results) == 1
    assert len(story.rows(Booking, status="held")) == 1


def test_one_form_pressed_many_times_at_once_is_one_booking(story):
    results = at_once(story.app, [lambda: story.hold(form_token="once")] * 8)

    assert len({result.id for result in results}) == 1


def test_pay_pressed_many_times_at_once_opens_one_page(story):
    held = story.hold()

    results = at_once(story.app, [lambda: story.open(held.id)] * 8)

    assert len(story.payments(held.id)) == 1
    urls = {r.url for r in results if not isinstance(r, EfoyError)}
    assert len(urls) == 1
    sessions = [o for o in story.box.state.by_id.values() if o.body["object"] == "checkout.session"]
    assert len(sessions) == 1


def _twins(story, letter, count):
    """The same news under other event ids, each properly signed."""
    event = json.loads(letter.body)
    for n in range(count):
        body = json.dumps(event | {"id": f"{event['id']}twin{n}"}).encode()
        yield body, story.box.sign(body)["Stripe-Signature"]


def test_twenty_messages_of_one_payment_at_once_leave_one_of_everything(story):
    held = story.hold()
    story.pay(held.id)
    letters = story.box.take_deliveries()
    paid = next(x for x in letters if json.loads(x.body)["type"] == "checkout.session.completed")
    twins = list(_twins(story, paid, 20))

    at_once(story.app, [lambda t=t: story.receive(t[1], t[0]) for t in twins])
    keys = [row.id for row in story.rows(StripeEvent)]
    at_once(story.app, [lambda k=k: work("event", k, story.tools) for k in keys])
    story.work()

    assert len(keys) == 20
    assert {row.status for row in story.rows(StripeEvent)} == {"done"}
    charges = [row for row in story.rows(LedgerEntry) if row.cause.startswith("charge:")]
    assert len(charges) == 2
    assert len(story.receipts()) == 1
    assert story.promised() == ["booked"]


def test_the_same_message_twenty_times_at_once_is_kept_once(story):
    held = story.hold()
    story.pay(held.id)
    letter = story.box.take_deliveries()[0]
    signature = letter.headers["Stripe-Signature"]

    results = at_once(story.app, [lambda: story.receive(signature, letter.body)] * 20)

    assert sorted(results) == [False] * 19 + [True]
    assert len(story.rows(StripeEvent)) == 1


def test_return_message_and_sweep_at_once_leave_one_of_everything(story):
    held = story.hold()
    story.pay(held.id)
    payment_id = story.payment_of(held.id).id

    results = at_once(story.app, [lambda: story.settle(payment_id)] * 12)

    assert set(results) == {"paid"}
    assert story.booking(held.id).status == BookingStatus.CONFIRMED
    assert len(story.receipts()) == 1
    assert story.promised() == ["booked"]


def test_refunders_at_once_never_return_more_than_came_in(story):
    booking_id = story.booked()
    payment_id = story.payment_of(booking_id).id

    results = at_once(
        story.app, [lambda: story.refund(payment_id, 3000, available=4500) for _ in range(8)]
    )
    story.work()

    assert sum(isinstance(r, str) for r in results) == 1
    assert all(isinstance(r, str | StaleAmount) for r in results), results
    assert sum(refund.amount_minor for refund in story.refunds(booking_id)) == 3000


def test_many_receipts_at_once_are_numbered_without_gaps(story):
    held = [story.hold(story.time(24 + n / 3), email=f"person{n}@example.org") for n in range(8)]
    for one in held:
        story.pay(one.id)
    keys = [story.payment_of(one.id).id for one in held]

    at_once(story.app, [lambda k=k: story.settle(k) for k in keys])

    assert story.receipts() == [f"R-2026-{n:06d}" for n in range(1, 9)]


def test_every_order_of_a_payments_messages_ends_the_same(story):
    held = story.hold()
    story.pay(held.id)
    letters = [
        letter
        for letter in story.box.take_deliveries()
        if json.loads(letter.body)["type"]
        in {
            "payment_intent.succeeded",
            "checkout.session.completed",
            "charge.succeeded",
            "charge.updated",
        }
    ]
    states = set()

    for number, order in enumerate(permutations(letters)):
        for letter in order:
            body, signature = next(_twins(story, letter, 1))
            body = body.replace(b"twin0", f"twin{number}".encode())
            signature = story.box.sign(body)["Stripe-Signature"]
            story.receive(signature, body)
        story.work()
        booking, payment = story.booking(held.id), story.payment_of(held.id)
        states.add((booking.status, payment.status, payment.captured_minor))

    assert states == {("confirmed", "paid", 4500)}
    assert len(story.receipts()) == 1
    assert story.promised() == ["booked"]
