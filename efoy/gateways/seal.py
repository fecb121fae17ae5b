"""Which link in a mail is ours? A signature over an id: unguessable, and nothing to steal here.

Whoever reads the database learns ids, not links; whoever holds the key can make links. A link
that may work only once, or not for long, says so in its row (``one_time_links``).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from itsdangerous import BadData, URLSafeSerializer

CONFIRM_ADDRESS = "confirm_address"
"""Opens ``/confirm/<token>``; the id is of a one-time link."""
RESET_PASSWORD = "reset_password"  # noqa: S105 - the name of a kind of link
"""Opens ``/reset/<token>``; the id is of a one-time link."""
BOOKING = "booking"
"""Opens ``/bookings/<ref>?key=<token>``; the id is the booking's public reference."""


class Seal:
    """Signs with the newest key, still reads what older keys signed."""

    def __init__(self, secret_key: str, fallbacks: Sequence[str] = ()) -> None:
        self._keys = [*reversed(fallbacks), secret_key]  # itsdangerous: the oldest first

    def sign(self, kind: str, id: str) -> str:  # noqa: A002 - an id is an id
        """The token for ``id``, fit for an address. The same id always gives the same token."""
        return self._serializer(kind).dumps(id)

    def read(self, kind: str, token: str) -> str | None:
        """The id in ``token``, or None when it was not signed by us for this ``kind``."""
        try:
            value = self._serializer(kind).loads(token)
        except BadData:
            return None
        return value if isinstance(value, str) else None

    def _serializer(self, kind: str) -> URLSafeSerializer:
        signing = {"digest_method": hashlib.sha256}
        return URLSafeSerializer(self._keys, salt=f"efoy.link.{kind}", signer_kwargs=signing)
