"""Which headers does every answer carry? A strict policy for browsers, nothing kept in caches."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import Any

from flask import Flask, Response, request, url_for
from secure import (
    ContentSecurityPolicy,
    CrossOriginOpenerPolicy,
    CrossOriginResourcePolicy,
    PermissionsPolicy,
    ReferrerPolicy,
    Secure,
    StrictTransportSecurity,
    XContentTypeOptions,
    XFrameOptions,
)
from whitenoise import WhiteNoise

from efoy.settings import Settings

YEAR = 31_536_000


def policy(checkout_host: str) -> ContentSecurityPolicy:
    """No inline script or style, nothing from elsewhere; the Pay form may lead to Stripe's page."""
    own = "'self'"
    return (
        ContentSecurityPolicy()
        .default_src("'none'")
        .script_src(own)
        .style_src(own)
        .img_src(own)
        .font_src(own)
        .connect_src(own)
        .form_action(own, checkout_host)
        .frame_ancestors("'none'")
        .base_uri("'none'")
    )


def security_headers(settings: Settings) -> dict[str, str]:
    """The headers of every answer, errors and static files included."""
    https = settings.base_url.startswith("https://")
    hsts = StrictTransportSecurity().max_age(2 * YEAR).include_subdomains() if https else None
    return dict(
        Secure(
            csp=policy(settings.stripe_checkout_host),
            coop=CrossOriginOpenerPolicy().same_origin(),
            corp=CrossOriginResourcePolicy().same_origin(),
            hsts=hsts,
            permissions=PermissionsPolicy().camera().geolocation().microphone().payment(),
            referrer=ReferrerPolicy().same_origin(),
            xcto=XContentTypeOptions(),
            xfo=XFrameOptions().deny(),
        ).headers
    )


def register_headers(app: Flask, settings: Settings) -> None:
    """Put the headers on every answer, and serve static files with them."""
    headers = security_headers(settings)

    @app.after_request
    def add(response: Response) -> Response:
        for name, value in headers.items():
            response.headers.setdefault(name, value)
        if request.endpoint != "static":
            if not response.headers.get("Cache-Control"):
                response.headers["Cache-Control"] = "no-store"
            response.vary.add("Cookie")
        return response

    _serve_static(app, headers)


def _serve_static(app: Flask, headers: dict[str, str]) -> None:
    """Files by name and content: a change of content is a change of address."""
    folder = Path(str(app.static_folder))
    marks = {
        file.relative_to(folder).as_posix(): sha256(file.read_bytes()).hexdigest()[:10]
        for file in folder.rglob("*")
        if file.is_file()
    }

    def add(given: Any, path: str, url: str) -> None:
        for name, value in headers.items():
            given[name] = value
        given["Cache-Control"] = f"public, max-age={YEAR}, immutable"

    app.wsgi_app = WhiteNoise(  # type: ignore[method-assign]  # how WSGI middleware is put on
        app.wsgi_app,
        root=str(folder),
        prefix="static/",
        max_age=YEAR,
        add_headers_function=add,
        allow_all_origins=False,
        charset="utf-8",
    )

    @app.url_defaults
    def version(endpoint: str, values: dict[str, Any]) -> None:
        if endpoint == "static" and values.get("filename") in marks:
            values.setdefault("v", marks[values["filename"]])

    app.jinja_env.globals["static_url"] = lambda name: url_for("static", filename=name)
