"""What do we ask of Stripe, and what does it say, in our words? The only ``import stripe``."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import requests
import stripe
from requests.adapters import HTTPAdapter

from efoy.domain.errors import ProviderDown, ProviderRefused, Untrusted
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
from efoy.failpoints import failpoint

PRODUCT_NAME = "Clinic appointment"
"""All that Stripe learns about a visit: no doctor, service, date or name ever goes there."""
APP = "efoy"
SIGNATURE_AGE = 300
PAGE = 100
CHARGE = "payment_intent.latest_charge"
LOCALES = frozenset(
    "bg cs da de el en en-GB es es-419 et fi fil fr fr-CA hi-IN hr hu id it ja ko lt lv ms mt nb"
    " nl pl pt pt-BR ro ru sk sl sv th tr vi zh zh-HK zh-TW".split()
)
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
        marks = self._marks(request)
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

    def _marks(self, request: CheckoutRequest) -> dict[str, str]:
        return {
            "app": APP,
            "env": self._env,
            "attempt": request.reference,
            "booking": request.booking_id,
        }

    def open_checkout(self, params: Mapping[str, Any], key: str) -> CheckoutNotice:
        """Create (or, with the same key and parameters, find again) the hosted page."""
        with _speaking("stripe.create_checkout"):
            return _checkout(self._create_checkout(dict(params), {"idempotency_key": key}))

    def fetch_checkout(self, ref: str) -> CheckoutNotice:
        """The checkout as it stands now, with its intent and charge."""
        with _speaking("stripe.fetch_checkout"):
            expand = [f"{CHARGE}.balance_transaction"]
            return _checkout(self._api.checkout.sessions.retrieve(ref, {"expand": expand}))

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
            yield _notice_of(each)

    def checkout_of_intent(self, intent_ref: str) -> CheckoutNotice | None:
        """The checkout an intent belongs to, if it belongs to one."""
        params = {"payment_intent": intent_ref, "expand": [f"data.{CHARGE}"]}
        found = self._pages("stripe.list_checkouts", self._api.checkout.sessions.list, params)
        return next((_notice_of(each) for each in found), None)

    # -- refunds -----------------------------------------------------------------------------

    def create_refund(
        self, *, intent_ref: str, amount: int, reference: str, duplicate: bool, key: str
    ) -> RefundNotice:
        """Send ``amount`` minor units back. The amount is always said, also for all of it."""
        params = {
            "payment_intent": intent_ref,
            "amount": amount,
            "reason": "duplicate" if duplicate else "requested_by_customer",
            "metadata": {"app": APP, "env": self._env, "refund_request": reference},
        }
        with _speaking("stripe.create_refund"):
            refund = self._create_refund(params, {"idempotency_key": key})
            return self._refund(refund.to_dict())

    def fetch_refund(self, ref: str) -> RefundNotice:
        """The refund as it stands now."""
        with _speaking("stripe.fetch_refund"):
            return self._refund(self._api.refunds.retrieve(ref).to_dict())

    def list_refunds(self, intent_ref: str) -> list[RefundNotice]:
        """Every refund of one intent, newest first."""
        params = {"payment_intent": intent_ref}
        found = self._pages("stripe.list_refunds", self._api.refunds.list, params)
        return [self._refund(each) for each in found]

    def list_refunds_since(self, since: datetime) -> Iterator[RefundNotice]:
        """Every refund created since, newest first."""
        params = {"created": {"gte": int(since.timestamp())}}
        for each in self._pages("stripe.list_refunds", self._api.refunds.list, params):
            yield self._refund(each)

    def _refund(self, data: Mapping[str, Any]) -> RefundNotice:
        marks = data.get("metadata") or {}
        ours = marks.get("app") == APP and marks.get("env") == self._env
        card = (data.get("destination_details") or {}).get("card") or {}
        return RefundNotice(
            ref=data["id"],
            status=data["status"] or "pending",
            amount=data["amount"],
            currency=data["currency"].upper(),
            intent_ref=_id(data.get("payment_intent")),
            reference=marks.get("refund_request") if ours else None,
            created_at=_time(data["created"]),
            failure_reason=data.get("failure_reason"),
            pending_reason=data.get("pending_reason"),
            bank_reference=card.get("reference"),
        )

    # -- disputes, charges, balance ----------------------------------------------------------

    def fetch_dispute(self, ref: str) -> DisputeNotice:
        """The dispute as it stands now, with what moved on the balance for it."""
        with _speaking("stripe.fetch_dispute"):
            return _dispute(self._api.disputes.retrieve(ref).to_dict())

    def list_disputes_since(self, since: datetime) -> Iterator[DisputeNotice]:
        """Every dispute created since, newest first."""
        params = {"created": {"gte": int(since.timestamp())}}
        for each in self._pages("stripe.fetch_dispute", self._api.disputes.list, params):
            yield _dispute(each)

    def list_captured(self, since: datetime) -> Iterator[tuple[str, str | None, int, str]]:
        """Our paid charges since: (charge, intent, captured minor units, currency)."""
        params = {"created": {"gte": int(since.timestamp())}}
        for each in self._pages("stripe.list_charges", self._api.charges.list, params):
            marks = each.get("metadata") or {}
            if each["paid"] and marks.get("app") == APP and marks.get("env") == self._env:
                currency = each["currency"].upper()
                yield each["id"], _id(each["payment_intent"]), each["amount_captured"], currency

    def list_balance(self, since: datetime) -> Iterator[BalanceLine]:
        """Every balance transaction since, newest first."""
        params = {"created": {"gte": int(since.timestamp())}}
        listed = self._api.balance_transactions.list
        for each in self._pages("stripe.list_balance", listed, params):
            yield _balance_line(each)

    # -- events ------------------------------------------------------------------------------

    def list_events(self, since: datetime) -> Iterator[EventHint]:
        """Stripe's own list of the events we care for since, newest first (kept 30 days)."""
        params = {"types": list(EVENT_TYPES), "created": {"gte": int(since.timestamp())}}
        for each in self._pages("stripe.list_events", self._api.events.list, params):
            yield self._hint(each)

    def read_event(self, body: bytes, header: str | None, *, now: datetime) -> EventHint:
        """What a delivery points at, once its signature and age are proved.

        Raises :class:`Untrusted` for everything else, without saying what was in it. The SDK's
        own age check lets future times pass, so both sides are checked here.
        """
        self._verify(body, header, now)
        try:
            return self._hint(json.loads(body))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise Untrusted("event body") from error

    def _verify(self, body: bytes, header: str | None, now: datetime) -> None:
        try:
            text = body.decode("utf-8")
            parts = dict(part.split("=", 1) for part in (header or "").split(","))
            fresh = abs(now.timestamp() - int(parts["t"])) <= SIGNATURE_AGE
        except (KeyError, ValueError) as error:
            raise Untrusted("signature header") from error
        if not fresh or not any(_signed(text, header, secret) for secret in self._secrets):
            raise Untrusted("signature")

    def _hint(self, data: Mapping[str, Any]) -> EventHint:
        thing = data["data"]["object"]
        marks = thing.get("metadata") or {}
        foreign = marks.get("app") not in {None, APP} or marks.get("env") not in {None, self._env}
        reference = marks.get("attempt") or marks.get("refund_request")
        is_intent = thing["object"] == "payment_intent"
        return EventHint(
            id=_text(data["id"]),
            type=_text(data["type"]),
            object_id=_text(thing["id"]),
            created_at=_time(data["created"]),
            live=bool(data["livemode"]),
            api_version=data.get("api_version"),
            reference=None if foreign else reference,
            intent_ref=thing["id"] if is_intent else _id(thing.get("payment_intent")),
        )

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
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ProviderDown("unreadable answer") from error
    failpoint(f"{name}.after_call")


