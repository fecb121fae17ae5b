"""How does money go back, and what may go wrong on the way?"""

from __future__ import annotations

from functools import partial

from sandbox.cards import Card
from sandbox.errors import Json, Refusal, missing_parameter
from sandbox.ids import new_id, word
from sandbox.money import spoken
from sandbox.objects.balance import move
from sandbox.parameters import merged_metadata
from sandbox.state import Record, State

PENDING_FOR, FAILS_AFTER, REFERENCE_AFTER = 10, 30, 20  # seconds
OVER = ("failed", "canceled")
INQUIRIES = ("warning_needs_response", "warning_under_review")
OPEN_DISPUTES = ("needs_response", "under_review", "lost")


def create(state: State, given: Json) -> Record:
    """Refund a charge, all that is left of it unless told how much. Raises Refusal."""
    charge = _charge(state, given)
    left = charge["amount"] - charge["amount_refunded"]
    amount = given.get("amount", left)
    _check(charge, amount, left)
    return _make(state, charge, amount, given)


def from_dashboard(state: State, intent: Record, amount: int | None) -> Record:
    """A refund that a person made outside every program."""
    given: Json = {"payment_intent": intent.id, "reason": "requested_by_customer"}
    return create(state, given if amount is None else {**given, "amount": amount})


def _charge(state: State, given: Json) -> Record:
    if ("charge" in given) == ("payment_intent" in given):
        if "charge" in given:
            raise Refusal(
                "You may only specify one of these parameters: charge, payment_intent.",
                code="parameters_exclusive",
                param="charge",
            )
        raise missing_parameter("payment_intent")
    if "charge" in given:
        charge = state.find("charge", given["charge"], param="charge")
    else:
        intent = state.find("payment_intent", given["payment_intent"], param="payment_intent")
        charge = state.by_id.get(intent["latest_charge"] or "") or _no_charge(intent)
    if charge["status"] != "succeeded":
        raise Refusal(
            f"Charge {charge.id} cannot be refunded: its status is {charge['status']}.",
            code="charge_not_refundable",
            stored=True,
        )
    return charge


def _no_charge(intent: Record) -> Record:
    raise Refusal(
        f"This PaymentIntent ({intent.id}) does not have a successful charge to refund.",
        code="charge_not_refundable",
        stored=True,
    )


def _check(charge: Record, amount: int, left: int) -> None:
    if left == 0:
        raise Refusal(
            f"Charge {charge.id} has already been refunded.",
            code="charge_already_refunded",
            stored=True,
        )
    if any(d["status"] in OPEN_DISPUTES for d in charge.private["disputes"]):
        raise Refusal(
            f"Charge {charge.id} has been charged back; cannot issue a refund.",
            code="charge_disputed",
            stored=True,
        )
    if amount > left:
        currency = charge["currency"]
        raise Refusal(
            f"Refund amount ({spoken(amount, currency)} {currency}) is greater than unrefunded "
            f"amount on charge ({spoken(left, currency)} {currency})",
            param="amount",
            stored=True,
        )


def _make(state: State, charge: Record, amount: int, given: Json) -> Record:
    card: Card | None = charge.private["card"]
    waits = card is not None and card.refund == "pending"
    record = state.add(
        {
            "id": new_id("re_3" if card else "pyr_3"),
            "object": "refund",
            "amount": amount,
            "balance_transaction": None,
            "charge": charge.id,
            "created": state.now,
            "currency": charge["currency"],
            "customer": charge["customer"],
            "customer_account": None,
            "destination_details": _destination(card, None),
            "metadata": merged_metadata({}, given.get("metadata")),
            "payment_intent": charge["payment_intent"],
            "payment_method": charge["payment_method"],
            "reason": given.get("reason"),
            "receipt_number": None,
            "source_transfer_reversal": None,
            "status": "pending" if waits else "succeeded",
            "transfer_reversal": None,
        }
    )
    if waits:
        record.change(pending_reason="processing")
        state.later(PENDING_FOR, partial(succeed, state, record))
    else:
        _take_from_balance(state, record, charge)
        if card is None or card.refund != "fails":
            state.later(REFERENCE_AFTER, partial(tell_reference, state, record))
    if card is not None and card.refund == "fails":
        state.later(FAILS_AFTER, partial(fail, state, record, "expired_or_canceled_card"))
    charge.private["refunds"].append(record)
    old = _count(charge)
    state.emit("refund.created", record)
    state.emit("charge.refunded", charge, old)
    _settle_inquiries(state, charge)
    return record


