"""How does the real Stripe SDK reach the sandbox without a socket?"""

from __future__ import annotations

import io
from urllib.parse import urlsplit

import stripe
from werkzeug.test import Client

from efoy.models.base import open_transaction
from sandbox import NoAnswer, Sandbox
from tests.support.conformance import Witness


class InProcessStripe(stripe.HTTPClient):
    """A transport that hands each request to the sandbox's WSGI app.

    It refuses to speak while a transaction is open: the house rule every Stripe call is held to.
    """

    name = "in-process"

    def __init__(self, box: Sandbox) -> None:
        super().__init__()
        self.client = Client(box.wsgi)
        self.witness = Witness()
        self.calls: list[tuple[str, str]] = []
        self.gone = False

    def request(self, method, url, headers, post_data=None, *, _usage=None):
        assert open_transaction() is None, f"Stripe called inside {open_transaction()}"
        parts = urlsplit(url)
        self.calls.append((method, parts.path))
        if self.gone:
            raise stripe.APIConnectionError("nobody there")
        try:
            answer = self.client.open(
                path=parts.path,
                query_string=parts.query,
                method=method.upper(),
                headers=dict(headers or {}),
                input_stream=io.BytesIO(_bytes(post_data)),
                content_length=len(_bytes(post_data)),
                base_url=f"{parts.scheme}://{parts.netloc}",
            )
        except NoAnswer as lost:
            raise stripe.APIConnectionError(str(lost)) from lost
        target = f"{parts.path}?{parts.query}" if parts.query else parts.path
        told = (answer.status_code, dict(answer.headers), answer.get_data())
        self.witness.exchange(method.upper(), target, headers or {}, _bytes(post_data), told)
        return answer.get_data(as_text=True), answer.status_code, dict(answer.headers)

    def close(self) -> None:
        """Nothing is kept open."""


def _bytes(data) -> bytes:
    if data is None:
        return b""
    return data if isinstance(data, bytes) else data.encode()
