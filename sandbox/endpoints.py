"""Which addresses does the API have, what do they take, and what answers?"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sandbox.errors import Json, Refusal
from sandbox.expand import Tree, listed
from sandbox.lists import page
from sandbox.objects import balance, charges, customers, disputes, intents, refunds, sessions
from sandbox.objects.disputes import FILES_AND_TEXTS
from sandbox.objects.session_parameters import CREATE, METHOD_TYPES
from sandbox.parameters import (
    EXPAND,
    PAGE,
    Email,
    Flag,
    Integer,
    Items,
    Metadata,
    Moment,
    Struct,
    Takes,
    Text,
    choice,
)
from sandbox.state import Record, State


@dataclass(frozen=True, kw_only=True)
class Call:
    """One call that was understood: ids from the address, checked parameters, what to expand."""

    state: State
    ids: tuple[str, ...]
    given: dict[str, Any]
    tree: Tree
    path: str
    base: str

    @property
    def id(self) -> str:
        """The id in the address."""
        return self.ids[0]


Answer = Callable[[Call], Record | Json]


@dataclass(frozen=True)
class Endpoint:
    """One method at one address; `kinds` are what it answers with, for expand[]."""

    method: str
    template: str
    kinds: list[str]
    takes: Struct
    answer: Answer
    pattern: re.Pattern[str] = field(init=False)

    def __post_init__(self) -> None:
        shape = self.template.replace("{id}", "([^/]+)")
        object.__setattr__(self, "pattern", re.compile(f"/v1/{shape}"))


def _getter(kind: str) -> Answer:
    return lambda call: call.state.find(kind, call.id)


def _lister(kind: str) -> Answer:
    def answer(call: Call) -> Json:
        rows = call.state.shelves[kind]
        if kind == "customer":
            rows = [r for r in rows if not r.body.get("deleted")]
        return page(call.state, rows, call.given, call.path, call.tree)

    return answer


def _changer(kind: str, change: Callable[[State, Record, Json], Record]) -> Answer:
    return lambda call: change(call.state, call.state.find(kind, call.id), call.given)


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


def _cancel_intent(call: Call) -> Json:
    intents.cancel(call.state.find("payment_intent", call.id))
    raise AssertionError("always refused")


def _close_dispute(call: Call) -> Record:
    return disputes.settle(call.state, call.state.find("dispute", call.id), "lost")


def _create_payment_intent(call: Call) -> Json:
    raise Refusal("The sandbox makes payment intents inside Checkout Sessions only.", status=403)


META: dict[str, Takes] = {**EXPAND, "metadata": Metadata()}
MADE: dict[str, Takes] = {**PAGE, "created": Moment()}
ONE = Struct(EXPAND)
ADDRESS = Struct(
    {key: Text() for key in "city country line1 line2 postal_code state".split()}, unset=True
)
CUSTOMER: dict[str, Takes] = {
    **META,
    "address": ADDRESS,
    "description": Text(),
    "email": Email(),
    "name": Text(limit=256),
    "phone": Text(limit=20),
    "preferred_locales": Items(Text()),
}
DESCRIBED: dict[str, Takes] = {**META, "description": Text()}
EVIDENCE = Struct({name: Text(limit=150_000) for name in FILES_AND_TEXTS})
OF_PAYMENT: dict[str, Takes] = {**MADE, "charge": Text(), "payment_intent": Text()}
REASONS = choice("duplicate fraudulent requested_by_customer")
STATUSES = choice("open complete expired")
BY_EMAIL = Struct({"email": Email()}, required=("email",))
METHOD_TYPE = choice(METHOD_TYPES)
REDISPLAY = choice("always limited unspecified")
SUBMISSION = choice("manual prefer_manual prefer_smart_disputes smart_disputes")

SESSION, INTENT, CHARGE, REFUND = (
    "checkout.session",
    "payment_intent",
    "charge",
    "refund",
)
DISPUTE, CUSTOMER_KIND, METHOD = "dispute", "customer", "payment_method"
ENTRY, PAYOUT, EVENT = "balance_transaction", "payout", "event"


def _get(template: str, kind: str, takes: Struct = ONE, answer: Answer | None = None) -> Endpoint:
    return Endpoint("GET", template, [kind], takes, answer or _getter(kind))


def _list(
    template: str, kind: str, takes: dict[str, Takes], answer: Answer | None = None
) -> Endpoint:
    return Endpoint("GET", template, ["list", kind], Struct(takes), answer or _lister(kind))


def _post(template: str, kind: str, takes: Struct, answer: Answer) -> Endpoint:
    return Endpoint("POST", template, [kind], takes, answer)


ENDPOINTS = (
    _post(
        "checkout/sessions",
        SESSION,
        CREATE,
        lambda call: sessions.create(call.state, call.given, call.base),
    ),
    _list(
        "checkout/sessions",
        SESSION,
        {
            **MADE,
            "customer": Text(),
            "customer_details": BY_EMAIL,
            "payment_intent": Text(),
            "payment_link": Text(),
            "status": STATUSES,
            "subscription": Text(),
        },
    ),
    _get("checkout/sessions/{id}", SESSION),
    _post(
        "checkout/sessions/{id}",
        SESSION,
        Struct(META),
        lambda call: sessions.update(call.state.find(SESSION, call.id), call.given),
    ),
    _post(
        "checkout/sessions/{id}/expire",
        SESSION,
        ONE,
        lambda call: sessions.expire(call.state, call.state.find(SESSION, call.id)),
    ),
    _list("checkout/sessions/{id}/line_items", "item", PAGE, _session_lines),
    _list("payment_intents", INTENT, {**MADE, "customer": Text()}),
    _post("payment_intents", INTENT, Struct({}), _create_payment_intent),
    _get("payment_intents/{id}", INTENT),
    _post("payment_intents/{id}", INTENT, Struct(DESCRIBED), _changer(INTENT, intents.update)),
    _post(
        "payment_intents/{id}/cancel",
        INTENT,
        Struct({**EXPAND, "cancellation_reason": choice("abandoned duplicate fraudulent")}),
        _cancel_intent,
    ),
    _list("charges", CHARGE, {**MADE, "customer": Text(), "payment_intent": Text()}),
    _get("charges/{id}", CHARGE),
    _post("charges/{id}", CHARGE, Struct(DESCRIBED), _changer(CHARGE, charges.update)),
    _post(
        "refunds",
        REFUND,
        Struct(
            {
                **META,
                "amount": Integer(1),
                "charge": Text(),
                "payment_intent": Text(),
                "reason": REASONS,
            }
        ),
        lambda call: refunds.create(call.state, call.given),
    ),
    _list("refunds", REFUND, OF_PAYMENT),
    _get("refunds/{id}", REFUND),
    _post("refunds/{id}", REFUND, Struct(META), _changer(REFUND, refunds.update)),
    _post(
        "refunds/{id}/cancel",
        REFUND,
        ONE,
        lambda call: refunds.cancel(call.state.find(REFUND, call.id)),
    ),
    _list("disputes", DISPUTE, OF_PAYMENT),
    _get("disputes/{id}", DISPUTE),
    _post(
        "disputes/{id}",
        DISPUTE,
        Struct(
            {
                **META,
                "evidence": EVIDENCE,
                "intended_submission_method": SUBMISSION,
                "submit": Flag(),
            }
        ),
        _changer(DISPUTE, disputes.update),
    ),
    _post("disputes/{id}/close", DISPUTE, ONE, _close_dispute),
    _post(
        "customers",
        CUSTOMER_KIND,
        Struct(CUSTOMER),
        lambda call: customers.create(call.state, call.given),
    ),
    _list("customers", CUSTOMER_KIND, {**MADE, "email": Text()}),
    _get("customers/{id}", CUSTOMER_KIND),
    _post(
        "customers/{id}",
        CUSTOMER_KIND,
        Struct(CUSTOMER),
        _changer(CUSTOMER_KIND, customers.update),
    ),
    Endpoint(
        "DELETE",
        "customers/{id}",
        [],
        Struct({}),
        lambda call: customers.delete(call.state, call.state.find(CUSTOMER_KIND, call.id)),
    ),
    _list(
        "customers/{id}/payment_methods",
        METHOD,
        {**PAGE, "type": METHOD_TYPE, "allow_redisplay": REDISPLAY},
        _saved_cards,
    ),
    _list(
        "payment_methods",
        METHOD,
        {**PAGE, "type": METHOD_TYPE, "allow_redisplay": REDISPLAY, "customer": Text()},
    ),
    _get("payment_methods/{id}", METHOD),
    _post(
        "payment_methods/{id}/detach",
        METHOD,
        ONE,
        lambda call: customers.detach(call.state, call.state.find(METHOD, call.id)),
    ),
    _list(
        "events",
        EVENT,
        {**MADE, "delivery_success": Flag(), "type": Text(), "types": Items(Text(), most=20)},
    ),
    _get("events/{id}", EVENT),
    _list(
        "balance_transactions",
        ENTRY,
        {
            **MADE,
            "currency": Text(),
            "payout": Text(),
            "source": Text(),
            "type": Text(),
        },
    ),
    _get("balance_transactions/{id}", ENTRY),
    _list("payouts", PAYOUT, {**MADE, "arrival_date": Moment(), "status": Text()}),
    _get("payouts/{id}", PAYOUT),
    _get("balance", "balance", ONE, lambda call: balance.balance(call.state)),
    _list("radar/early_fraud_warnings", "radar.early_fraud_warning", OF_PAYMENT),
    _get("radar/early_fraud_warnings/{id}", "radar.early_fraud_warning"),
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
