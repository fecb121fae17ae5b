"""What does a refusal of Stripe's API look like?"""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]


class Refusal(Exception):
    """An answer other than 200, worded as Stripe words it.

    `stored` says whether an idempotency key keeps it: what is refused before anything is executed
    (bad parameters, a wrong key, rate limits) may be tried again under the same key.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        kind: str = "invalid_request_error",
        code: str | None = None,
        param: str | None = None,
        stored: bool = False,
        **more: Any,
    ) -> None:
        super().__init__(message)
        self.status, self.stored = status, stored
        named = {"code": code, "message": message, "param": param, **more}
        self.error: Json = {"type": kind} | {k: v for k, v in named.items() if v is not None}
        if code:
            self.error["doc_url"] = f"https://docs.stripe.com/error-codes/{code.replace('_', '-')}"

    @property
    def body(self) -> Json:
        """The JSON document that is sent."""
        return {"error": self.error}


def unknown_parameter(name: str) -> Refusal:
    """Stripe has no such parameter, or the sandbox does not imitate it."""
    return Refusal(f"Received unknown parameter: {name}", code="parameter_unknown", param=name)


def missing_parameter(name: str) -> Refusal:
    """A required parameter was left out."""
    return Refusal(f"Missing required param: {name}.", code="parameter_missing", param=name)


def no_such(kind: str, ref: str, *, param: str | None) -> Refusal:
    """Nothing has this id: 404 for the id in the address, 400 for one among the parameters."""
    noun = kind.rsplit(".", 1)[-1]
    hint = ""
    if "_live_" in ref:
        hint = "; a similar object exists in live mode, but a test mode key was used"
    return Refusal(
        f"No such {noun}: '{ref}'{hint}",
        status=400 if param else 404,
        code="resource_missing",
        param=param or "id",
    )


def server_error() -> Refusal:
    """Stripe's own fault; whether anything was done is unknown to the caller."""
    return Refusal(
        "An unknown error occurred. If this error persists, please contact support.",
        status=500,
        kind="api_error",
        stored=True,
    )


class NoAnswer(ConnectionError):
    """The connection ends without a whole answer: what a fault asked for."""

    def __init__(self, action: str) -> None:
        super().__init__(f"the sandbox gives no answer: {action}")
        self.action = action
