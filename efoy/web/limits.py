"""How often may one address try? Enough for people, too little for guessing and flooding."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask, Response, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

limiter = Limiter(key_func=get_remote_address, in_memory_fallback_enabled=True)
"""Redis away: every process counts for itself until it is back."""


def _account() -> str:
    """The address somebody tries to sign in with, known or not."""
    return "account:" + request.form.get("email", "").strip().lower()[:254]


def _failed(response: Response) -> bool:
    """Only tries that did not succeed count: a clinic's desk signs in from one address."""
    return response.status_code != 303


_POST = ["POST"]
_by_address = limiter.limit("10 per 5 minutes", methods=_POST, deduct_when=_failed)
_by_account = limiter.limit(
    "10 per 5 minutes", key_func=_account, methods=_POST, deduct_when=_failed
)
_by_all = limiter.limit("1000 per 5 minutes", key_func=lambda: "everyone", methods=_POST)


def limited_sign_in(view: Callable[..., Any]) -> Callable[..., Any]:
    """Ten wrong passwords in five minutes, for an address of the network and for an account."""
    return _by_address(_by_account(_by_all(view)))


limit_register = limiter.limit("20 per hour", methods=_POST)
limit_reset = limiter.limit("10 per hour", methods=_POST)
limit_find = limiter.limit("20 per hour", methods=_POST)
limit_link = limiter.limit("30 per hour", methods=_POST)
limit_hold = limiter.limit("20 per minute", methods=_POST)
limit_pay = limiter.limit("20 per minute", methods=_POST)
limit_feed = limiter.limit("120 per hour")
"""A calendar program asks every few minutes; a guesser asks more often."""
limit_api = limiter.limit("120 per minute")


def register_limits(app: Flask) -> None:
    """Count in the storage of the settings."""
    limiter.init_app(app)
