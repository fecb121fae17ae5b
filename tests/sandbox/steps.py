"""Steps of the stories: the real SDK, calling the sandbox without a network."""

from urllib.parse import urlsplit

import stripe
from werkzeug.test import Client

from sandbox import NoAnswer

KEY, SECRET = "sk_test_clinic", "whsec_clinic"


class WsgiClient(stripe.HTTPClient):
    """The SDK's transport: calls an application instead of opening a connection."""

    name = "wsgi"

    def __init__(self, app):
        super().__init__()
        self.client, self.last_headers = Client(app), {}

    def request(self, method, url, headers, post_data=None):
        parts = urlsplit(url)
        try:
            answer = self.client.open(
                parts.path,
                query_string=parts.query,
                method=method.upper(),
                headers=headers,
                data=post_data,
                base_url=f"{parts.scheme}://{parts.netloc}",
            )
        except NoAnswer as silence:
            raise stripe.APIConnectionError(str(silence), should_retry=False) from silence
        self.last_headers = answer.headers
        return answer.get_data(as_text=True), answer.status_code, answer.headers

    def close(self):
        """Nothing is open."""


class Clinic:
    """Checkouts, payments and refunds as a clinic makes them."""

    def __init__(self, client, box, clock):
        self.client, self.v1, self.box, self.clock = client, client.v1, box, clock

    def params(self, **more):
        """What a checkout is made from."""
        price = {"currency": "usd", "unit_amount": 4500, "product_data": {"name": "Appointment"}}
        return {
            "mode": "payment",
            "line_items": [{"quantity": 1, "price_data": price}],
            "success_url": "http://clinic.test/back?s={CHECKOUT_SESSION_ID}",
            "cancel_url": "http://clinic.test/no",
            "expires_at": int(self.clock.now) + 35 * 60,
            "payment_intent_data": {"metadata": {"attempt": "1"}},
            **more,
        }

    def checkout(self, key=None, **more):
        """An open checkout."""
        options = {"idempotency_key": key} if key else {}
        return self.v1.checkout.sessions.create(self.params(**more), options)

    def look(self, session):
        """The checkout now, with intent and charge."""
        return self.v1.checkout.sessions.retrieve(
            session.id, {"expand": ["payment_intent.latest_charge"]}
        )

    def paid(self, card="4242424242424242", **more):
        """The intent of a checkout that was paid."""
        session = self.checkout(**more)
        assert self.box.pay(session.id, card=card).kind == "paid"
        return self.look(session).payment_intent

    def refund(self, intent, amount, key=None):
        """Give back part of a payment."""
        options = {"idempotency_key": key} if key else {}
        return self.v1.refunds.create({"payment_intent": intent.id, "amount": amount}, options)

    def events(self, *prefixes):
        """Types of all events, oldest first, of those kinds."""
        found = [e.type for e in self.v1.events.list({"limit": 100}).auto_paging_iter()]
        return [t for t in reversed(found) if t.startswith(prefixes or ("",))]

    def later(self, seconds):
        """Time goes by."""
        self.clock.now += seconds

    def balance_of(self, ref):
        """All balance transactions with that source: (category, amount, fee)."""
        rows = self.v1.balance_transactions.list({"source": ref, "limit": 100}).data
        return [(r.reporting_category, r.amount, r.fee) for r in reversed(rows)]
