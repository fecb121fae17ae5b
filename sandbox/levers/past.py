"""What happened before this sandbox began? A demo's past is taken in, to be refunded later."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sandbox.cards import CARDS, GOOD_CARD
from sandbox.desk import Desk, Typed
from sandbox.errors import Json
from sandbox.objects import disputes, refunds, sessions
from sandbox.paying import press, start_bank_debit
from sandbox.state import Record, State
from sandbox.typed import Press

At = Callable[[float], None]
QUIET = {card.number[-4:]: card for card in CARDS if not (card.decline or card.refund)}


def take_in(desk: Desk, typed: Typed) -> int:
    """{checkouts: [{id, params, created, end, ended, …}]}: take them in; how many there were.

    `end` is paid, processing or expired, at the second `ended`. A paid one also has `intent`,
    `charge`, `last4`, `refunds` [{id, amount, created, status, metadata}] and `disputes` [{id,
    amount, created, reason}]. The ids are those given, and nothing of it is delivered.
    """
    state, base = desk.api.state, desk.api.public_url or "http://127.0.0.1"
    for checkout in typed["checkouts"]:
        known = set(state.by_id)
        with in_the_past(state) as at:
            at(checkout["created"])
            session = sessions.create(state, checkout["params"], base)
            at(checkout["ended"])
            names = {session.id: checkout["id"], **_end(state, session, checkout, at)}
        _rename(state, set(state.by_id) - known, names)
    return len(typed["checkouts"])


@contextmanager
def in_the_past(state: State) -> Iterator[At]:
    """Inside, the clock can be set and nobody hears of anything; what was due by now is done."""
    clock, tell = state.clock, state.on_event
    advanced, events = clock.advanced, state.shelves["event"]
    heard = len(events)
    state.on_event = lambda event: None
    try:
        yield lambda moment: clock.advance(moment - clock.outside() - clock.advanced)
    finally:
        clock.advanced = advanced
        state.run_due()
        state.on_event = tell
        for event in events[heard:]:
            del state.by_id[event.id]
        del events[heard:]


def _end(state: State, session: Record, past: Json, at: At) -> dict[str, str | None]:
    if past["end"] == "expired":
        sessions.lapse(state, session)
        return {}
    if past["end"] == "processing":
        start_bank_debit(state, session, Press(action="bank"))
        return {session["payment_intent"]: past["intent"]}
    _pay(state, session, past["last4"])
    state.run_due(ahead=60)  # the fee becomes known
    intent = state.by_id[session["payment_intent"]]
    charge = state.by_id[intent["latest_charge"]]
    names = {intent.id: past["intent"], charge.id: past["charge"]}
    for given in past.get("refunds", ()):
        at(given["created"])
        names[_refund(state, intent, given)] = given["id"]
    for given in past.get("disputes", ()):
        at(given["created"])
        about = {"reason": given["reason"], "amount": given["amount"]}
        names[disputes.open_dispute(state, charge, **about).id] = given["id"]
    return names


def _pay(state: State, session: Record, last4: str) -> None:
    card = QUIET.get(last4)
    number = card.number if card and not (card.challenge or card.dispute) else GOOD_CARD
    cvc = "1234" if card and card.brand == "amex" else "123"
    press(state, session, Press(card=number, cvc=cvc, name="A. Payer"))


def _refund(state: State, intent: Record, given: Json) -> str:
    asked = {"payment_intent": intent.id, "amount": given["amount"], "metadata": given["metadata"]}
    refund = refunds.create(state, {**asked, "reason": "requested_by_customer"})
    if given["status"] == "pending":
        refund.change(status="pending", pending_reason="processing")
    elif given["status"] == "failed":
        refunds.fail(state, refund, "lost_or_stolen_card")
    return refund.id


def _rename(state: State, made: set[str], names: dict[str, str | None]) -> None:
    for ref in made & set(state.by_id):
        record, text = state.by_id[ref], state.by_id[ref].text
        for drawn, given in names.items():
            text = text.replace(drawn, given or drawn)
        record.become(json.loads(text))
        state.by_id[record.id] = state.by_id.pop(ref)
