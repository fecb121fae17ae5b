"""How do Stripe's words become ours, and ours Stripe's? Plain dictionaries and values, no calls."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from efoy.domain.notice import (
    BalanceLine,
    CheckoutNotice,
    CheckoutRequest,
    CheckoutState,
    DisputeNotice,
    EventHint,
    Funds,
    RefundNotice,
)

PRODUCT_NAME = "Clinic appointment"
"""All that Stripe learns about a visit: no doctor, service, date or name ever goes there."""
APP = "efoy"
LOCALES = frozenset(
    "bg cs da de el en en-GB es es-419 et fi fil fr fr-CA hi-IN hr hu id it ja ko lt lv ms mt nb"
    " nl pl pt pt-BR ro ru sk sl sv th tr vi zh zh-HK zh-TW".split()
)


def checkout_params(request: CheckoutRequest, env: str) -> dict[str, Any]:
    """One create call: card only, exact amount, neutral name, opaque references."""
    marks = _marks(request, env)
    params: dict[str, Any] = {
        "mode": "payment",
        "allowed_payment_method_types": ["card"],
        "line_items": [_line(request)],
        "client_reference_id": request.reference,
        "metadata": marks,
        "payment_intent_data": {"metadata": marks, "description": request.public_ref},
        "adaptive_pricing": {"enabled": False},
        "submit_type": "book",
        "locale": request.locale if request.locale in LOCALES else "auto",
        "expires_at": int(request.expires_at.timestamp()),
        "success_url": request.success_url,
        "cancel_url": request.cancel_url,
    }
    if request.customer_email:
        params["customer_email"] = request.customer_email
    return params


def _marks(request: CheckoutRequest, env: str) -> dict[str, str]:
    return {
        "app": APP,
        "env": env,
        "attempt": request.reference,
        "booking": request.booking_id,
    }


def _line(request: CheckoutRequest) -> dict[str, Any]:
    price = {
        "currency": request.currency.lower(),
        "unit_amount": request.amount,
        "product_data": {"name": PRODUCT_NAME},
    }
    return {"quantity": 1, "price_data": price}


def refund_params(
    *, intent_ref: str, amount: int, reference: str, duplicate: bool, env: str
) -> dict[str, Any]:
    """The parameters of one refund; the amount is always said, also for all of it."""
    return {
        "payment_intent": intent_ref,
        "amount": amount,
        "reason": "duplicate" if duplicate else "requested_by_customer",
        "metadata": {"app": APP, "env": env, "refund_request": reference},
    }


def is_ours(data: Mapping[str, Any], env: str) -> bool:
    """Whether an object carries our marks and those of this environment."""
    marks = data.get("metadata") or {}
    return marks.get("app") == APP and marks.get("env") == env


def refund_notice(data: Mapping[str, Any], env: str) -> RefundNotice:
    """One refund in our words; ``reference`` only where we made it."""
    marks = data.get("metadata") or {}
    card = (data.get("destination_details") or {}).get("card") or {}
    return RefundNotice(
        ref=data["id"],
        status=data["status"] or "pending",
        amount=data["amount"],
        currency=data["currency"].upper(),
        intent_ref=id_of(data.get("payment_intent")),
        reference=marks.get("refund_request") if is_ours(data, env) else None,
        created_at=_time(data["created"]),
        failure_reason=data.get("failure_reason"),
        pending_reason=data.get("pending_reason"),
        bank_reference=card.get("reference"),
    )


def event_hint(data: Mapping[str, Any], env: str) -> EventHint:
    """What an event points at; another app's object on the same account has no reference here."""
    thing = data["data"]["object"]
    marks = thing.get("metadata") or {}
    foreign = marks.get("app") not in {None, APP} or marks.get("env") not in {None, env}
    reference = marks.get("attempt") or marks.get("refund_request")
    is_intent = thing["object"] == "payment_intent"
    return EventHint(
        id=_text(data["id"]),
        type=_text(data["type"], most=80),
        object_id=_text(thing["id"]),
        created_at=_time(data["created"]),
        live=_yes_or_no(data["livemode"]),
        api_version=_mark(data.get("api_version")),
        reference=None if foreign else _mark(reference),
        intent_ref=_maybe_text(thing["id"] if is_intent else id_of(thing.get("payment_intent"))),
    )


