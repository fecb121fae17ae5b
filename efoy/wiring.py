"""What lies outside, built once and found only by the edges: the clock, Stripe, mail, paper."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from flask import Flask, current_app

from efoy.gateways.clock import Clock
from efoy.gateways.mailer import Mailer
from efoy.gateways.paper import Paper
from efoy.gateways.picture import MOST_BYTES, Drawn, redraw
from efoy.gateways.seal import Seal
from efoy.gateways.stripe_gateway import StripeGateway
from efoy.settings import Settings

PICTURE_BYTES = MOST_BYTES
WEB_TIMEOUT, WEB_RETRIES = (3.05, 8.0), 1
WORKER_TIMEOUT, WORKER_RETRIES = (3.05, 20.0), 2
"""Seconds to connect and to read. Web stays under gunicorn's own time-out, that under the grace."""


@dataclass(frozen=True, kw_only=True)
class Outside:
    """The third parties of this process.

    ``stripe`` gives up quickly, for people who wait; ``worker_stripe`` is patient.
    """

    clock: Callable[[], datetime]
    stripe: StripeGateway
    worker_stripe: StripeGateway
    mailer: Mailer
    paper: Paper


def build_outside(
    app: Flask,
    settings: Settings,
    *,
    clock: Callable[[], datetime] | None = None,
    stripe: StripeGateway | None = None,
) -> Outside:
    """The real ones, as the settings say; tests bring their own clock and way to Stripe."""
    paper = Paper(settings.base_url)
    return Outside(
        clock=clock or Clock(settings.clock_file),
        stripe=stripe or _stripe(settings, WEB_TIMEOUT, WEB_RETRIES),
        worker_stripe=stripe or _stripe(settings, WORKER_TIMEOUT, WORKER_RETRIES),
        mailer=Mailer(app, settings.base_url, settings.secret_key, paper),
        paper=paper,
    )


def _stripe(settings: Settings, timeout: tuple[float, float], retries: int) -> StripeGateway:
    return StripeGateway(
        key=settings.stripe_secret_key,
        api_base=settings.stripe_api_base,
        version=settings.stripe_api_version,
        env=settings.env,
        webhook_secrets=settings.stripe_webhook_secrets,
        timeout=timeout,
        retries=retries,
    )


def outside() -> Outside:
    """The third parties of the running app."""
    return cast(Outside, current_app.extensions["efoy_outside"])


def settings() -> Settings:
    """The settings of the running app."""
    return cast(Settings, current_app.extensions["efoy_settings"])


def drawn_afresh(body: bytes) -> Drawn:
    """A picture somebody sent, as a small PNG of our own making; raises InvalidValue (why)."""
    return redraw(body)


def seal() -> Seal:
    """The signature on links in mails, with the keys of the running app."""
    return Seal(settings().secret_key, settings().secret_key_fallbacks)
