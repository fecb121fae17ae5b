"""How does a program of the story use the JSON API? With a token, sending and reading JSON."""

from __future__ import annotations

from contextvars import Context
from datetime import datetime, timedelta
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from efoy.domain.role import Door, system
from efoy.domain.scope import Scope
from efoy.services.api_tokens import issue_token

API = "/api/v1"
ALL = tuple(Scope)


class Program:
    """One program with one token. Each request runs outside the story's own app context."""

    def __init__(
        self, app: Flask, email: str, *scopes: Scope, now: datetime, days: float = 30
    ) -> None:
        with app.app_context():
            self.issued = issue_token(
                email,
                frozenset(scopes or ALL),
                lasts=timedelta(days=days),
                actor=system(Door.CLI),
                now=now,
            )
        self.client = app.test_client()
        self.headers = {"Authorization": f"Bearer {self.issued.token}"}

    def send(self, method: str, path: str, /, **more: Any) -> TestResponse:
        """Any request at all; ``headers`` are added to the token's."""
        headers = self.headers | more.pop("headers", {})
        return Context().run(self.client.open, API + path, method=method, headers=headers, **more)

    def get(self, path: str, /, **asked: Any) -> TestResponse:
        """Look something up."""
        return self.send("GET", path, query_string=asked)

    def post(self, path: str, /, key: str | None = None, **body: Any) -> TestResponse:
        """Send a JSON object."""
        headers = {"Idempotency-Key": key} if key else {}
        return self.send("POST", path, json=body, headers=headers)


def problem(response: TestResponse) -> dict[str, Any]:
    """The problem of a refusal, which must be one that programs can read."""
    assert response.mimetype == "application/problem+json", response.text
    body = response.get_json()
    assert body["status"] == response.status_code
    for name in ("type", "title", "detail", "code"):
        assert body[name], body
    return body


def same(one: TestResponse, other: TestResponse) -> bool:
    """Whether two answers tell the same, but for the id of the request."""
    first, second = problem(one), problem(other)
    return first | {"request_id": ""} == second | {"request_id": ""}
