"""Which fields does a Checkout Session have, and what stands in them at the start?"""

from __future__ import annotations

from typing import Any

from sandbox.errors import Json
from sandbox.parameters import merged_metadata

Given = dict[str, Any]


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


def fixed() -> Json:
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


def chosen(given: Given) -> Json:
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
