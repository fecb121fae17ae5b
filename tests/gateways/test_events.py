"""What comes through the webhook's door: only what Stripe signed, now."""

import json

import pytest

from efoy.domain.errors import Untrusted
from efoy.models import StripeEvent


def _letter(story):
    held = story.hold()
    story.pay(held.id)
    return story.box.take_deliveries()[-1]


def _refused(story, body, signature):
    with pytest.raises(Untrusted):
        story.receive(signature, body)
    assert story.rows(StripeEvent) == []


def test_a_signed_message_is_kept_without_its_body(story):
    letter = _letter(story)

    assert story.receive(letter.headers["Stripe-Signature"], letter.body)

    [event] = story.rows(StripeEvent)
    assert "almaz" not in str(event).lower()


def test_a_forged_message_is_refused(story):
    letter = _letter(story)
    forged = story.box.sign(letter.body, secret="whsec_of_somebody_else")

    _refused(story, letter.body, forged["Stripe-Signature"])


def test_a_changed_body_is_refused(story):
    letter = _letter(story)

    _refused(story, letter.body.replace(b"4500", b"0001"), letter.headers["Stripe-Signature"])


def test_a_message_from_the_future_is_refused(story):
    letter = _letter(story)

    _refused(story, letter.body, story.box.sign(letter.body, age=-301)["Stripe-Signature"])


def test_a_stale_message_is_refused(story):
    letter = _letter(story)

    _refused(story, letter.body, story.box.sign(letter.body, age=301)["Stripe-Signature"])


@pytest.mark.parametrize(
    "header",
    [None, "", "t=1", "v1=abc", "t=x,v1=abc", "nonsense", "t=1,v1=", "t=1" + "0" * 400 + ",v1=a"],
)
def test_a_header_that_proves_nothing_is_refused(story, header):
    _refused(story, _letter(story).body, header)


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"null", b"1", b'"text"', b"{}", b"{", b"\xff\xfe", b'{"id": 1}',
     b'{"id":"evt_1","type":"x","data":{"object":[]},"created":1,"livemode":false}',
     b'{"id":"evt_1","type":"x","data":{"object":{"id":null,"object":"x"}},"created":1}',
     b"[" * 200_000,
     b'{"id":"evt_1","type":"x","data":{"object":{"id":"a","object":"x"}},"created":1'
     + b"0" * 30 + b',"livemode":false}',
     b'{"id":"evt_\\u0000","type":"x","data":{"object":{"id":"a","object":"x"}},"created":1,'
     b'"livemode":false}'],
    ids=range(14),  # not the bodies themselves: some are long
)  # fmt: skip
def test_a_signed_body_that_is_no_event_is_refused(story, body):
    _refused(story, body, story.box.sign(body)["Stripe-Signature"])


@pytest.mark.parametrize("mark", [{"a": 1}, "", "x" * 65, 5])
def test_a_mark_that_another_app_left_is_no_reference_of_ours(story, mark):
    event = json.loads(_letter(story).body)
    event["data"]["object"] = {"id": "ch_other", "object": "charge", "metadata": {"attempt": mark}}
    body = json.dumps(event | {"type": "charge.updated"}).encode()

    story.receive(story.box.sign(body)["Stripe-Signature"], body)

    assert [row.reference for row in story.rows(StripeEvent)] == [None]


def test_a_signed_message_of_no_mode_is_refused(story):
    event = json.loads(_letter(story).body) | {"livemode": "x"}
    body = json.dumps(event).encode()

    _refused(story, body, story.box.sign(body)["Stripe-Signature"])


def test_any_of_several_secrets_will_do(story):
    letter = _letter(story)
    story.stripe.gateway._secrets = ("whsec_the_new_one", *story.stripe.gateway._secrets)

    assert story.receive(letter.headers["Stripe-Signature"], letter.body)


def test_an_unknown_type_is_kept_and_ignored(story):
    letter = _letter(story)
    event = json.loads(letter.body) | {"id": "evt_new", "type": "weather.changed"}
    body = json.dumps(event).encode()

    story.receive(story.box.sign(body)["Stripe-Signature"], body)
    story.work()

    assert [row.status for row in story.rows(StripeEvent)] == ["ignored"]


def test_a_message_of_the_other_mode_is_parked(story):
    letter = _letter(story)
    event = json.loads(letter.body) | {"id": "evt_live", "livemode": True}
    body = json.dumps(event).encode()

    story.receive(story.box.sign(body)["Stripe-Signature"], body)
    story.work()

    assert [row.status for row in story.rows(StripeEvent)] == ["parked"]


@pytest.mark.planted
def test_a_message_that_beats_our_own_record_waits_and_is_applied(story):
    held = story.hold()
    page = story.open(held.id)
    payment = story.payment_of(held.id)
    story.box.pay(page.checkout_ref)
    story.run_sql("UPDATE payments SET checkout_ref = NULL, status = 'creating'")

    story.deliver()

    assert story.payment(payment.id).status == "paid"
    assert story.payment(payment.id).checkout_ref == page.checkout_ref
