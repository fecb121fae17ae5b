"""How does a checkout begin, and how does it end?"""

from __future__ import annotations

from functools import partial

from sandbox.errors import Json, Refusal
from sandbox.ids import new_id, word
from sandbox.objects import customers
from sandbox.objects.session_lines import read_lines
from sandbox.objects.session_shape import Given, chosen, customer_details, fixed
from sandbox.parameters import merged_metadata
from sandbox.state import Record, State

SHORTEST, LONGEST = 30 * 60, 24 * 3600  # seconds


def create(state: State, given: Given, base: str) -> Record:
    """An open checkout whose page stands under `base`. Raises Refusal."""
    _check(state, given)
    ref = new_id("cs_test_a1")
    lines, total, currency = read_lines(state, given["line_items"], given.get("currency"))
    expires_at = _expires_at(state, given)
    body = {
        **fixed(),
        **chosen(given),
        "id": ref,
        "amount_subtotal": total,
        "amount_total": total,
        "created": state.now,
        "currency": currency,
        "customer_details": _known_customer(state, given),
        "expires_at": expires_at,
        "payment_method_types": _method_types(state),
        "url": f"{base}/c/pay/{ref}#fid{word(40)}",
    }
    record = state.add(
        body,
        lines=lines,
        payment_intent_data=given.get("payment_intent_data", {}),
        challenge=None,
    )
    state.at(expires_at, partial(lapse, state, record))
    return record


def _method_types(state: State) -> list[str]:
    return ["card", "us_bank_account"] if state.delayed_methods else ["card"]


def _check(state: State, given: Given) -> None:
    if given["mode"] != "payment":
        raise Refusal("The sandbox knows only mode=payment", param="mode")
    if given.get("ui_mode", "hosted_page") != "hosted_page":
        raise Refusal("The sandbox knows only ui_mode=hosted_page", param="ui_mode")
    if "customer" in given and "customer_email" in given:
        raise Refusal(
            "You may only specify one of these parameters: customer, customer_email.",
            code="parameters_exclusive",
            param="customer",
        )
    if "customer" in given:
        customers.find(state, given["customer"], param="customer")
        _only_guests(given, "customer_creation")
    elif "saved_payment_method_options" in given or "customer_update" in given:
        raise Refusal("Saving payment methods and updating need a `customer`.", param="customer")
    if "card" not in given.get("allowed_payment_method_types", ["card"]):
        raise Refusal(
            "No valid payment method types for this Checkout Session: none of the allowed types "
            "is enabled.",
            param="allowed_payment_method_types",
        )
    _check_intent_data(given.get("payment_intent_data", {}))


def _only_guests(given: Given, name: str) -> None:
    if name in given:
        raise Refusal(
            f"You may only specify one of these parameters: customer, {name}.",
            code="parameters_exclusive",
            param=name,
        )


def _check_intent_data(data: Given) -> None:
    if "statement_descriptor" in data:
        raise Refusal(
            "The `statement_descriptor` parameter is not supported for card charges. Use "
            "`statement_descriptor_suffix` instead.",
            param="payment_intent_data[statement_descriptor]",
        )
    suffix = data.get("statement_descriptor_suffix")
    if suffix and (set(suffix) & set("<>\\'\"*") or not any(c.isalpha() for c in suffix)):
        raise Refusal(
            "The statement descriptor suffix must contain a letter and none of < > \\ ' \" *",
            param="payment_intent_data[statement_descriptor_suffix]",
        )


def _expires_at(state: State, given: Given) -> int:
    moment: int = given.get("expires_at", state.now + LONGEST)
    if moment < state.now + SHORTEST:
        raise Refusal(
            "The `expires_at` timestamp must be at least 30 minutes from Checkout Session "
            "creation.",
            param="expires_at",
        )
    if moment > state.now + LONGEST:
        raise Refusal(
            "The `expires_at` timestamp must be less than 24 hours from Checkout Session creation.",
            param="expires_at",
        )
    return moment


def _known_customer(state: State, given: Given) -> Json | None:
    email = given.get("customer_email")
    if "customer" in given:
        email = state.by_id[given["customer"]]["email"]
    return customer_details(email, None) if email else None


def lapse(state: State, record: Record) -> None:
    """Time is up: an open session expires by itself."""
    if record["status"] == "open":
        _end(state, record)


def expire(state: State, record: Record) -> Record:
    """End an open session. Raises Refusal when it is not open any more."""
    if record["status"] != "open":
        raise Refusal(
            'Only Checkout Sessions with a status in ["open"] can be expired. This Checkout '
            f"Session has a status of {record['status']}.",
            stored=True,
        )
    _end(state, record)
    return record


def _end(state: State, record: Record) -> None:
    record.change(status="expired", url=None)
    intent = state.by_id.get(record["payment_intent"] or "")
    if intent:
        intent.change(
            status="canceled",
            canceled_at=state.now,
            cancellation_reason="expired",
            next_action=None,
        )
        state.emit("payment_intent.canceled", intent)
    state.emit("checkout.session.expired", record)


def update(state: State, record: Record, given: Given) -> Record:
    """Change the metadata."""
    del state
    if "metadata" in given:
        record.change(metadata=merged_metadata(record["metadata"], given["metadata"]))
    return record


def complete(state: State, record: Record, *, paid: bool, name: str, email: str | None) -> None:
    """The payer finished the page; the money may still be on its way."""
    known = record["customer_details"] or {}
    details = customer_details(known.get("email") or email, name or None)
    changes: Json = {}
    if record["customer_creation"] == "always":
        new = customers.create(state, {"email": details["email"], "name": details["name"]})
        changes["customer"] = new.id
    record.change(
        status="complete",
        payment_status="paid" if paid else "unpaid",
        url=None,
        customer_details=details,
        **changes,
    )
    state.emit("checkout.session.completed", record)
