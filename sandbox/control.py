"""What can be done to the sandbox from outside Stripe's API?  JSON under /_control."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from flask import Blueprint, Response, abort, jsonify, request

from sandbox.cards import GOOD_CARD
from sandbox.delivery import Delivery, Mail
from sandbox.errors import Json, Refusal
from sandbox.journal import told
from sandbox.objects import disputes, payouts, refunds, sessions
from sandbox.paying import end_bank_debit, press, start_bank_debit
from sandbox.postman import Postman
from sandbox.state import Record
from sandbox.typed import Press
from sandbox.wire import Api

Typed = dict[str, Any]


@dataclass(kw_only=True)
class Control:
    """The levers. Every one takes the typed JSON and gives JSON back; Refusal when it cannot."""

    api: Api
    mail: Mail
    postman: Postman | None

    # ---- time, faults, deliveries ---------------------------------------------------------------

    def clock(self, typed: Typed) -> Json:
        """{advance: seconds}: move this clock alone, and do what falls due."""
        state = self.api.state
        state.clock.advance(float(typed.get("advance", 0)))
        return {"done": state.run_due(), "now": state.now, "advanced": state.clock.advanced}

    def later(self, typed: Typed) -> Json:
        """{seconds: 60}: do now what is planned for the next seconds; the clock stays."""
        return {"done": self.api.state.run_due(ahead=float(typed.get("seconds", 60)))}

    def webhooks(self, typed: Typed) -> Json:
        """{mode: deliver, hold, drop, duplicate, shuffle; delay: seconds}: from now on."""
        self.mail.set_mode(str(typed.get("mode", "deliver")), float(typed.get("delay", 0)))
        return {"mode": self.mail.mode, "delay": self.mail.delay}

    def faults(self, typed: Any) -> list[Json]:
        """[{method, path, nth, action, times}]: add faults; [] takes all away."""
        return self.api.faults.order(typed)

    def methods(self, typed: Typed) -> Json:
        """{delayed: true}: offer the bank debit on pages of sessions made from now on."""
        self.api.state.delayed_methods = bool(typed.get("delayed"))
        return {"delayed": self.api.state.delayed_methods}

    def reset(self, typed: Typed) -> Json:
        """Forget everything: objects, keys, faults, deliveries, journal, the moved clock."""
        del typed
        api = self.api
        api.state.clear()
        api.state.delayed_methods = False
        api.state.clock.advanced = 0.0
        api.keys.stored.clear()
        api.faults.planned = []
        api.journal.clear()
        self.mail.clear()
        self.wake({})
        return {"reset": True}

    def wake(self, typed: Typed) -> Json:
        """End the waiting of all requests that a fault holds."""
        del typed
        self.api.woken.set()
        self.api.woken.clear()
        return {"woken": True}

    # ---- what people and banks do ---------------------------------------------------------------

    def pay(self, typed: Typed) -> Json | list[Json]:
        """{session | sessions | count, card, action, save, …}: press the page's button."""
        known = {k: v for k, v in typed.items() if k in Press.__dataclass_fields__}
        what = Press(**{"card": GOOD_CARD, **known})
        outcomes = [
            {"session": s.id, **asdict(press(self.api.state, s, what))}
            for s in self._sessions(typed)
        ]
        return outcomes[0] if "session" in typed else outcomes

    def open_sessions(self, typed: Typed) -> list[str]:
        """{count, amount, currency, expires_in, metadata}: many open sessions; their ids."""
        state, price = self.api.state, int(typed.get("amount", 4500))
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
        base = self.api.public_url or "http://127.0.0.1"
        made = (sessions.create(state, given, base) for _ in range(int(typed.get("count", 1))))
        return [session.id for session in made]

    def expire(self, typed: Typed) -> list[str]:
        """{session | sessions | count}: end open sessions; those that were ended."""
        found = [s for s in self._sessions(typed) if s["status"] == "open"]
        return [sessions.expire(self.api.state, session).id for session in found]

    def _sessions(self, typed: Typed) -> list[Record]:
        state = self.api.state
        if "count" in typed:
            rows = [s for s in state.shelves["checkout.session"] if s["status"] == "open"]
            return rows[: int(typed["count"])]
        ids = typed.get("sessions") or [str(typed.get("session", ""))]
        return [state.find("checkout.session", ref) for ref in ids]

    def delayed(self, typed: Typed) -> Json:
        """{session, outcome: pending, succeeded, failed}: pay by bank debit, or let it end."""
        state, (session,) = self.api.state, self._sessions({"session": typed.get("session", "")})
        outcome = typed.get("outcome", "pending")
        if outcome not in ("pending", "succeeded", "failed"):
            raise Refusal("outcome is one of pending, succeeded, failed", param="outcome")
        if session["status"] == "open":
            start_bank_debit(state, session, Press(name=typed.get("name", "")))
        if outcome != "pending":
            end_bank_debit(state, session, arrived=outcome == "succeeded")
        return session.body

    def dashboard_refund(self, typed: Typed) -> Json:
        """{payment_intent, amount}: a refund made by hand in the dashboard."""
        state = self.api.state
        intent = state.find("payment_intent", str(typed.get("payment_intent", "")))
        amount = typed.get("amount")
        return refunds.from_dashboard(state, intent, None if amount is None else int(amount)).body

    def refund_end(self, ref: str, end: str, typed: Typed) -> Json:
        """{reason}: a refund fails, even after it succeeded; or a pending one succeeds."""
        record = self.api.state.find("refund", ref)
        if end == "fail":
            reason = str(typed.get("reason", "expired_or_canceled_card"))
            refunds.fail(self.api.state, record, reason)
        else:
            refunds.succeed(self.api.state, record)
        return record.body

    def dispute(self, typed: Typed) -> Json:
        """{charge | payment_intent, reason, amount, inquiry}: the bank asks the money back."""
        state = self.api.state
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

    def dispute_close(self, ref: str, typed: Typed) -> Json:
        """{status: won, lost, warning_closed, prevented}: the bank decides."""
        record = self.api.state.find("dispute", ref)
        return disputes.settle(self.api.state, record, str(typed.get("status", "lost"))).body

    def payout(self, typed: Typed) -> Json:
        """{currency}: pay out all that was not yet."""
        return payouts.create(self.api.state, str(typed.get("currency", "usd"))).body

    def payout_end(self, ref: str, end: str, typed: Typed) -> Json:
        """A payout arrives now, or comes back."""
        del typed
        record = self.api.state.find("payout", ref)
        if end == "pay":
            payouts.pay(self.api.state, record)
        else:
            payouts.fail(self.api.state, record)
        return record.body

    def warning(self, typed: Typed) -> Json:
        """{charge}: an early fraud warning."""
        charge = self.api.state.find("charge", str(typed.get("charge", "")))
        disputes.warn_early(self.api.state, charge)
        return charge.body

    # ---- deliveries by hand ---------------------------------------------------------------------

    def deliver(self, typed: Typed) -> list[Json]:
        """{ids, order: given, reverse, shuffle; times, secret, age, twin, put}: send events.

        Without ids: all that were not delivered. With a webhook address they are sent and the
        answers told; without one the signed letters themselves are given back. Not locked.
        """
        with self.api.state.lock:
            chosen = self._chosen(typed)
            options = {k: typed[k] for k in ("secret", "age", "twin", "put") if k in typed}
        told_back = []
        for delivery in chosen:
            with self.api.state.lock:
                letter = self.mail.letter(delivery.event, **options)
            row: Json = {"event": delivery.event.id, "type": delivery.event["type"]}
            if self.postman:
                status, why = self.postman.send(letter)
                self.postman.note(delivery, status, why)
                told_back.append({**row, "status": status, "note": why})
            else:
                with self.api.state.lock:
                    self.mail.answered(delivery, 200, "taken")
                body = letter.body.decode()
                told_back.append({**row, "headers": letter.headers, "body": body})
        return told_back

    def _chosen(self, typed: Typed) -> list[Delivery]:
        by_event = {d.event.id: d for d in self.mail.all}
        ids = typed.get("ids")
        if ids is None:
            ids = [d.event.id for d in self.mail.all if d.state in ("due", "held", "dropped")]
        missing = [ref for ref in ids if ref not in by_event]
        if missing:
            raise Refusal(f"no such events: {', '.join(map(str, missing))}", status=404)
        rows = [by_event[ref] for ref in dict.fromkeys(ids)] * int(typed.get("times", 1))
        order = typed.get("order", "given")
        if order == "shuffle":
            random.shuffle(rows)
        return rows[::-1] if order == "reverse" else rows