def _code(error: stripe.StripeError) -> str:
    inner = getattr(error, "error", None)
    return str(getattr(inner, "code", None) or getattr(inner, "type", None) or "invalid_request")


def _line(request: CheckoutRequest) -> dict[str, Any]:
    price = {
        "currency": request.currency.lower(),
        "unit_amount": request.amount,
        "product_data": {"name": PRODUCT_NAME},
    }
    return {"quantity": 1, "price_data": price}


def _signed(text: str, header: str | None, secret: str) -> bool:
    try:
        return bool(stripe.WebhookSignature.verify_header(text, header, secret, None))
    except stripe.SignatureVerificationError:
        return False


def _checkout(session: Any) -> CheckoutNotice:
    return _notice_of(session.to_dict())


def _notice_of(data: Mapping[str, Any]) -> CheckoutNotice:
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
        intent_ref=_id(data.get("payment_intent")),
        charge_ref=_id(intent.get("latest_charge")) if paid else None,
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


def _dispute(data: Mapping[str, Any]) -> DisputeNotice:
    due = (data.get("evidence_details") or {}).get("due_by")
    return DisputeNotice(
        ref=data["id"],
        status=data["status"],
        amount=data["amount"],
        currency=data["currency"].upper(),
        intent_ref=_id(data.get("payment_intent")),
        charge_ref=_id(data.get("charge")),
        reason=data["reason"],
        refundable=data["is_charge_refundable"],
        due_at=_time(due) if due else None,
        lines=tuple(_balance_line(line) for line in data.get("balance_transactions") or ()),
    )


def _balance_line(data: Mapping[str, Any]) -> BalanceLine:
    return BalanceLine(
        ref=data["id"],
        category=data["reporting_category"],
        amount=data["amount"],
        fee=data["fee"],
        net=data["net"],
        currency=data["currency"].upper(),
        source=_id(data.get("source")),
    )


def _object(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _id(value: Any) -> str | None:
    found = value["id"] if isinstance(value, dict) else value
    return None if found is None else str(found)


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value or len(value) > 120:
        raise ValueError("not an id")
    return value


def _time(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
