"""How does the balance reach the clinic's bank, and which payments were in it?"""

from __future__ import annotations

from functools import partial

from sandbox.errors import Refusal
from sandbox.ids import new_id
from sandbox.objects.balance import move
from sandbox.state import Record, State

IN_TRANSIT_AFTER, PAID_AFTER = 5, 10  # seconds


def create(state: State, currency: str = "usd") -> Record:
    """Pay out everything not yet paid out in that currency. Raises Refusal when that is nothing."""
    entries = [
        r
        for r in state.shelves["balance_transaction"]
        if r["currency"] == currency and r.private["payout"] is None
    ]
    amount = sum(r["net"] for r in entries)
    if amount <= 0:
        raise Refusal("There is nothing to pay out.", code="balance_insufficient", stored=True)
    record = state.add(_body(state, amount, currency))
    own = move(state, "payout", -amount, currency, source=record.id, description="STRIPE PAYOUT")
    for entry in [*entries, own]:
        entry.private["payout"] = record.id
        entry.change(status="available")
    record.change(balance_transaction=own.id)
    state.emit("payout.created", record)
    state.later(IN_TRANSIT_AFTER, partial(_step, state, record, "pending", "in_transit"))
    state.later(PAID_AFTER, partial(pay, state, record))
    return record


def _body(state: State, amount: int, currency: str) -> dict[str, object]:
    return {
        "id": new_id("po_1"),
        "object": "payout",
        "amount": amount,
        "application_fee": None,
        "application_fee_amount": None,
        "arrival_date": (state.now // 86400 + 2) * 86400,
        "automatic": True,
        "balance_transaction": None,
        "created": state.now,
        "currency": currency,
        "description": "STRIPE PAYOUT",
        "destination": None,
        "failure_balance_transaction": None,
        "failure_code": None,
        "failure_message": None,
        "livemode": False,
        "metadata": {},
        "method": "standard",
        "original_payout": None,
        "payout_method": None,
        "reconciliation_status": "in_progress",
        "reversed_by": None,
        "source_type": "card",
        "statement_descriptor": None,
        "status": "pending",
        "trace_id": None,
        "type": "bank_account",
    }


def _step(state: State, record: Record, old: str, new: str) -> None:
    if record["status"] == old:
        state.emit("payout.updated", record, record.change(status=new))


def pay(state: State, record: Record) -> None:
    """It arrived, and its transactions can be matched."""
    if record["status"] not in ("pending", "in_transit"):
        return
    record.change(status="paid")
    state.emit("payout.paid", record)
    record.change(reconciliation_status="completed")
    state.emit("payout.reconciliation_completed", record)


def fail(state: State, record: Record) -> Record:
    """The bank sent it back, which may come after it was paid."""
    if record["status"] in ("failed", "canceled"):
        raise Refusal(f"This payout has already {record['status']}.", stored=True)
    back = move(state, "payout_failure", record["amount"], record["currency"], source=record.id)
    record.change(
        status="failed",
        failure_code="account_closed",
        failure_message="The bank account has been closed.",
        failure_balance_transaction=back.id,
    )
    state.emit("payout.failed", record)
    return record
