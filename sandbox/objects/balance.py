"""What moved on the balance?"""

from __future__ import annotations

from collections import defaultdict
from functools import partial

from sandbox.errors import Json
from sandbox.ids import new_id
from sandbox.state import Record, State

AVAILABLE_AFTER = 2 * 86400  # seconds
REPORTED_AS = {
    "charge": "charge",
    "payment": "charge",
    "refund": "refund",
    "payment_refund": "refund",
    "refund_failure": "refund_failure",
    "payment_failure_refund": "refund_failure",
    "payout": "payout",
    "payout_failure": "payout_reversal",
}


def move(
    state: State,
    kind: str,
    amount: int,
    currency: str,
    *,
    source: str,
    fee: int = 0,
    description: str | None = None,
    reported_as: str | None = None,
) -> Record:
    """Write one balance transaction: amount is signed, fee positive, net = amount - fee."""
    waits = 0 if kind.startswith("payout") else AVAILABLE_AFTER
    record = state.add(
        {
            "id": new_id("txn_1"),
            "object": "balance_transaction",
            "amount": amount,
            "available_on": state.now + waits,
            "balance_type": "payments",
            "created": state.now,
            "currency": currency,
            "description": description,
            "exchange_rate": None,
            "fee": fee,
            "fee_details": _fee_details(fee, currency),
            "net": amount - fee,
            "reporting_category": reported_as or REPORTED_AS[kind],
            "source": source,
            "status": "pending" if waits else "available",
            "type": kind,
        },
        payout=None,
    )
    if waits:
        state.later(waits, partial(_make_available, record))
    return record


def _fee_details(fee: int, currency: str) -> list[Json]:
    if not fee:
        return []
    return [
        {
            "amount": fee,
            "application": None,
            "currency": currency,
            "description": "Processing fees",
            "type": "stripe_fee",
        }
    ]


def _make_available(record: Record) -> None:
    record.change(status="available")


def balance(state: State) -> Json:
    """What is on the account, by currency."""
    sums: dict[str, dict[str, int]] = {"available": defaultdict(int), "pending": defaultdict(int)}
    for record in state.shelves["balance_transaction"]:
        sums[record["status"]][record["currency"]] += record["net"]
    currencies = sorted({*sums["available"], *sums["pending"]}) or ["usd"]
    return {
        "object": "balance",
        "livemode": False,
        **{
            status: [
                {"amount": by[c], "currency": c, "source_types": {"card": by[c]}}
                for c in currencies
            ]
            for status, by in sums.items()
        },
    }
