"""When is a second request the first one again? When it brings the same Idempotency-Key."""

from __future__ import annotations

from hashlib import sha256

from flask import request

from efoy.domain.errors import Conflict, EfoyError
from efoy.web.forms import FORM_TOKEN
from efoy.web.login import viewer

HEADER = "Idempotency-Key"
DESCRIBED = {
    "name": HEADER,
    "in": "header",
    "schema": {"type": "string", "pattern": "^[A-Za-z0-9_-]{8,64}$"},
    "description": "A request that is sent again with the same key answers with the first result.",
}


class KeyMissing(EfoyError):
    """This call moves money: it needs a key, so that it can be sent again safely."""


class KeyReused(Conflict):
    """The key belongs to an earlier request that asked for something else."""


def one_time_key(*, needed: bool) -> str | None:
    """The form token of this request: the caller's key, theirs alone. Raises KeyMissing."""
    given, who = request.headers.get(HEADER), viewer()
    if given is None and not needed:
        return None
    if given is None or who is None or not FORM_TOKEN.fullmatch(given):
        raise KeyMissing(HEADER)
    return sha256(f"api:{who.id}:{given}".encode()).hexdigest()
