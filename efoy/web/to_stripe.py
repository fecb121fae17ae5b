"""Where do people come back to from Stripe, and is an address Stripe's own pay page?"""

from __future__ import annotations

from efoy.services.checkout import ReturnUrls
from efoy.web.links import public_url
from efoy.wiring import settings


def return_urls() -> ReturnUrls:
    """Where Stripe sends people back to, always under ``BASE_URL``."""
    return ReturnUrls(
        success=public_url("/pay/return?session_id={CHECKOUT_SESSION_ID}"),
        back=public_url("/pay/back?payment={payment}"),
    )


def is_checkout(url: str) -> bool:
    """Whether it is on the hosted page's host: nobody is sent anywhere else to pay."""
    return url.startswith(f"{settings().stripe_checkout_host}/")