def _settle_inquiries(state: State, charge: Record) -> None:
    """Nobody asks further about money that is all back."""
    for dispute in charge.private["disputes"]:
        if charge["refunded"] and dispute["status"] in INQUIRIES:
            dispute.change(status="warning_closed")
            state.emit("charge.dispute.closed", dispute)


def _destination(card: Card | None, reference: str | None) -> Json:
    if card is None:
        return {
            "type": "us_bank_transfer",
            "us_bank_transfer": {"reference": reference, "reference_status": "pending"},
        }
    found: Json = {"type": "refund", "reference_type": "acquirer_reference_number"}
    if reference:
        found |= {"reference": reference, "reference_status": "available"}
    else:
        found |= {"reference_status": "pending"}
    return {"type": "card", "card": found}


def _take_from_balance(state: State, record: Record, charge: Record) -> None:
    kind = "refund" if charge.private["card"] else "payment_refund"
    entry = move(state, kind, -record["amount"], record["currency"], source=record.id)
    record.change(balance_transaction=entry.id)


def _count(charge: Record) -> Json:
    """Sum up what is refunded; a refund that failed does not count."""
    total = sum(r["amount"] for r in charge.private["refunds"] if r["status"] not in OVER)
    return charge.change(amount_refunded=total, refunded=total == charge["amount"])


def succeed(state: State, record: Record) -> None:
    """A pending refund went through."""
    if record["status"] != "pending":
        return
    _take_from_balance(state, record, state.by_id[record["charge"]])
    old = record.change(status="succeeded")
    record.become({k: v for k, v in record.body.items() if k != "pending_reason"})
    state.emit("refund.updated", record, old)
    state.later(REFERENCE_AFTER, partial(tell_reference, state, record))


def tell_reference(state: State, record: Record) -> None:
    """The bank's reference arrives: an update that changes no status."""
    if record["status"] != "succeeded":
        return
    card = state.by_id[record["charge"]].private["card"]
    old = record.change(destination_details=_destination(card, word(23).upper()))
    state.emit("refund.updated", record, old)


def fail(state: State, record: Record, reason: str) -> None:
    """It comes back, even after it had succeeded; the money returns to the balance."""
    if record["status"] in OVER:
        return
    charge = state.by_id[record["charge"]]
    old = record.change(status="failed", failure_reason=reason)
    if record["balance_transaction"]:
        kind = "refund_failure" if charge.private["card"] else "payment_failure_refund"
        back = move(state, kind, record["amount"], record["currency"], source=record.id)
        record.change(failure_balance_transaction=back.id)
    record.become({k: v for k, v in record.body.items() if k != "pending_reason"})
    _count(charge)
    state.emit("refund.updated", record, {"status": old["status"]})
    state.emit("refund.failed", record)


def cancel(state: State, record: Record, given: Json) -> Record:
    """Only a refund that waits for the payer can be cancelled, and cards have none. Refused."""
    raise Refusal(
        f"Refund {record.id} cannot be canceled: its status is {record['status']}, "
        "and only refunds in requires_action can be canceled.",
        stored=True,
    )


def update(state: State, record: Record, given: Json) -> Record:
    """Only the metadata can change."""
    if "metadata" in given:
        new = merged_metadata(record["metadata"], given["metadata"])
        state.emit("refund.updated", record, record.change(metadata=new))
    return record
