"""How does a person of the story use the pages? A browser, signed in, sending real forms."""

from __future__ import annotations

import html
import re
import secrets
from contextvars import Context
from datetime import datetime
from hashlib import sha256
from typing import Any

from flask import Flask
from itsdangerous import URLSafeTimedSerializer
from werkzeug.test import TestResponse

from efoy.models.base import transaction
from efoy.models.user import LoginSession

FORM_SECRET = "what a form of the story proves itself with"


class Browser:
    """Cookies of one person. Each request runs outside the story's own app context."""

    def __init__(
        self, app: Flask, user_id: str | None = None, *, now: datetime, proved: bool = True
    ) -> None:
        self.app, self.client = app, app.test_client()
        self._proof = URLSafeTimedSerializer(app.secret_key, salt="wtf-csrf-token")
        token = secrets.token_urlsafe(16) if user_id else None
        if user_id:
            with app.app_context():
                _remember(token, user_id, now, now if proved else None)
        Context().run(self._begin, token)

    def _begin(self, token: str | None) -> None:
        with self.client.session_transaction() as session:
            session["csrf_token"] = FORM_SECRET
            if token:
                session["login"] = token

    @property
    def form_token(self) -> str:
        """What a page of ours would have put into its forms."""
        return self._proof.dumps(FORM_SECRET)

    def get(self, path: str, **more: Any) -> TestResponse:
        """Open an address."""
        return Context().run(self.client.get, path, buffered=True, **more)

    def post(self, path: str, /, csrf: bool = True, **fields: Any) -> TestResponse:
        """Send a form, with its token unless the story leaves it out."""
        data = {"csrf_token": self.form_token} if csrf else {}
        return Context().run(self.client.post, path, data=data | fields, buffered=True)

    def send(self, method: str, path: str, **more: Any) -> TestResponse:
        """Any request at all."""
        return Context().run(self.client.open, path, method=method, buffered=True, **more)


def _remember(token: str, user_id: str, now: datetime, proved_at: datetime | None) -> None:
    with transaction("sign_in") as session:
        mark = sha256(token.encode()).hexdigest()
        begun = LoginSession(token_hash=mark, user_id=user_id, created_at=now, seen_at=now)
        begun.proved_at = proved_at
        session.add(begun)


def words(response: TestResponse) -> str:
    """The words of a page, without its markup, blanks folded."""
    body = re.sub(r"<head>.*?</head>|<svg.*?</svg>", "", response.text, flags=re.DOTALL)
    text = html.unescape(re.sub(r"<[^>]+>", " ", body))
    return re.sub(r"\s+", " ", text)


def hidden(response: TestResponse, name: str) -> str:
    """The value of a hidden field."""
    found = re.search(rf'name="{name}" value="([^"]*)"', response.text)
    assert found, f"no hidden field {name}"
    return html.unescape(found[1])
