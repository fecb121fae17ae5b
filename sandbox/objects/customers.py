"""Who pays again, and with which saved card?"""

from __future__ import annotations

from typing import Any

from sandbox.errors import Json, Refusal, no_such
from sandbox.ids import new_id, word
from sandbox.parameters import merged_metadata
from sandbox.state import Record, State


def create(state: State, given: Json) -> Record:
    """Make a customer and say so."""
    record = state.add(
        {
            "id": new_id("cus_"),
            "object": "customer",
            "address": _address(given.get("address")),
            "balance": 0,
            "created": state.now,
            "currency": None,
            "customer_account": None,
            "default_source": None,
            "delinquent": False,
            "description": given.get("description"),
            "discount": None,
            "email": given.get("email"),
            "invoice_prefix": word(8).upper(),
            "invoice_settings": {
                "custom_fields": None,
                "default_payment_method": None,
                "footer": None,
                "rendering_options": None,
            },
            "livemode": False,
            "metadata": merged_metadata({}, given.get("metadata")),
            "name": given.get("name"),
            "next_invoice_sequence": 1,
            "phone": given.get("phone"),
            "preferred_locales": given.get("preferred_locales", []),
            "shipping": None,
            "tax_exempt": "none",
            "test_clock": None,
        }
    )
    state.emit("customer.created", record)
    return record


def _address(given: Json | None) -> Json | None:
    if not given:
        return None
    return {**dict.fromkeys("city country line1 line2 postal_code state".split()), **given}


def find(state: State, ref: str, *, param: str | None = None) -> Record:
    """A customer that was not deleted. Raises Refusal."""
    record = state.find("customer", ref, param=param)
    if record.body.get("deleted"):
        raise no_such("customer", ref, param=param)
    return record


def update(state: State, record: Record, given: Json) -> Record:
    """Change what was given; an empty text clears a field."""
    if record.body.get("deleted"):
        raise no_such("customer", record.id, param=None)
    changes: dict[str, Any] = {
        name: given[name] for name in ("description", "email", "name", "phone") if name in given
    }
    if "address" in given:
        changes["address"] = _address(given["address"])
    if "preferred_locales" in given:
        changes["preferred_locales"] = given["preferred_locales"]
    if "metadata" in given:
        changes["metadata"] = merged_metadata(record["metadata"], given["metadata"])
    state.emit("customer.updated", record, record.change(**changes))
    return record


def delete(state: State, record: Record) -> Json:
    """Delete for good: cards are detached, charges stay."""
    if record.body.get("deleted"):
        raise no_such("customer", record.id, param=None)
    for card in saved_cards(state, record.id):
        card.change(customer=None)
    state.emit("customer.deleted", record)
    record.become({"id": record.id, "object": "customer", "deleted": True})
    return record.body


def saved_cards(state: State, customer: str) -> list[Record]:
    """The payment methods attached to a customer, oldest first."""
    return [r for r in state.shelves["payment_method"] if r["customer"] == customer]


def detach(state: State, record: Record) -> Record:
    """Take a card off its customer; it can never be used again."""
    if record["customer"] is None:
        raise Refusal(
            "The payment method you provided is not attached to a customer so detachment is "
            "impossible.",
            stored=True,
        )
    old = record.change(customer=None)
    state.emit("payment_method.detached", record, old)
    return record
