"""What happens when a cardholder's bank takes the money back?"""

from __future__ import annotations

from functools import partial

from sandbox.errors import Json, Refusal
from sandbox.ids import new_id
from sandbox.money import DISPUTE_FEE
from sandbox.objects import refunds
from sandbox.objects.balance import move
from sandbox.parameters import merged_metadata
from sandbox.state import Record, State

DAYS_TO_ANSWER, DECIDED_AFTER = 14, 10  # days, seconds
FINAL = ("won", "lost", "warning_closed", "prevented")
REASON_CODES = {"fraudulent": "10.4", "product_not_received": "13.1"}
OUTCOMES = {"winning_evidence": "won", "losing_evidence": "lost"}
FILES_AND_TEXTS = """
access_activity_log billing_address cancellation_policy cancellation_policy_disclosure
cancellation_rebuttal customer_communication customer_email_address customer_name
customer_purchase_ip customer_signature duplicate_charge_documentation
duplicate_charge_explanation duplicate_charge_id product_description receipt refund_policy
refund_policy_disclosure refund_refusal_explanation service_date service_documentation
shipping_address shipping_carrier shipping_date shipping_documentation shipping_tracking_number
uncategorized_file uncategorized_text
""".split()


def open_dispute(
    state: State,
    charge: Record,
    *,
    reason: str = "fraudulent",
    amount: int | None = None,
    inquiry: bool = False,
) -> Record:
    """The bank asks back all of a charge, or part; an inquiry moves no money."""
    kind = "inquiry" if inquiry else "chargeback"
    record = state.add(
        {
            "id": new_id("du_1"),
            "object": "dispute",
            "amount": charge["amount"] if amount is None else amount,
            "balance_transactions": [],
            "charge": charge.id,
            "created": state.now,
            "currency": charge["currency"],
            "enhanced_eligibility_types": [],
            "evidence": {**dict.fromkeys(FILES_AND_TEXTS), "enhanced_evidence": {}},
            "evidence_details": {
                "due_by": state.now + DAYS_TO_ANSWER * 86400,
                "enhanced_eligibility": {},
                "has_evidence": False,
                "past_due": False,
                "submission_count": 0,
                "submission_method": "not_submitted",
            },
            "intended_submission_method": None,
            "is_charge_refundable": inquiry,
            "livemode": False,
            "metadata": {},
            "payment_intent": charge["payment_intent"],
            "payment_method_details": _details(charge, kind, reason),
            "reason": reason,
            "status": "warning_needs_response" if inquiry else "needs_response",
        }
    )
    charge.private["disputes"].append(record)
    if inquiry:
        state.emit("charge.dispute.created", record)
        return record
    charge.change(disputed=True)
    _stop_pending_refunds(state, charge)
    state.emit("charge.dispute.created", record)
    _withdraw(state, record)
    return record


def _details(charge: Record, kind: str, reason: str) -> Json:
    brand = (charge["payment_method_details"].get("card") or {}).get("brand", "visa")
    return {
        "type": "card",
        "card": {
            "brand": brand,
            "case_type": kind,
            "network": brand,
            "network_reason_code": REASON_CODES.get(reason, "10.4"),
        },
    }


def _stop_pending_refunds(state: State, charge: Record) -> None:
    for refund in charge.private["refunds"]:
        if refund["status"] == "pending":
            refunds.fail(state, refund, "charge_for_pending_refund_disputed")


def _withdraw(state: State, record: Record) -> None:
    _book(state, record, -record["amount"], DISPUTE_FEE, "dispute")
    state.emit("charge.dispute.funds_withdrawn", record)


def _book(state: State, record: Record, amount: int, fee: int, category: str) -> None:
    entry = move(
        state,
        "adjustment",
        amount,
        record["currency"],
        source=record.id,
        fee=fee,
        description=f"Chargeback for {record['charge']}",
        reported_as=category,
    )
    record.change(balance_transactions=[*record["balance_transactions"], entry.body])


def settle(state: State, record: Record, status: str) -> Record:
    """The bank decided: won, lost, warning_closed or prevented. Raises Refusal when it had."""
    if status not in FINAL:
        raise Refusal(f"Invalid status: must be one of {', '.join(FINAL)}", param="status")
    if record["status"] in FINAL:
        raise Refusal(f"This dispute is already closed: {record['status']}", stored=True)
    withdrawn = bool(record["balance_transactions"])
    record.change(status=status, is_charge_refundable=status in ("won", "warning_closed"))
    if status == "won" and withdrawn:
        _book(state, record, record["amount"], 0, "dispute_reversal")
        state.emit("charge.dispute.funds_reinstated", record)
    state.emit("charge.dispute.closed", record)
    return record


def update(state: State, record: Record, given: Json) -> Record:
    """Add evidence; submitting it sends the dispute to the bank."""
    text = (given.get("evidence") or {}).get("uncategorized_text", "")
    details = record["evidence_details"]
    changes: Json = {}
    if "metadata" in given:
        changes["metadata"] = merged_metadata(record["metadata"], given["metadata"])
    if "evidence" in given:
        changes["evidence"] = {**record["evidence"], **given["evidence"]}
        changes["evidence_details"] = details = {**details, "has_evidence": True}
        if given.get("submit", True):
            changes |= _submitted(record, details)
    state.emit("charge.dispute.updated", record, record.change(**changes))
    if "status" in changes:
        state.later(DECIDED_AFTER, partial(_decide, state, record, text))
    return record


def _submitted(record: Record, details: Json) -> Json:
    inquiry = record["status"].startswith("warning")
    return {
        "status": "warning_under_review" if inquiry else "under_review",
        "evidence_details": {
            **details,
            "submission_count": details["submission_count"] + 1,
            "submission_method": "manual",
        },
    }


def _decide(state: State, record: Record, text: str) -> None:
    if record["status"] in FINAL:
        return
    if text == "escalate_inquiry_evidence" and record["status"].startswith("warning"):
        record.change(status="needs_response", is_charge_refundable=False)
        state.by_id[record["charge"]].change(disputed=True)
        state.emit("charge.dispute.updated", record, {"status": "warning_under_review"})
        _withdraw(state, record)
    elif record["status"].startswith("warning"):
        settle(state, record, "warning_closed")
    elif text in OUTCOMES:
        settle(state, record, OUTCOMES[text])


def warn_early(state: State, charge: Record) -> None:
    """The network thinks that a payment was fraud, before any dispute."""
    warning = state.add(
        {
            "id": new_id("issfr_1"),
            "object": "radar.early_fraud_warning",
            "actionable": True,
            "charge": charge.id,
            "created": state.now,
            "fraud_type": "unauthorized_use_of_card",
            "livemode": False,
            "payment_intent": charge["payment_intent"],
        }
    )
    state.emit("radar.early_fraud_warning.created", warning)
