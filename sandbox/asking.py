"""May this caller ask, and what did it ask?"""

from __future__ import annotations

import base64

from flask import Request

from sandbox.errors import Json, Refusal
from sandbox.form import decode
from sandbox.state import API_VERSION

FORM = "application/x-www-form-urlencoded"


def check_key(asked: Request, wanted: str | None) -> None:
    """Raises Refusal (401) unless the key is the wanted one, or any test key when none is."""
    key = _bearer(asked.headers.get("Authorization", ""))
    if not key:
        raise Refusal(
            "You did not provide an API key. You need to provide your API key in the "
            "Authorization header, using Bearer auth (e.g. 'Authorization: Bearer "
            "YOUR_SECRET_KEY').",
            status=401,
        )
    if not key.startswith(("sk_test_", "rk_test_")) or wanted not in (None, key):
        raise Refusal(f"Invalid API Key provided: {key[:8]}****{key[-4:]}", status=401)


def _bearer(header: str) -> str:
    kind, _, rest = header.partition(" ")
    if kind == "Bearer":
        return rest.strip()
    if kind == "Basic":
        try:
            return base64.b64decode(rest).decode().partition(":")[0]
        except ValueError:
            return ""
    return ""


def check_version(asked: Request) -> None:
    """Raises Refusal when another version of the API is asked for; none is this one."""
    version = asked.headers.get("Stripe-Version", API_VERSION)
    if version != API_VERSION:
        raise Refusal(
            f"Invalid Stripe API version: {version}. This sandbox speaks {API_VERSION} only."
        )


def decoded(asked: Request, key: str | None) -> Json:
    """The parameters of address and body, nested and still strings. Raises Refusal."""
    body = asked.get_data()
    if body and asked.mimetype != FORM:
        raise Refusal(f"Invalid request: Content-Type is {asked.mimetype or 'none'}, not {FORM}")
    if key is not None and not 1 <= len(key) <= 255:
        raise Refusal("Idempotency-Key must have between 1 and 255 characters")
    try:
        text = body.decode()
    except UnicodeDecodeError as error:
        raise Refusal("Invalid request: the body is not UTF-8") from error
    query = asked.query_string.decode("latin-1")
    return decode("&".join(filter(None, (query, text))))
