"""What was charged, and what came of it?"""

from __future__ import annotations

from functools import partial

from sandbox.cards import MESSAGES, Card
from sandbox.errors import Json
from sandbox.ids import new_id, word
from sandbox.money import processing_fee
from sandbox.objects.balance import move
from sandbox.objects.payment_methods import fingerprint
from sandbox.parameters import merged_metadata
from sandbox.state import Record, State

SETTLES_AFTER = 2  # seconds until the balance transaction is known


def create(
    state: State,
    intent: Record,
    method: Record,
    card: Card | None,
    *,
    status: str = "succeeded",
    authenticated: bool = False,
) -> Record:
    """One attempt to take the money: succeeded, pending or failed."""
    ref = new_id("ch_3" if card else "py_3")
    suffix = intent["statement_descriptor_suffix"]
    return state.add(
        {
            "id": ref,
            "object": "charge",
            "amount": intent["amount"],
            "amount_captured": intent["amount"] if status == "succeeded" else 0,
            "amount_refunded": 0,
            "application": None,
            "application_fee": None,
            "application_fee_amount": None,
            "balance_transaction": None,
            "billing_details": method["billing_details"],
            "calculated_statement_descriptor": "SANDBOX" + (f"* {suffix}" if suffix else ""),
            "captured": status == "succeeded",
            "created": state.now,
            "currency": intent["currency"],
            "customer": intent["customer"],
            "description": intent["description"],
            "disputed": False,
            "failure_balance_transaction": None,
            "failure_code": None,
            "failure_message": None,
            "fraud_details": {},
            "livemode": False,
            "metadata": intent["metadata"],
            "on_behalf_of": None,
            "outcome": _outcome(status),
            "paid": status == "succeeded",
            "payment_intent": intent.id,
            "payment_method": method.id,
            "payment_method_details": _details(method, card, intent["amount"], authenticated),
            "receipt_email": intent["receipt_email"],
            "receipt_number": None,
            "receipt_url": None,
            "refunded": False,
            "review": None,
            "shipping": None,
            "source": None,
            "source_transfer": None,
            "statement_descriptor": None,
            "statement_descriptor_suffix": suffix,
            "status": status,
            "transfer_data": None,
            "transfer_group": None,
        },
        card=card,
        refunds=[],
        disputes=[],
    )


def _outcome(status: str) -> Json:
    return {
        "advice_code": None,
        "network_advice_code": None,
        "network_decline_code": None,
        "network_status": "approved_by_network",
        "reason": None,
        "risk_level": "normal",
        "risk_score": 12,
        "seller_message": "Payment complete." if status == "succeeded" else "Payment pending.",
        "type": "authorized",
    }


def _details(method: Record, card: Card | None, amount: int, authenticated: bool) -> Json:
    if card is None:
        shown = ("account_holder_type", "account_type", "bank_name", "fingerprint", "last4")
        bank = {name: method["us_bank_account"][name] for name in shown}
        rest = {"payment_reference": None, "routing_number": "110000000"}
        return {"type": "us_bank_account", "us_bank_account": {**bank, **rest}}
    saved = method["card"]
    return {
        "type": "card",
        "card": {
            "amount_authorized": amount,
            "authorization_code": None,
            "brand": card.brand,
            "checks": saved["checks"],
            "country": "US",
            "electronic_commerce_indicator": None,
            "exp_month": saved["exp_month"],
            "exp_year": saved["exp_year"],
            "fingerprint": fingerprint(card),
            "funding": card.funding,
            "installments": None,
            "last4": card.number[-4:],
            "mandate": None,
            "network": card.brand,
            "network_transaction_id": None,
            "regulated_status": "unregulated",
            "three_d_secure": _three_d_secure() if authenticated else None,
            "transaction_link_id": None,
            "wallet": None,
        },
    }


def _three_d_secure() -> Json:
    return {
        "authentication_flow": "challenge",
        "electronic_commerce_indicator": "05",
        "exemption_indicator": None,
        "result": "authenticated",
        "result_reason": None,
        "transaction_id": word(36),
        "version": "2.2.0",
    }


def decline(state: State, record: Record, code: str, decline_code: str | None) -> None:
    """Mark an attempt as failed and say so."""
    message = MESSAGES[decline_code or code]
    record.change(
        status="failed",
        paid=False,
        captured=False,
        amount_captured=0,
        failure_code=code,
        failure_message=message,
        outcome={
            **record["outcome"],
            "network_status": "declined_by_network",
            "reason": decline_code or code,
            "seller_message": "The bank declined the payment.",
            "type": "issuer_declined",
        },
    )
    state.emit("charge.failed", record)


def succeed(state: State, record: Record) -> None:
    """Say that the money came in; its balance transaction follows a little later."""
    record.change(
        status="succeeded",
        paid=True,
        captured=True,
        amount_captured=record["amount"],
        outcome=_outcome("succeeded"),
    )
    state.emit("charge.succeeded", record)
    state.later(SETTLES_AFTER, partial(settle, state, record))


def settle(state: State, record: Record) -> None:
    """The balance transaction becomes known, with the fee."""
    if record["balance_transaction"]:
        return
    entry = move(
        state,
        "charge" if record.private["card"] else "payment",
        record["amount"],
        record["currency"],
        source=record.id,
        fee=processing_fee(record["amount"]),
        description=record["description"],
    )
    old = record.change(balance_transaction=entry.id)
    state.emit("charge.updated", record, old)


def update(state: State, record: Record, given: Json) -> Record:
    """Change description or metadata."""
    changes: Json = {}
    if "description" in given:
        changes["description"] = given["description"]
    if "metadata" in given:
        changes["metadata"] = merged_metadata(record["metadata"], given["metadata"])
    state.emit("charge.updated", record, record.change(**changes))
    return record
