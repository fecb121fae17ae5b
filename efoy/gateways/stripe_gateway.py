"""What do we ask of Stripe, and what does it say, in our words? The only ``import stripe``."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import requests
import stripe
from requests.adapters import HTTPAdapter

from efoy.domain.errors import ProviderDown, ProviderRefused, Untrusted
from efoy.domain.notice import (
    BalanceLine,
    CheckoutNotice,
    CheckoutRequest,
    DisputeNotice,
    EventHint,
    RefundNotice,
)
from efoy.failpoints import failpoint
from efoy.gateways.stripe_words import (
    balance_line,
    checkout_notice,
    checkout_params,
    dispute_notice,
    event_hint,
    id_of,
    is_ours,
    refund_notice,
    refund_params,
)

SIGNATURE_AGE = 300
PAGE = 100
UNREADABLE = (KeyError, TypeError, ValueError, AttributeError, OverflowError, RecursionError)
"""What reading an answer or a message raises that is not as Stripe describes it."""
CHARGE = "payment_intent.latest_charge"
EVENT_TYPES = (
    "checkout.session.completed",
    "checkout.session.async_payment_succeeded",
    "checkout.session.async_payment_failed",
    "checkout.session.expired",
    "payment_intent.succeeded",
    "payment_intent.payment_failed",
    "payment_intent.canceled",
    "charge.updated",
    "charge.refunded",
    "refund.created",
    "refund.updated",
    "refund.failed",
    "charge.dispute.created",
    "charge.dispute.updated",
    "charge.dispute.closed",
    "charge.dispute.funds_withdrawn",
    "charge.dispute.funds_reinstated",
)
"""What the webhook endpoint subscribes to and the sweep lists (at most 20 a call)."""
stripe.enable_telemetry = False


class StripeGateway:
    """Stripe behind domain words. Every method may raise ProviderDown or ProviderRefused.

    Time-outs in seconds (connect, read); ``retries`` are the SDK's own, with one key each.
    """

    def __init__(
        self,
        *,
        key: str,
        api_base: str,
        version: str,
        env: str,
        webhook_secrets: tuple[str, ...],
        timeout: tuple[float, float] = (3.05, 8.0),
        retries: int = 1,
        http_client: stripe.HTTPClient | None = None,
    ) -> None:
        self._env = env
        self._live = "_live_" in key
        self._secrets = webhook_secrets
        client = stripe.StripeClient(
            key,
            stripe_version=version,
            max_network_retries=retries,
            base_addresses={"api": api_base},
            http_client=http_client or _http(timeout),
        )
        self._api = client.v1
        # What is frozen in a row is a plain dictionary; the SDK's types want their own
        self._create_checkout: Any = client.v1.checkout.sessions.create
        self._create_refund: Any = client.v1.refunds.create

    # -- checkouts ---------------------------------------------------------------------------

    def checkout_params(self, request: CheckoutRequest) -> dict[str, Any]:
        """The create call's parameters, to be frozen in the payment row (reference: stripe.md §1).

        No network. Card only, exact amount, neutral name, opaque references.
        """
        return checkout_params(request, self._env)

    def open_checkout(self, params: Mapping[str, Any], key: str) -> CheckoutNotice:
        """Create (or, with the same key and parameters, find again) the hosted page."""
        with _speaking("stripe.create_checkout"):
            created = self._create_checkout(dict(params), {"idempotency_key": key})
            return checkout_notice(created.to_dict())

    def fetch_checkout(self, ref: str) -> CheckoutNotice:
        """The checkout as it stands now, with its intent and charge."""
        with _speaking("stripe.fetch_checkout"):
            expand = [f"{CHARGE}.balance_transaction"]
            found = self._api.checkout.sessions.retrieve(ref, {"expand": expand})
            return checkout_notice(found.to_dict())

    def expire_checkout(self, ref: str) -> CheckoutNotice:
        """Ask Stripe to close the page, then look: it may have been paid meanwhile.

        A refusal ("not open") says nothing about how it ended, so the answer is always fetched.
        """
        try:
            with _speaking("stripe.expire_checkout"):
                self._api.checkout.sessions.expire(ref)
        except ProviderRefused:
            pass  # not open any more: the look below tells why
        return self.fetch_checkout(ref)

    def find_checkout(self, reference: str, created_at: datetime) -> CheckoutNotice | None:
        """The checkout made for our payment, if Stripe has one (it cannot filter by reference)."""
        since = created_at - timedelta(minutes=5)
        for notice in self.list_checkouts(since, created_at + timedelta(hours=24)):
            if notice.reference == reference:
                return notice
        return None

    def list_checkouts(self, since: datetime, until: datetime) -> Iterator[CheckoutNotice]:
        """Every checkout created from ``since`` to ``until``, newest first, 100 a call."""
        params = {
            "created": {"gte": int(since.timestamp()), "lte": int(until.timestamp())},
            "expand": [f"data.{CHARGE}"],
        }
        for each in self._pages("stripe.list_checkouts", self._api.checkout.sessions.list, params):
            yield checkout_notice(each)

    def checkout_of_intent(self, intent_ref: str) -> CheckoutNotice | None:
        """The checkout an intent belongs to, if it belongs to one."""
        params = {"payment_intent": intent_ref, "expand": [f"data.{CHARGE}"]}
        found = self._pages("stripe.list_checkouts", self._api.checkout.sessions.list, params)
        return next((checkout_notice(each) for each in found), None)

    # -- refunds -----------------------------------------------------------------------------

    def create_refund(
        self, *, intent_ref: str, amount: int, reference: str, duplicate: bool, key: str
    ) -> RefundNotice:
        """Send ``amount`` minor units back. The amount is always said, also for all of it."""
        params = refund_params(
            intent_ref=intent_ref,
            amount=amount,
            reference=reference,
            duplicate=duplicate,
            env=self._env,
        )
        with _speaking("stripe.create_refund"):
            refund = self._create_refund(params, {"idempotency_key": key})
            return refund_notice(refund.to_dict(), self._env)

    def fetch_refund(self, ref: str) -> RefundNotice:
        """The refund as it stands now."""
        with _speaking("stripe.fetch_refund"):
            return refund_notice(self._api.refunds.retrieve(ref).to_dict(), self._env)

    def list_refunds(self, intent_ref: str) -> list[RefundNotice]:
        """Every refund of one intent, newest first."""
        params = {"payment_intent": intent_ref}
        found = self._pages("stripe.list_refunds", self._api.refunds.list, params)
        return [refund_notice(each, self._env) for each in found]

    def list_refunds_since(self, since: datetime) -> Iterator[RefundNotice]:
        """Every refund created since, newest first."""
        params = {"created": {"gte": int(since.timestamp())}}
        for each in self._pages("stripe.list_refunds", self._api.refunds.list, params):
            yield refund_notice(each, self._env)

    # -- disputes, charges, balance ----------------------------------------------------------

    def fetch_dispute(self, ref: str) -> DisputeNotice:
        """The dispute as it stands now, with what moved on the balance for it."""
        with _speaking("stripe.fetch_dispute"):
            return dispute_notice(self._api.disputes.retrieve(ref).to_dict())

    def list_disputes_since(self, since: datetime) -> Iterator[DisputeNotice]:
        """Every dispute created since, newest first."""
        params = {"created": {"gte": int(since.timestamp())}}
        for each in self._pages("stripe.fetch_dispute", self._api.disputes.list, params):
            yield dispute_notice(each)

    def list_captured(self, since: datetime) -> Iterator[tuple[str, str | None, int, str]]:
        """Our paid charges since: (charge, intent, captured minor units, currency)."""
        params = {"created": {"gte": int(since.timestamp())}}
        for each in self._pages("stripe.list_charges", self._api.charges.list, params):
            if each["paid"] and is_ours(each, self._env):
                currency = each["currency"].upper()
                yield each["id"], id_of(each["payment_intent"]), each["amount_captured"], currency

    def list_balance(self, since: datetime) -> Iterator[BalanceLine]:
        """Every balance transaction since, newest first."""
        params = {"created": {"gte": int(since.timestamp())}}
        listed = self._api.balance_transactions.list
        for each in self._pages("stripe.list_balance", listed, params):
            yield balance_line(each)

    # -- events ------------------------------------------------------------------------------

    def list_events(self, since: datetime) -> Iterator[EventHint]:
        """Stripe's own list of the events we care for since, newest first (kept 30 days)."""
        params = {"types": list(EVENT_TYPES), "created": {"gte": int(since.timestamp())}}
        for each in self._pages("stripe.list_events", self._api.events.list, params):
            yield event_hint(each, self._env)

    def read_event(self, body: bytes, header: str | None, *, now: datetime) -> EventHint:
        """What a delivery points at, once its signature and age are proved.

        Raises :class:`Untrusted` for everything else, without saying what was in it. The SDK's
        own age check lets future times pass, so both sides are checked here.
        """
        self._verify(body, header, now)
        try:
            return event_hint(json.loads(body), self._env)
        except UNREADABLE as error:
            raise Untrusted("event body") from error

    def _verify(self, body: bytes, header: str | None, now: datetime) -> None:
        try:
            text = body.decode("utf-8")
            parts = dict(part.split("=", 1) for part in (header or "").split(","))
            fresh = abs(now.timestamp() - int(parts["t"])) <= SIGNATURE_AGE
        except (KeyError, ValueError, OverflowError) as error:
            raise Untrusted("signature header") from error
        if not fresh or not any(_signed(text, header, secret) for secret in self._secrets):
            raise Untrusted("signature")

    @property
    def live(self) -> bool:
        """Whether our key moves real money."""
        return self._live

    def _pages(self, name: str, call: Any, params: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """Every object of a list, one speaking call a page, as plain dictionaries."""
        after: dict[str, Any] = {}
        while True:
            with _speaking(name):
                page = call({**params, "limit": PAGE, **after})
                rows = [row.to_dict() for row in page.data]
                more = page.has_more
            yield from rows
            if not more or not rows:
                return
            after = {"starting_after": rows[-1]["id"]}


def _http(timeout: tuple[float, float]) -> stripe.HTTPClient:
    session = requests.Session()
    session.trust_env = False  # no proxy or netrc look-up on each call
    for scheme in ("https://", "http://"):
        session.mount(scheme, HTTPAdapter(pool_connections=4, pool_maxsize=64))
    return stripe.RequestsClient(timeout=timeout, session=session)


@contextmanager
def _speaking(name: str) -> Iterator[None]:
    """Around one remote call: failpoints, and Stripe's exceptions in our words."""
    failpoint(f"{name}.before_call")
    try:
        yield
    except (stripe.InvalidRequestError, stripe.CardError, stripe.IdempotencyError) as error:
        raise ProviderRefused(_code(error), "") from error
    except stripe.StripeError as error:
        raise ProviderDown(type(error).__name__) from error
    except UNREADABLE as error:
        raise ProviderDown("unreadable answer") from error
    failpoint(f"{name}.after_call")


def _code(error: stripe.StripeError) -> str:
    inner = getattr(error, "error", None)
    return str(getattr(inner, "code", None) or getattr(inner, "type", None) or "invalid_request")


def _signed(text: str, header: str | None, secret: str) -> bool:
    try:
        return bool(stripe.WebhookSignature.verify_header(text, header, secret, None))
    except stripe.SignatureVerificationError:
        return False
