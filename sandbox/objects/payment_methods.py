"""What was paid with?"""

from __future__ import annotations

import hashlib

from sandbox.cards import Card
from sandbox.errors import Json
from sandbox.ids import new_id
from sandbox.state import Record, State

CHECKS = {"address_line1_check": None, "address_postal_code_check": None}


def billing_details(name: str | None, email: str | None) -> Json:
    """Who pays, as far as the page asked."""
    address = dict.fromkeys("city country line1 line2 postal_code state".split())
    return {"address": address, "email": email, "name": name, "phone": None, "tax_id": None}


def fingerprint(card: Card) -> str:
    """The same for the same number, without telling it."""
    return hashlib.sha256(card.number.encode()).hexdigest()[:16]


def create_card(state: State, card: Card, expiry: tuple[int, int], billing: Json) -> Record:
    """A card as it was typed; nobody's until it is attached."""
    month, year = expiry
    passed = "fail" if card.decline and card.decline[0] == "incorrect_cvc" else "pass"
    return _create(
        state,
        "card",
        billing,
        {
            "brand": card.brand,
            "checks": {**CHECKS, "cvc_check": passed},
            "country": "US",
            "display_brand": {"amex": "american_express"}.get(card.brand, card.brand),
            "exp_month": month,
            "exp_year": year,
            "fingerprint": fingerprint(card),
            "funding": card.funding,
            "generated_from": None,
            "last4": card.number[-4:],
            "networks": {"available": [card.brand], "preferred": None},
            "regulated_status": "unregulated",
            "three_d_secure_usage": {"supported": True},
            "wallet": None,
        },
        number=card.number,
    )


def create_bank_debit(state: State, billing: Json) -> Record:
    """A bank account: money that takes days to arrive or to bounce."""
    return _create(
        state,
        "us_bank_account",
        billing,
        {
            "account_holder_type": "individual",
            "account_type": "checking",
            "bank_name": "SANDBOX BANK",
            "financial_connections_account": None,
            "fingerprint": "5a4db0ccba4c1cad",
            "last4": "6789",
            "networks": {"preferred": "ach", "supported": ["ach"]},
            "routing_number": "110000000",
            "status_details": None,
        },
        number=None,
    )


def _create(state: State, kind: str, billing: Json, details: Json, number: str | None) -> Record:
    return state.add(
        {
            "id": new_id("pm_1"),
            "object": "payment_method",
            "allow_redisplay": "unspecified",
            "billing_details": billing,
            "created": state.now,
            "customer": None,
            "customer_account": None,
            "livemode": False,
            "metadata": {},
            "type": kind,
            kind: details,
        },
        number=number,
    )


def attach(state: State, record: Record, customer: str) -> None:
    """Save it for the customer, who agreed to see it again."""
    record.change(customer=customer, allow_redisplay="always")
    state.emit("payment_method.attached", record)
