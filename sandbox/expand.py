"""What stands in full instead of as an id?"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from sandbox.errors import Json, Refusal
from sandbox.state import Record, State

Tree = dict[str, Any]
Fields = dict[str, list[str]]


def _always_null(names: str) -> Fields:
    """Fields that Stripe could expand and that are empty here."""
    return {name: [] for name in names.split()}


DEEPEST = 4
SOURCES = "charge refund dispute payout".split()
FIELDS: dict[str, Fields] = {
    "checkout.session": {
        "customer": ["customer"],
        "payment_intent": ["payment_intent"],
        "line_items": ["item"],
        **_always_null("invoice payment_link setup_intent subscription"),
    },
    "payment_intent": {
        "customer": ["customer"],
        "latest_charge": ["charge"],
        "payment_method": ["payment_method"],
        **_always_null("application on_behalf_of payment_record review source"),
    },
    "charge": {
        "balance_transaction": ["balance_transaction"],
        "customer": ["customer"],
        "failure_balance_transaction": ["balance_transaction"],
        "payment_intent": ["payment_intent"],
        "refunds": ["refund"],
        **_always_null("application application_fee on_behalf_of review"),
        "source_transfer": [],
    },
    "refund": {
        "balance_transaction": ["balance_transaction"],
        "charge": ["charge"],
        "customer": ["customer"],
        "failure_balance_transaction": ["balance_transaction"],
        "payment_intent": ["payment_intent"],
        "payment_method": ["payment_method"],
        **_always_null("source_transfer_reversal transfer_reversal"),
    },
    "dispute": {"charge": ["charge"], "payment_intent": ["payment_intent"]},
    "balance_transaction": {"source": SOURCES},
    "payout": {
        "balance_transaction": ["balance_transaction"],
        "failure_balance_transaction": ["balance_transaction"],
        **_always_null("application_fee destination original_payout reversed_by"),
    },
    "payment_method": {"customer": ["customer"]},
    "customer": {"default_source": []},
    "radar.early_fraud_warning": {"charge": ["charge"], "payment_intent": ["payment_intent"]},
}


def tree_of(paths: Iterable[str], kinds: list[str]) -> Tree:
    """The paths of expand[] as a tree. Raises Refusal for one that leads nowhere."""
    tree: Tree = {}
    for path in paths:
        steps, node, at = path.split("."), tree, kinds
        if len(steps) > DEEPEST:
            raise _refusal(path, "you cannot expand more than 4 levels")
        for step in steps:
            if step == "data" and at[:1] == ["list"]:
                at = at[1:]
            else:
                found = [FIELDS.get(kind, {}) for kind in at]
                if not any(step in fields for fields in found):
                    raise _refusal(path, f"'{step}' cannot be expanded")
                at = [kind for fields in found for kind in fields.get(step, [])]
                if step in ("refunds", "line_items"):
                    at = ["list", *at]
            node = node.setdefault(step, {})
    return tree


def _refusal(path: str, why: str) -> Refusal:
    return Refusal(f"This property cannot be expanded ({path}): {why}.", param="expand")


def shown(state: State, body: Json, tree: Tree) -> Json:
    """The object with the branches of the tree in full; the kept one is never touched."""
    if not tree:
        return body
    out = dict(body)
    for name, deeper in tree.items():
        included = INCLUDED.get((body.get("object", ""), name))
        if included:
            out[name] = included(state, body, deeper.get("data", {}))
        else:
            inner = state.by_id.get(body.get(name) or "")
            if inner is not None:
                out[name] = shown(state, inner.body, deeper)
    return out


def listed(rows: Iterable[Json], url: str, *, more: bool = False) -> Json:
    """A list object."""
    return {"object": "list", "data": list(rows), "has_more": more, "url": url}


def _refunds(state: State, charge: Json, tree: Tree) -> Json:
    rows = state.by_id[charge["id"]].private["refunds"][::-1]
    found = (shown(state, r.body, tree) for r in rows[:10])
    return listed(found, f"/v1/charges/{charge['id']}/refunds", more=len(rows) > 10)


def _lines(state: State, session: Json, tree: Tree) -> Json:
    del tree
    record: Record = state.by_id[session["id"]]
    lines = record.private["lines"]
    url = f"/v1/checkout/sessions/{session['id']}/line_items"
    return listed(lines[:10], url, more=len(lines) > 10)


INCLUDED: dict[tuple[str, str], Callable[[State, Json, Tree], Json]] = {
    ("charge", "refunds"): _refunds,
    ("checkout.session", "line_items"): _lines,
}
