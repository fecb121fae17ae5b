"""Every endpoint of a running sandbox, every card, every ending: by hand, behind a checker.

    python -m sandbox --port 12311 --webhook-url http://127.0.0.1:12313/
    python tests/sandbox/exercise.py --api http://127.0.0.1:12311

`--api` may be a proxy that checks what passes; `--control` is then the sandbox itself. What is
wrong on purpose carries the header `X-Conformance: expect-refusal`.
"""

import argparse
import http.client
import http.server
import json
import threading
import time
import urllib.parse

import pytest
import stripe

VERSION = "2026-10-28.endive"
KEY = "sk_test_exercise"
CARDS = """
4242424242424242 4000000000000002 4000000000009995 4000000000009987 4000000000009979
4000000000000069 4000000000000127 4000000000000119 4242424242424241 4000000000000341
4000000000007726 4000000000005126 4000000000000259 4000000000002685 4000000000001976
4000000000005423 4000004040000079 5555555555554444 378282246310005 4111111111111111
""".split()
REFUSAL = {"headers": {"X-Conformance": "expect-refusal"}}


class Exercise:
    """One run against one sandbox."""

    def __init__(self, api, control):
        self.api, self.lever = api, control
        self.client = stripe.StripeClient(
            KEY, stripe_version=VERSION, base_addresses={"api": api}, max_network_retries=0
        )
        self.v1 = self.client.v1

    # ---- steps --------------------------------------------------------------------------------

    def control(self, path, payload):
        """Pull a lever of the sandbox."""
        body = json.dumps(payload)
        status, text = send("POST", f"{self.lever}/_control/{path}", body, "application/json")
        assert status == 200, (path, status, text)
        return json.loads(text)

    def checkout(self, amount=4500, key=None, **more):
        """An open checkout with the parameters that a clinic sends."""
        data = {"name": "Clinic appointment"}
        price = {"currency": "usd", "unit_amount": amount, "product_data": data}
        params = {
            "mode": "payment",
            "allowed_payment_method_types": ["card"],
            "wallet_options": {"link": {"display": "never"}},
            "line_items": [{"quantity": 1, "price_data": price}],
            "client_reference_id": "0b7e",
            "metadata": {"app": "exercise", "attempt": "0b7e"},
            "payment_intent_data": {
                "metadata": {"attempt": "0b7e"},
                "description": "Reference 0b7e",
                "statement_descriptor_suffix": "VISIT",
            },
            "adaptive_pricing": {"enabled": False},
            "submit_type": "book",
            "locale": "en",
            "expires_at": int(time.time()) + 35 * 60,
            "success_url": "http://127.0.0.1:12399/back?session_id={CHECKOUT_SESSION_ID}",
            "cancel_url": "http://127.0.0.1:12399/no",
            **more,
        }
        return self.v1.checkout.sessions.create(params, {"idempotency_key": key} if key else {})

    def press(self, session, **typed):
        """Press a button of the hosted page; the status and where it leads."""
        form = {"exp": "12 / 40", "cvc": "123", "name": "A. Payer", "action": "pay", **typed}
        if typed.get("card") == "378282246310005":
            form["cvc"] = "1234"
        url = urllib.parse.urldefrag(session.url).url
        return send("POST", url, urllib.parse.urlencode(form))

    def paid(self, card=CARDS[0], **more):
        """A checkout that was paid; its intent, charge expanded."""
        session = self.checkout(**more)
        assert self.press(session, card=card, save="1")[0] == 303
        found = self.v1.checkout.sessions.retrieve(
            session.id,
            {"expand": ["payment_intent.latest_charge.balance_transaction", "line_items"]},
        )
        assert found.status == "complete"
        return found.payment_intent

    def refused(self, call, *args, code=None):
        """The call must be refused."""
        *rest, last = args
        with pytest.raises(stripe.StripeError) as caught:
            call(*rest, last, REFUSAL)
        found = caught.value.error.code if caught.value.error else None
        assert code in (None, found), (code, found, str(caught.value))

    # ---- the exercises ------------------------------------------------------------------------

    def cards(self):
        """Each card; what declines leaves the checkout open."""
        for card in CARDS:
            session = self.checkout()
            status, _ = self.press(session, card=card)
            found = self.v1.checkout.sessions.retrieve(session.id, {"expand": ["payment_intent"]})
            assert (status == 303) == (found.status == "complete"), (card, status, found.status)
            if status != 303:
                assert self.press(session, card=CARDS[0])[0] == 303

    def challenges(self):
        """3-D Secure passed, failed, and passed but declined."""
        for card in ("4000002500003155", "4000002760003184", "4000008400001629"):
            for action in ("3ds-fail", "3ds-complete"):
                session = self.checkout()
                assert self.press(session, card=card)[0] == 200
                self.v1.checkout.sessions.retrieve(session.id, {"expand": ["payment_intent"]})
                status, _ = self.press(session, action=action)
                wins = action == "3ds-complete" and not card.endswith("1629")
                assert status == (303 if wins else 402), (card, action, status)
                self.v1.checkout.sessions.retrieve(session.id)

    def endings(self):
        """Expire, twice; pay what is over; delayed money that comes or does not."""
        sessions = self.v1.checkout.sessions
        session = self.checkout()
        assert self.press(session, card=CARDS[1])[0] == 402
        assert sessions.expire(session.id).status == "expired"
        self.refused(lambda ref, options: sessions.expire(ref, {}, options), session.id)
        assert self.press(session, card=CARDS[0])[0] == 410
        assert self.press(session, action="back")[0] == 303
        for outcome in ("succeeded", "failed"):
            session = self.checkout()
            self.control("delayed", {"session": session.id, "outcome": "pending"})
            found = sessions.retrieve(session.id, {"expand": ["payment_intent.latest_charge"]})
            assert (found.status, found.payment_status) == ("complete", "unpaid")
            self.control("delayed", {"session": session.id, "outcome": outcome})
            sessions.retrieve(session.id, {"expand": ["payment_intent.latest_charge"]})
        sessions.update(session.id, {"metadata": {"more": "yes"}})
        sessions.line_items.list(session.id, {"limit": 3})

    def variants(self):
        """Everything else that a checkout may be asked for, and everything expanded."""
        sessions = self.v1.checkout.sessions
        customer = self.v1.customers.create({"email": "v@example.com", "name": "V", "phone": "1"})
        made = self.checkout(
            customer=customer.id,
            customer_update={"name": "auto", "address": "never"},
            saved_payment_method_options={
                "payment_method_save": "enabled",
                "payment_method_remove": "enabled",
                "allow_redisplay_filters": ["always", "limited"],
            },
            billing_address_collection="auto",
            phone_number_collection={"enabled": False},
            consent_collection={"promotions": "none", "terms_of_service": "none"},
            custom_text={"submit": {"message": "Thank you"}, "after_submit": ""},
            allow_promotion_codes=False,
            ui_mode="hosted_page",
            currency="usd",
            locale="hi-IN",
            payment_intent_data={
                "setup_future_usage": "on_session",
                "capture_method": "automatic_async",
                "receipt_email": "v@example.com",
            },
            expand=["line_items", "customer", "payment_intent", "setup_intent"],
        )
        assert self.press(made, card=CARDS[0], save="1")[0] == 303
        sessions.retrieve(
            made.id,
            {
                "expand": [
                    "payment_intent.latest_charge.balance_transaction",
                    "payment_intent.payment_method.customer",
                    "payment_intent.customer",
                    "payment_intent.latest_charge.refunds",
                    "customer",
                ]
            },
        )
        sessions.list({"customer_details": {"email": "v@example.com"}, "customer": customer.id})
        self.v1.payment_methods.list({"customer": customer.id, "type": "card"})
        for currency, amount in (("jpy", 5000), ("ugx", 350000), ("etb", 90000), ("eur", 50)):
            price = {"currency": currency, "unit_amount": amount, "product_data": {"name": "x"}}
            made = self.checkout(line_items=[{"quantity": 2, "price_data": price}])
            assert self.press(made, card=CARDS[0])[0] == 303
            sessions.line_items.list(made.id)

    def refund_life(self):
        """Full, partial, pending, failing; by charge; from the dashboard; too much."""
        refunds = self.v1.refunds
        intent = self.paid()
        key = {"idempotency_key": f"exercise-{intent.id}"}
        part = {"payment_intent": intent.id, "amount": 1000, "reason": "requested_by_customer"}
        first = refunds.create(part, key)
        assert refunds.create(part, key).id == first.id
        self.refused(lambda p, o: refunds.create(p, {**o, **key}), {**part, "amount": 999})
        self.refused(refunds.create, {"payment_intent": intent.id, "amount": 9000})
        refunds.create({"charge": intent.latest_charge.id, "metadata": {"a": "b"}})
        self.refused(refunds.create, {"payment_intent": intent.id}, code="charge_already_refunded")
        refunds.update(first.id, {"metadata": {"note": "seen"}})
        self.refused(lambda ref, o: refunds.cancel(ref, {}, o), first.id)
        self.v1.charges.retrieve(intent.latest_charge.id, {"expand": ["refunds"]})
        for card in ("4000000000007726", "4000000000005126"):
            intent = self.paid(card)
            refund = refunds.create({"payment_intent": intent.id, "amount": 4500})
            refunds.retrieve(refund.id, {"expand": ["charge", "payment_intent"]})
        self.control("dashboard/refund", {"payment_intent": self.paid().id, "amount": 500})
        late = refunds.create({"payment_intent": self.paid().id})
        self.control(f"refunds/{late.id}/fail", {})
        self.control("later", {"seconds": 120})
        refunds.retrieve(
            late.id, {"expand": ["failure_balance_transaction", "balance_transaction"]}
        )
        refunds.list({"payment_intent": intent.id, "limit": 5, "expand": ["data.charge"]})

    def dispute_life(self):
        """Won, lost, accepted, an inquiry; no refund while it is open."""
        disputes = self.v1.disputes
        for end in ("won", "lost"):
            intent = self.paid()
            made = self.control("disputes", {"payment_intent": intent.id})
            self.refused(
                self.v1.refunds.create, {"payment_intent": intent.id}, code="charge_disputed"
            )
            disputes.retrieve(made["id"], {"expand": ["charge", "payment_intent"]})
            self.control(f"disputes/{made['id']}/close", {"status": end})
            disputes.retrieve(made["id"])
        for text in ("winning_evidence", "losing_evidence"):
            made = self.control("disputes", {"payment_intent": self.paid().id})
            disputes.update(made["id"], {"evidence": {"uncategorized_text": text}})
            self.control("later", {"seconds": 30})
            disputes.retrieve(made["id"])
        made = self.control("disputes", {"payment_intent": self.paid().id, "inquiry": True})
        disputes.update(
            made["id"], {"evidence": {"uncategorized_text": "escalate_inquiry_evidence"}}
        )
        self.control("later", {"seconds": 30})
        disputes.close(made["id"])
        pending = self.paid("4000000000007726")
        self.v1.refunds.create({"payment_intent": pending.id, "amount": 100})
        self.control("disputes", {"payment_intent": pending.id, "amount": 4000})
        disputes.list({"payment_intent": pending.id})
        self.v1.radar.early_fraud_warnings.list({"limit": 5, "expand": ["data.charge"]})

    def customer_life(self):
        """Made, changed, paying with a saved card, taking it away, deleted."""
        customers = self.v1.customers
        customer = customers.create({"email": "p@example.com", "metadata": {"user": "1"}})
        customers.update(customer.id, {"email": "q@example.com", "metadata": {"user": ""}})
        save = {"payment_method_save": "enabled"}
        self.paid(customer=customer.id, saved_payment_method_options=save)
        cards = customers.payment_methods.list(customer.id, {"type": "card", "limit": 3})
        assert len(cards.data) == 1
        self.v1.payment_methods.retrieve(cards.data[0].id, {"expand": ["customer"]})
        self.v1.payment_methods.detach(cards.data[0].id)
        customers.retrieve(customer.id)
        customers.list({"email": "q@example.com"})
        customers.delete(customer.id)
        customers.retrieve(customer.id)
        self.paid(customer_email="guest@example.com", customer_creation="always")

    def books(self):
        """Balance, transactions, payouts and their parts."""
        self.control("later", {"seconds": 300})
        payout = self.control("payouts", {"currency": "usd"})
        self.control("later", {"seconds": 300})
        entries = self.v1.balance_transactions.list(
            {"payout": payout["id"], "limit": 100, "expand": ["data.source"]}
        )
        parts = [e.net for e in entries.auto_paging_iter() if e.type != "payout"]
        assert sum(parts) == payout["amount"], (sum(parts), payout["amount"])
        self.v1.payouts.retrieve(payout["id"], {"expand": ["balance_transaction"]})
        self.control(f"payouts/{payout['id']}/fail", {})
        self.v1.payouts.list({"status": "failed"})
        self.v1.balance.retrieve()
        first = self.v1.balance_transactions.list({"limit": 1}).data[0]
        self.v1.balance_transactions.retrieve(first.id)

    def lists(self):
        """Paging both ways, filters, events."""
        recent = {"created": {"gte": int(time.time()) - 7200}}
        for service in (
            self.v1.checkout.sessions,
            self.v1.payment_intents,
            self.v1.charges,
            self.v1.refunds,
            self.v1.disputes,
            self.v1.events,
            self.v1.balance_transactions,
            self.v1.payouts,
            self.v1.customers,
        ):
            rows = service.list({"limit": 2, **recent})
            if rows.has_more:
                after = service.list({"limit": 2, "starting_after": rows.data[-1].id})
                back = service.list({"limit": 2, "ending_before": after.data[0].id})
                assert [r.id for r in back.data] == [r.id for r in rows.data]
        self.v1.checkout.sessions.list({"status": "open", "expand": ["data.payment_intent"]})
        types = ["refund.failed", "checkout.session.completed"]
        for event in self.v1.events.list({"types": types, "limit": 5}).data:
            self.v1.events.retrieve(event.id)
        self.v1.events.list({"type": "charge.*", "delivery_success": False, **recent})
        charge = self.v1.charges.list({"limit": 1, "expand": ["data.balance_transaction"]}).data[0]
        self.v1.charges.update(charge.id, {"description": "Reference"})
        self.v1.charges.list({"payment_intent": charge.payment_intent, "limit": 1})
        self.v1.payment_intents.update(charge.payment_intent, {"metadata": {"x": "y"}})

    def mistakes(self):
        """Everything that Stripe refuses is refused here too."""
        now, create = int(time.time()), self.v1.checkout.sessions.create

        def line(**price):
            data = {"currency": "usd", "unit_amount": 4500, "product_data": {"name": "x"}, **price}
            return [{"quantity": 1, "price_data": data}]

        good = {"mode": "payment", "success_url": "http://a.test/ok", "line_items": line()}
        for wrong, code in (
            ({"payment_method_types": ["card"]}, "parameter_unknown"),
            ({"ui_mode": "hosted"}, None),
            ({"ui_mode": "embedded"}, None),
            ({"mode": "pay"}, None),
            ({"expires_at": now + 600}, None),
            ({"expires_at": now + 90000}, None),
            ({"expires_at": "soon"}, "parameter_invalid_integer"),
            ({"success_url": "nowhere"}, "url_invalid"),
            ({"customer_email": "nobody"}, "email_invalid"),
            ({"customer": "cus_none"}, "resource_missing"),
            ({"locale": "am"}, None),
            ({"line_items": line(unit_amount=49)}, "amount_too_small"),
            ({"line_items": line(currency="USD")}, None),
            ({"line_items": line(currency="zzz")}, None),
            ({"line_items": line(currency="ugx", unit_amount=350050)}, None),
            ({"line_items": line(unit_amount="45.00")}, "parameter_invalid_integer"),
            ({"line_items": line(unit_amount=-5)}, "parameter_invalid_integer"),
            ({"line_items": line(colour="red")}, "parameter_unknown"),
            ({"line_items": [{"price": "price_none", "quantity": 1}]}, "resource_missing"),
            ({"metadata": {str(n): "x" for n in range(51)}}, None),
            ({"metadata": {"x": "y" * 501}}, None),
            ({"client_reference_id": "x" * 201}, None),
            ({"expand": ["nothing"]}, None),
            ({"payment_intent_data": {"statement_descriptor": "X"}}, None),
            ({"saved_payment_method_options": {"payment_method_save": "enabled"}}, None),
        ):
            self.refused(create, {**good, **wrong}, code=code)
        for left_out in good:
            self.refused(create, {k: v for k, v in good.items() if k != left_out})
        for call, ref in (
            (self.v1.checkout.sessions.retrieve, "cs_test_none"),
            (self.v1.payment_intents.retrieve, "pi_none"),
            (self.v1.charges.retrieve, "ch_none"),
            (self.v1.refunds.retrieve, "re_none"),
            (self.v1.disputes.retrieve, "du_none"),
            (self.v1.customers.retrieve, "cus_none"),
            (self.v1.events.retrieve, "evt_none"),
        ):
            self.refused(lambda r, o, call=call: call(r, {}, o), ref, code="resource_missing")
        refund = self.v1.refunds.create
        self.refused(refund, {}, code="parameter_missing")
        self.refused(refund, {"payment_intent": "pi_none"}, code="resource_missing")
        self.refused(refund, {"payment_intent": self.paid().id, "amount": 0})
        self.refused(refund, {"payment_intent": self.paid().id, "reason": "bored"})
        for params in (
            {"limit": 0},
            {"limit": 101},
            {"starting_after": "re_none"},
            {"colour": "x"},
        ):
            self.refused(self.v1.refunds.list, params)
        self._rough_mistakes()

    def _rough_mistakes(self):
        """What no client library would send."""
        marked = {"X-Conformance": "expect-refusal", "Authorization": f"Bearer {KEY}"}
        url = f"{self.api}/v1/refunds"
        form = "application/x-www-form-urlencoded"
        for method, address, body, kind, headers in (
            ("GET", url, None, None, {**marked, "Authorization": ""}),
            ("GET", url, None, None, {**marked, "Authorization": "Bearer sk_live_1"}),
            ("GET", url, None, None, {**marked, "Stripe-Version": "2020-08-27"}),
            ("GET", f"{self.api}/v1/nothing", None, None, marked),
            ("DELETE", url, None, None, marked),
            ("POST", url, '{"payment_intent": "pi_1"}', "application/json", marked),
            ("POST", url, "amount=1&amount=2", form, marked),
            ("POST", url, "metadata[a=1", form, marked),
            ("POST", url, "charge[0]=a", form, marked),
            ("POST", url, "payment_intent=", form, marked),
            ("POST", url, "amount=5", form, {**marked, "Idempotency-Key": "k" * 256}),
        ):
            status, text = send(method, address, body, kind, headers)
            assert 400 <= status < 500, (method, address, status)
            assert json.loads(text)["error"]["type"] == "invalid_request_error"


def send(method, url, body=None, kind="application/x-www-form-urlencoded", headers=None):
    """One request, as plain as possible: status and text."""
    parts = urllib.parse.urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=30)
    sent = {"Content-Type": kind} if body and kind else {}
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    connection.request(method, target, body, {**sent, **(headers or {})})
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    return answer.status, text


def sink(port):
    """Somewhere for the events to go."""

    class Sink(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *args):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Sink)
    threading.Thread(target=server.serve_forever, daemon=True).start()


def main():
    """All exercises, one after the other."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--api", required=True, help="address of the sandbox, or of a proxy")
    parser.add_argument("--control", help="address of the sandbox itself")
    parser.add_argument("--sink-port", type=int, default=12313, help="where events may go")
    given = parser.parse_args()
    stripe.enable_telemetry = False
    sink(given.sink_port)
    run = Exercise(given.api, given.control or given.api)
    for step in (
        run.cards,
        run.challenges,
        run.endings,
        run.variants,
        run.refund_life,
        run.dispute_life,
        run.customer_life,
        run.lists,
        run.mistakes,
        run.books,
    ):
        step()
        print(f"{step.__name__:15} ok")
    time.sleep(2)


if __name__ == "__main__":
    main()
