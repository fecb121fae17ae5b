"""Where do Stripe's messages come in? Verified, stored, answered; looked into by the worker.

The one route without login and form token: its proof is the signature over the raw body.
"""

from __future__ import annotations

from flask import Blueprint, Response, request
from prometheus_client import Counter

from efoy.domain.errors import Untrusted
from efoy.services.stripe_events import receive_event
from efoy.web.access import public
from efoy.wiring import outside

bp = Blueprint("stripe_webhook", __name__)
LARGEST_BODY = 512 * 1024
DELIVERIES = Counter("efoy_webhook_deliveries", "Stripe deliveries by outcome", ["outcome"])


@bp.post("/api/v1/payment/webhook")
@public
def receive() -> Response:
    """204 once the message is stored; 400 for anything not signed by Stripe; 413 when too big.

    A failure to store is a 5xx, so that Stripe sends it again. Nothing of a refused body is kept.
    """
    request.max_content_length = LARGEST_BODY
    body = request.get_data(cache=False)
    header = request.headers.get("Stripe-Signature")
    try:
        receive_event(body, header, stripe=outside().stripe, now=outside().clock())
    except Untrusted:
        DELIVERIES.labels("refused").inc()
        return Response(status=400)
    DELIVERIES.labels("stored").inc()
    return Response(status=204)
