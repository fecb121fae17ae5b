"""How does a request become an answer? Parse, one call, respond; assembled here."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from efoy.settings import Settings
from efoy.web import (
    account,
    admin,
    api,
    away,
    board,
    booking,
    booking_papers,
    checkout,
    desk,
    doctor,
    doctor_own,
    extra_hours,
    finding,
    hours,
    letting_go,
    moving,
    my_bookings,
    one_booking,
    pages,
    pay_link,
    probes,
    refund_wish,
    review,
    stripe_webhook,
    waiting,
)
from efoy.web.access import register_access
from efoy.web.context import register_context
from efoy.web.errors import register_errors
from efoy.web.forms import csrf
from efoy.web.headers import register_headers
from efoy.web.intake import FORM_BYTES, register_requests
from efoy.web.limits import register_limits
from efoy.web.login import register_login

PARTS = (
    account,
    pages,
    probes,
    board,
    booking,
    review,
    checkout,
    my_bookings,
    one_booking,
    letting_go,
    moving,
    booking_papers,
    waiting,
    finding,
    pay_link,
    stripe_webhook,
    doctor,
    doctor_own,
    hours,
    extra_hours,
    away,
    desk,
    refund_wish,
    admin,
    api,
)


def register(app: Flask) -> None:
    """Give the app its pages. The order of the checks before a view is the order of these lines."""
    settings: Settings = app.extensions["efoy_settings"]
    _configure(app, settings)
    register_login(app)
    register_requests(app)
    csrf.init_app(app)
    register_limits(app)
    register_context(app)
    for part in PARTS:
        app.register_blueprint(part.bp)
    csrf.exempt(stripe_webhook.bp)  # the signature over the raw body stands in for a token
    register_access(app)
    register_errors(app)
    register_headers(app, settings)


def _configure(app: Flask, settings: Settings) -> None:
    """Believe as many proxies as the settings say, and in production only our own host name."""
    app.config["SESSION_REFRESH_EACH_REQUEST"] = False
    app.config["MAX_FORM_MEMORY_SIZE"] = FORM_BYTES
    app.config["STEADY_SECONDS"] = 0.0 if settings.env == "test" else 0.25
    if settings.production:
        host = urlsplit(settings.base_url).hostname or ""
        app.config["TRUSTED_HOSTS"] = [host, "127.0.0.1", "localhost"]
    hops = settings.trusted_proxies
    if hops:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]  # how WSGI middleware is put on
            app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops, x_prefix=0
        )