def checkout_notice(data: Mapping[str, Any]) -> CheckoutNotice:
    """One checkout in our words, with what its expanded intent and charge tell."""
    intent = _object(data.get("payment_intent"))
    charge = _object(intent.get("latest_charge"))
    balance = _object(charge.get("balance_transaction"))
    card = (charge.get("payment_method_details") or {}).get("card") or {}
    error = intent.get("last_payment_error") or {}
    paid = bool(charge.get("paid"))
    return CheckoutNotice(
        ref=data["id"],
        url=data.get("url"),
        state=CheckoutState(data["status"]),
        funds=_funds(data, intent),
        amount=data["amount_total"],
        currency=data["currency"].upper(),
        live=data["livemode"],
        reference=data.get("client_reference_id"),
        expires_at=_time(data["expires_at"]),
        created_at=_time(data["created"]),
        intent_ref=id_of(data.get("payment_intent")),
        charge_ref=id_of(intent.get("latest_charge")) if paid else None,
        captured=charge["amount_captured"] if paid else 0,
        paid_at=_time(charge["created"]) if paid else None,
        card_brand=card.get("brand") if paid else None,
        card_last4=card.get("last4") if paid else None,
        decline_code=error.get("decline_code") or error.get("code"),
        fee=balance.get("fee"),
        net=balance.get("net"),
        settled_currency=(balance.get("currency") or "").upper() or None,
    )


def _funds(data: Mapping[str, Any], intent: Mapping[str, Any]) -> Funds:
    """Decided on ``payment_status`` and the intent; ``complete`` alone proves nothing."""
    if data["payment_status"] == "paid" or intent.get("status") == "succeeded":
        return Funds.PAID
    if intent.get("status") == "processing":
        return Funds.PROCESSING
    if data["status"] == CheckoutState.COMPLETE:
        return Funds.FAILED if intent.get("last_payment_error") else Funds.PROCESSING
    return Funds.UNPAID


def dispute_notice(data: Mapping[str, Any]) -> DisputeNotice:
    """One dispute in our words, with what moved on the balance for it."""
    due = (data.get("evidence_details") or {}).get("due_by")
    return DisputeNotice(
        ref=data["id"],
        status=data["status"],
        amount=data["amount"],
        currency=data["currency"].upper(),
        intent_ref=id_of(data.get("payment_intent")),
        charge_ref=id_of(data.get("charge")),
        reason=data["reason"],
        refundable=data["is_charge_refundable"],
        due_at=_time(due) if due else None,
        lines=tuple(balance_line(line) for line in data.get("balance_transactions") or ()),
    )


def balance_line(data: Mapping[str, Any]) -> BalanceLine:
    """One balance transaction in our words."""
    return BalanceLine(
        ref=data["id"],
        category=data["reporting_category"],
        amount=data["amount"],
        fee=data["fee"],
        net=data["net"],
        currency=data["currency"].upper(),
        source=id_of(data.get("source")),
    )


def _object(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def id_of(value: Any) -> str | None:
    """The id of an object, given in full or as its id."""
    found = value["id"] if isinstance(value, dict) else value
    return None if found is None else str(found)


def _yes_or_no(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError("neither yes nor no")
    return value


def _text(value: Any, *, most: int = 120) -> str:
    if not isinstance(value, str) or not value.isprintable() or not 0 < len(value) <= most:
        raise ValueError("not an id")
    return value


def _maybe_text(value: Any) -> str | None:
    return None if value is None else _text(value)


def _mark(value: Any) -> str | None:
    """A reference as we write them; another app may keep anything under the same name."""
    try:
        return None if value is None else _text(value, most=64)
    except ValueError:
        return None


def _time(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
