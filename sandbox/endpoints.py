"""Which addresses does the API have, what do they take, and what answers?"""

from __future__ import annotations

from collections.abc import Callable

from sandbox import endpoint_parameters as takes
from sandbox.calls import Answer, Call, Endpoint
from sandbox.errors import Json, Refusal
from sandbox.expand import listed
from sandbox.lists import page
from sandbox.objects import balance, charges, customers, disputes, intents, refunds, sessions
from sandbox.objects.session_parameters import CREATE
from sandbox.parameters import PAGE, Struct
from sandbox.state import Record, State


def _getter(kind: str) -> Answer:
    return lambda call: call.state.find(kind, call.id)


def _lister(kind: str) -> Answer:
    def answer(call: Call) -> Json:
        rows = call.state.shelves[kind]
        if kind == "customer":
            rows = [r for r in rows if not r.body.get("deleted")]
        return page(call.state, rows, call.given, call.path, call.tree)

    return answer


def _create_session(call: Call) -> Record:
    return sessions.create(call.state, call.given, call.base)


def _expire(state: State, session: Record, given: Json) -> Record:
    del given
    return sessions.expire(state, session)


def _session_lines(call: Call) -> Json:
    record = call.state.find("checkout.session", call.id)
    lines = record.private["lines"]
    ids = [line["id"] for line in lines]
    after = call.given.get("starting_after")
    start = ids.index(after) + 1 if after in ids else 0
    size = call.given.get("limit", 10)
    return listed(lines[start : start + size], call.path, more=len(lines) > start + size)


def _saved_cards(call: Call) -> Json:
    customer = customers.find(call.state, call.id)
    rows = customers.saved_cards(call.state, customer.id)
    return page(call.state, rows, call.given, call.path, call.tree)


def _create_intent(call: Call) -> Record:
    raise Refusal("The sandbox makes payment intents inside Checkout Sessions only.", status=403)


def _create_refund(call: Call) -> Record:
    return refunds.create(call.state, call.given)


def _accept_dispute(state: State, dispute: Record, given: Json) -> Record:
    del given
    return disputes.settle(state, dispute, "lost")


def _create_customer(call: Call) -> Record:
    return customers.create(call.state, call.given)


def _delete_customer(call: Call) -> Json:
    return customers.delete(call.state, call.state.find(CUSTOMER, call.id))


def _detach(state: State, method: Record, given: Json) -> Record:
    del given
    return customers.detach(state, method)


def _make(template: str, kind: str, given: Struct, answer: Answer) -> Endpoint:
    return Endpoint("POST", template, [kind], given, answer)


def _change(
    template: str, kind: str, given: Struct, change: Callable[[State, Record, Json], Record]
) -> Endpoint:
    """POST to one object: `change` gets the object and the checked parameters."""

    def answer(call: Call) -> Record:
        return change(call.state, call.state.find(kind, call.id), call.given)

    return Endpoint("POST", template, [kind], given, answer)


def _one(template: str, kind: str, answer: Answer | None = None) -> Endpoint:
    return Endpoint("GET", template, [kind], takes.ONE, answer or _getter(kind))


def _list(template: str, kind: str, given: takes.Fields, answer: Answer | None = None) -> Endpoint:
    return Endpoint("GET", template, ["list", kind], Struct(given), answer or _lister(kind))


SESSION, INTENT, CHARGE, REFUND = "checkout.session", "payment_intent", "charge", "refund"
DISPUTE, CUSTOMER, METHOD = "dispute", "customer", "payment_method"
ENTRY, PAYOUT, EVENT = "balance_transaction", "payout", "event"
WARNING = "radar.early_fraud_warning"

ENDPOINTS = (
    _make("checkout/sessions", SESSION, CREATE, _create_session),
    _list("checkout/sessions", SESSION, takes.SESSIONS),
    _one("checkout/sessions/{id}", SESSION),
    _change("checkout/sessions/{id}", SESSION, takes.METADATA, sessions.update),
    _change("checkout/sessions/{id}/expire", SESSION, takes.ONE, _expire),
    _list("checkout/sessions/{id}/line_items", "item", PAGE, _session_lines),
    _make("payment_intents", INTENT, Struct({}), _create_intent),
    _list("payment_intents", INTENT, takes.OF_CUSTOMER),
    _one("payment_intents/{id}", INTENT),
    _change("payment_intents/{id}", INTENT, takes.DESCRIBED, intents.update),
    _change("payment_intents/{id}/cancel", INTENT, takes.CANCEL_INTENT, intents.cancel),
    _list("charges", CHARGE, takes.CHARGES),
    _one("charges/{id}", CHARGE),
    _change("charges/{id}", CHARGE, takes.DESCRIBED, charges.update),
    _make("refunds", REFUND, takes.CREATE_REFUND, _create_refund),
    _list("refunds", REFUND, takes.OF_PAYMENT),
    _one("refunds/{id}", REFUND),
    _change("refunds/{id}", REFUND, takes.METADATA, refunds.update),
    _change("refunds/{id}/cancel", REFUND, takes.ONE, refunds.cancel),
    _list("disputes", DISPUTE, takes.OF_PAYMENT),
    _one("disputes/{id}", DISPUTE),
    _change("disputes/{id}", DISPUTE, takes.UPDATE_DISPUTE, disputes.update),
    _change("disputes/{id}/close", DISPUTE, takes.ONE, _accept_dispute),
    _make("customers", CUSTOMER, takes.CUSTOMER, _create_customer),
    _list("customers", CUSTOMER, takes.CUSTOMERS),
    _one("customers/{id}", CUSTOMER),
    _change("customers/{id}", CUSTOMER, takes.CUSTOMER, customers.update),
    Endpoint("DELETE", "customers/{id}", [], Struct({}), _delete_customer),
    _list("customers/{id}/payment_methods", METHOD, takes.SAVED_METHODS, _saved_cards),
    _list("payment_methods", METHOD, takes.METHODS),
    _one("payment_methods/{id}", METHOD),
    _change("payment_methods/{id}/detach", METHOD, takes.ONE, _detach),
    _list("events", EVENT, takes.EVENTS),
    _one("events/{id}", EVENT),
    _list("balance_transactions", ENTRY, takes.ENTRIES),
    _one("balance_transactions/{id}", ENTRY),
    _one("balance", "balance", lambda call: balance.balance(call.state)),
    _list("payouts", PAYOUT, takes.PAYOUTS),
    _one("payouts/{id}", PAYOUT),
    _list("radar/early_fraud_warnings", WARNING, takes.OF_PAYMENT),
    _one("radar/early_fraud_warnings/{id}", WARNING),
)


def find(method: str, path: str) -> tuple[Endpoint, tuple[str, ...]]:
    """The endpoint and the ids in its address. Raises Refusal (404)."""
    for endpoint in ENDPOINTS:
        match = endpoint.pattern.fullmatch(path)
        if match and endpoint.method == method:
            return endpoint, match.groups()
    raise Refusal(
        f"Unrecognized request URL ({method}: {path}). If you are trying to list objects, remove "
        "the trailing slash. If you are trying to retrieve an object, make sure you passed a valid "
        "(non-empty) identifier in your code.",
        status=404,
    )
