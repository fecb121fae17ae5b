"""What do payers, banks and the dashboard do, when told to?"""

from __future__ import annotations

from dataclasses import asdict

from sandbox.cards import GOOD_CARD
from sandbox.desk import Desk, Typed
from sandbox.errors import Json, Refusal
from sandbox.objects import disputes, payouts, refunds, sessions
from sandbox.paying import end_bank_debit, press, start_bank_debit
from sandbox.state import Record
from sandbox.typed import Press


def pay(desk: Desk, typed: Typed) -> Json | list[Json]:
    """{session | sessions | count, card, action, save, …}: press the page's button."""
    known = {k: v for k, v in typed.items() if k in Press.__dataclass_fields__}
    what = Press(**{"card": GOOD_CARD, **known})
    outcomes = [
        {"session": s.id, **asdict(press(desk.api.state, s, what))} for s in _sessions(desk, typed)
    ]
    return outcomes[0] if "session" in typed else outcomes


def open_sessions(desk: Desk, typed: Typed) -> list[str]:
    """{count, amount, currency, expires_in, metadata}: many open sessions; their ids."""
    state, price = desk.api.state, int(typed.get("amount", 4500))
    data = {
        "currency": typed.get("currency", "usd"),
        "product_data": {"name": "Clinic appointment"},
        "unit_amount": price,
    }
    given = {
        "mode": "payment",
        "success_url": typed.get("success_url", "http://127.0.0.1/paid"),
        "line_items": [{"price_data": data, "quantity": 1}],
        "expires_at": state.now + int(typed.get("expires_in", 35 * 60)),
        "metadata": typed.get("metadata", {}),
    }
    base = desk.api.public_url or "http://127.0.0.1"
    made = (sessions.create(state, given, base) for _ in range(int(typed.get("count", 1))))
    return [session.id for session in made]


def expire(desk: Desk, typed: Typed) -> list[str]:
    """{session | sessions | count}: end open sessions; those that were ended."""
    found = [s for s in _sessions(desk, typed) if s["status"] == "open"]
    return [sessions.expire(desk.api.state, session).id for session in found]


def _sessions(desk: Desk, typed: Typed) -> list[Record]:
    state = desk.api.state
    if "count" in typed:
        rows = [s for s in state.shelves["checkout.session"] if s["status"] == "open"]
        return rows[: int(typed["count"])]
    ids = typed.get("sessions") or [str(typed.get("session", ""))]
    return [state.find("checkout.session", ref) for ref in ids]


def delayed(desk: Desk, typed: Typed) -> Json:
    """{session, outcome: pending, succeeded, failed}: pay by bank debit, or let it end."""
    state, (session,) = desk.api.state, _sessions(desk, {"session": typed.get("session", "")})
    outcome = typed.get("outcome", "pending")
    if outcome not in ("pending", "succeeded", "failed"):
        raise Refusal("outcome is one of pending, succeeded, failed", param="outcome")
    if session["status"] == "open":
        start_bank_debit(state, session, Press(name=typed.get("name", "")))
    if outcome != "pending":
        end_bank_debit(state, session, arrived=outcome == "succeeded")
    return session.body


def dashboard_refund(desk: Desk, typed: Typed) -> Json:
    """{payment_intent, amount}: a refund made by hand in the dashboard."""
    state = desk.api.state
    intent = state.find("payment_intent", str(typed.get("payment_intent", "")))
    amount = typed.get("amount")
    return refunds.from_dashboard(state, intent, None if amount is None else int(amount)).body


def refund_end(desk: Desk, ref: str, end: str, typed: Typed) -> Json:
    """{reason}: a refund fails, even after it succeeded; or a pending one succeeds."""
    record = desk.api.state.find("refund", ref)
    if end == "fail":
        reason = str(typed.get("reason", "expired_or_canceled_card"))
        refunds.fail(desk.api.state, record, reason)
    else:
        refunds.succeed(desk.api.state, record)
    return record.body


def dispute(desk: Desk, typed: Typed) -> Json:
    """{charge | payment_intent, reason, amount, inquiry}: the bank asks the money back."""
    state = desk.api.state
    ref = str(typed.get("charge", ""))
    if "payment_intent" in typed:
        ref = state.find("payment_intent", typed["payment_intent"])["latest_charge"] or ""
    charge = state.find("charge", ref)
    record = disputes.open_dispute(
        state,
        charge,
        reason=str(typed.get("reason", "fraudulent")),
        amount=int(typed["amount"]) if "amount" in typed else None,
        inquiry=bool(typed.get("inquiry")),
    )
    return record.body


def dispute_close(desk: Desk, ref: str, typed: Typed) -> Json:
    """{status: won, lost, warning_closed, prevented}: the bank decides."""
    record = desk.api.state.find("dispute", ref)
    return disputes.settle(desk.api.state, record, str(typed.get("status", "lost"))).body


def payout(desk: Desk, typed: Typed) -> Json:
    """{currency}: pay out all that was not yet."""
    return payouts.create(desk.api.state, str(typed.get("currency", "usd"))).body


def payout_end(desk: Desk, ref: str, end: str, typed: Typed) -> Json:
    """A payout arrives now, or comes back."""
    del typed
    record = desk.api.state.find("payout", ref)
    if end == "pay":
        payouts.pay(desk.api.state, record)
    else:
        payouts.fail(desk.api.state, record)
    return record.body


def warning(desk: Desk, typed: Typed) -> Json:
    """{charge}: an early fraud warning."""
    charge = desk.api.state.find("charge", str(typed.get("charge", "")))
    disputes.warn_early(desk.api.state, charge)
    return charge.body
