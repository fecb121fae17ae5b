"""How does a checkout begin, and how does it end?"""

from __future__ import annotations

from typing import Any

from sandbox.errors import Json, Refusal
from sandbox.ids import new_id, word
from sandbox.objects import customers
from sandbox.objects.session_lines import read_lines
from sandbox.parameters import merged_metadata
from sandbox.state import Record, State

SHORTEST, LONGEST = 30 * 60, 24 * 3600  # seconds
Given = dict[str, Any]


def create(state: State, given: Given, base: str) -> Record:
    """An open checkout whose page stands under `base`. Raises Refusal."""
    _check(state, given)
    ref = new_id("cs_test_a1")
    lines, total, currency = read_lines(state, given["line_items"], given.get("currency"))
    expires_at = _expires_at(state, given)
    body = {
        **_fixed(),
        **_chosen(given),
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
    state.at(expires_at, lambda: lapse(state, record))
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


def customer_details(email: str | None, name: str | None) -> Json:
    """What the page knows of who pays."""
    return {
        "address": None,
        "business_name": None,
        "email": email,
        "individual_name": None,
        "name": name,
        "phone": None,
        "tax_exempt": "none",
        "tax_ids": None,
    }


NULLS = """
after_expiration client_secret collected_information consent currency_conversion
customer_account discounts integration_identifier invoice managed_payments origin_context
payment_intent payment_link payment_method_configuration_details permissions recovered_from
setup_intent shipping_address_collection shipping_cost subscription
""".split()
CHOSEN = """
allow_promotion_codes allowed_payment_method_types billing_address_collection cancel_url
client_reference_id customer customer_email locale submit_type success_url
wallet_options
""".split()


def _fixed() -> Json:
    """What is the same in every session at its start."""
    off: Json = {"enabled": False}
    invoice = dict.fromkeys(
        "account_tax_ids custom_fields description footer issuer rendering_options".split()
    )
    return {
        "object": "checkout.session",
        **dict.fromkeys(NULLS),
        "automatic_tax": {**off, "liability": None, "provider": None, "status": None},
        "custom_fields": [],
        "invoice_creation": {**off, "invoice_data": {**invoice, "metadata": {}}},
        "livemode": False,
        "mode": "payment",
        "payment_method_collection": "if_required",
        "payment_status": "unpaid",
        "shipping_options": [],
        "status": "open",
        "total_details": {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
        "ui_mode": "hosted_page",
    }


def _chosen(given: Given) -> Json:
    """What the caller chose, or what holds when it did not."""
    texts = "after_submit shipping_address submit terms_of_service_acceptance".split()
    guest = None if "customer" in given else "if_required"
    saving = {
        "allow_redisplay_filters": ["always"],
        "payment_method_remove": "disabled",
        "payment_method_save": "disabled",
    }
    return {
        **{name: given.get(name) for name in CHOSEN},
        "adaptive_pricing": {"enabled": given.get("adaptive_pricing", {}).get("enabled", False)},
        "consent_collection": _consent(given.get("consent_collection")),
        "custom_text": {**dict.fromkeys(texts), **given.get("custom_text", {})},
        "customer_creation": given.get("customer_creation", guest),
        "metadata": merged_metadata({}, given.get("metadata")),
        "payment_method_options": {"card": {"request_three_d_secure": "automatic"}},
        "phone_number_collection": given.get("phone_number_collection", {"enabled": False}),
        "saved_payment_method_options": (
            {**saving, **given.get("saved_payment_method_options", {})}
            if "customer" in given
            else None
        ),
    }


def _consent(given: Given | None) -> Json | None:
    if given is None:
        return None
    none: Json = {"promotions": None, "terms_of_service": None}
    return {"payment_method_reuse_agreement": None, **none, **given}


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


def update(record: Record, given: Given) -> Record:
    """Change the metadata."""
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