Lever = Callable[..., Any]
LEVERS: tuple[tuple[str, Lever], ...] = (
    ("clock", Control.clock),
    ("later", Control.later),
    ("webhooks", Control.webhooks),
    ("faults", Control.faults),
    ("methods", Control.methods),
    ("reset", Control.reset),
    ("wake", Control.wake),
    ("pay", Control.pay),
    ("sessions/(?P<session>[^/]+)/pay", Control.pay),
    ("sessions", Control.open_sessions),
    ("expire", Control.expire),
    ("delayed", Control.delayed),
    ("dashboard/refund", Control.dashboard_refund),
    ("refunds/(?P<ref>[^/]+)/(?P<end>fail|succeed)", Control.refund_end),
    ("disputes", Control.dispute),
    ("disputes/(?P<ref>[^/]+)/close", Control.dispute_close),
    ("warnings", Control.warning),
    ("payouts", Control.payout),
    ("payouts/(?P<ref>[^/]+)/(?P<end>pay|fail)", Control.payout_end),
)


def pull(desk: Control, path: str, typed: Any) -> Any:
    """Pull the lever of that name. Raises Refusal when there is none, or it cannot move."""
    if not isinstance(typed, dict) and path != "faults":
        raise Refusal("send a JSON object")
    if path == "deliver":
        return desk.deliver(typed)
    for pattern, lever in LEVERS:
        match = re.fullmatch(pattern, path)
        if match:
            named = match.groupdict()
            if "session" in named:
                typed = {**typed, "session": named.pop("session")}
            with desk.api.state.lock:
                desk.api.state.run_due()
                return lever(desk, typed=typed, **named)
    raise Refusal(f"no such lever: {path}", status=404)


def same_origin() -> None:
    """Refuse a form that another site's page sends to this machine."""
    origin = request.headers.get("Origin")
    if origin and origin.partition("://")[2] != request.host:
        abort(403)


def blueprint(desk: Control) -> Blueprint:
    """The routes under /_control."""
    routes = Blueprint("control", __name__, url_prefix="/_control")

    @routes.get("/journal")
    def journal() -> Response:
        asked = request.args.get("only", "requests,objects,deliveries")
        since = request.args.get("since", 0, type=int)
        text = told(desk.api.state, desk.api.journal, desk.mail, set(asked.split(",")), since)
        return Response(text, mimetype="application/json")

    @routes.get("/faults")
    def faults() -> Response:
        with desk.api.state.lock:
            return jsonify([vars(fault) for fault in desk.api.faults.planned])

    @routes.post("/<path:path>")
    def lever(path: str) -> tuple[Response, int]:
        same_origin()
        typed = request.get_json(force=True, silent=True) if request.get_data() else {}
        try:
            return jsonify(pull(desk, path, typed)), 200
        except Refusal as refusal:
            return jsonify(refusal.body), refusal.status
        except (TypeError, ValueError) as error:
            return jsonify({"error": {"message": str(error)}}), 400

    return routes
