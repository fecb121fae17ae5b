"""How does one letter leave the house? Rendered, addressed, signed and handed to the mail server."""

from __future__ import annotations

from datetime import datetime

from flask import Flask

from efoy.domain.letter import Letter
from efoy.gateways.paper import Paper


class Mailer:
    """Sends letters through the mail server of the settings; only the worker calls it."""

    def __init__(self, app: Flask, base_url: str, secret_key: str, paper: Paper) -> None:
        self._app, self._base_url, self._paper = app, base_url, paper
        self._secret_key = secret_key

    def send(self, letter: Letter, *, now: datetime) -> None:
        """Hand one letter over. Raises MailRefused (never try again) or ProviderDown (try later)."""
        raise NotImplementedError
