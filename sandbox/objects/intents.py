"""How far has the payment of one session come?"""

from __future__ import annotations

from sandbox.errors import Json, Refusal
from sandbox.ids import new_id, word
from sandbox.parameters import merged_metadata
from sandbox.state import Record, State


def create(state: State, session: Record) -> Record:
    """The intent of a session, made when the payer first confirms."""
    data = session.private["payment_intent_data"]
    ref = new_id("pi_3")
    record = state.add(
        {
            "id": ref,
            "object": "payment_intent",
            "allowed_payment_method_types": session["allowed_payment_method_types"],
            "amount": session["amount_total"],
            "amount_capturable": 0,
            "amount_details": {"tip": {}},
            "amount_received": 0,
            "application": None,
            "application_fee_amount": None,
            "automatic_payment_methods": None,
            "canceled_at": None,
            "cancellation_reason": None,
            "capture_method": data.get("capture_method", "automatic_async"),
            "client_secret": f"{ref}_secret_{word(25)}",
            "confirmation_method": "automatic",
            "created": state.now,
            "currency": session["currency"],
            "customer": session["customer"],
            "customer_account": None,
            "description": data.get("description"),
            "excluded_payment_method_types": None,
            "last_payment_error": None,
            "latest_charge": None,
            "livemode": False,
            "managed_payments": None,
            "metadata": data.get("metadata") or {},
            "next_action": None,
            "on_behalf_of": None,
            "payment_method": None,
            "payment_method_configuration_details": None,
            "payment_method_options": {"card": _card_options()},
            "payment_method_types": session["payment_method_types"],
            "payment_record": None,
            "processing": None,
            "receipt_email": data.get("receipt_email"),
            "review": None,
            "setup_future_usage": data.get("setup_future_usage"),
            "shipping": None,
            "source": None,
            "statement_descriptor": None,
            "statement_descriptor_suffix": data.get("statement_descriptor_suffix"),
            "status": "requires_payment_method",
            "transfer_data": None,
            "transfer_group": None,
        },
        session=session.id,
    )
    session.change(payment_intent=ref)
    state.emit("payment_intent.created", record)
    return record


def _card_options() -> Json:
    return {
        "installments": None,
        "mandate_options": None,
        "network": None,
        "request_three_d_secure": "automatic",
    }


def update(state: State, record: Record, given: Json) -> Record:
    """Change description or metadata."""
    del state
    changes: Json = {}
    if "description" in given:
        changes["description"] = given["description"]
    if "metadata" in given:
        changes["metadata"] = merged_metadata(record["metadata"], given["metadata"])
    record.change(**changes)
    return record


def cancel(state: State, record: Record, given: Json) -> Record:
    """Always refused: the intent of a session ends with the session."""
    raise Refusal(
        f"You cannot cancel this PaymentIntent ({record.id}) because it was created by a "
        "Checkout Session. Expire the Checkout Session instead.",
        code="payment_intent_unexpected_state",
        stored=True,
    )


def ask_challenge(state: State, record: Record, method: Record) -> None:
    """The bank wants to see the cardholder."""
    record.change(
        status="requires_action",
        payment_method=method.id,
        last_payment_error=None,
        next_action={"type": "use_stripe_sdk", "use_stripe_sdk": {}},
    )
    state.emit("payment_intent.requires_action", record)


def fail(state: State, record: Record, error: Json, charge: Record | None) -> None:
    """An attempt came to nothing; the payer may try again."""
    record.change(
        status="requires_payment_method",
        payment_method=None,
        next_action=None,
        processing=None,
        last_payment_error=error,
        latest_charge=charge.id if charge else record["latest_charge"],
    )
    state.emit("payment_intent.payment_failed", record)


def process(state: State, record: Record, method: Record, charge: Record) -> None:
    """The bank was asked and answers in some days."""
    record.change(status="processing", payment_method=method.id, latest_charge=charge.id)
    state.emit("payment_intent.processing", record)


def succeed(state: State, record: Record, method: Record, charge: Record) -> None:
    """The money came in."""
    record.change(
        status="succeeded",
        payment_method=method.id,
        latest_charge=charge.id,
        amount_received=record["amount"],
        next_action=None,
        processing=None,
        last_payment_error=None,
    )
    state.emit("payment_intent.succeeded", record)
