"""Where does a program go on in a list? It gives back the opaque word it was given."""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime
from typing import Any

from marshmallow import fields
from marshmallow.validate import Range

from efoy.queries.cursor import Cursor
from efoy.web.api.fields import Shape
from efoy.web.api.parsing import refuse

WORD = re.compile(r"[A-Za-z0-9_-]{8,200}={0,2}")
KEY = re.compile(r"[0-9a-z-]{1,26}")
YEARS = range(2000, 2200)


class PageArgs(Shape):
    """How much of a list, from where on."""

    limit = fields.Integer(load_default=20, validate=Range(min=1, max=100))
    cursor = fields.String(
        load_default="", metadata={"description": "nextCursor of the page before"}
    )


def written(cursor: Cursor | None) -> str | None:
    """The word for the place after a page; None after the last page."""
    if cursor is None:
        return None
    text = f"{cursor.at.astimezone(UTC).isoformat()}~{cursor.id}"
    return urlsafe_b64encode(text.encode()).decode()


def cursor_of(given: dict[str, Any]) -> Cursor | None:
    """The place of ``cursor``; None at the beginning; 422 for what we never gave."""
    word = given["cursor"]
    if not word:
        return None
    try:
        found = _read(word)
    except ValueError:
        found = None
    if found is None:
        refuse([{"field": "cursor", "detail": "Not a cursor of this list."}])
    return found


def _read(word: str) -> Cursor | None:
    if not WORD.fullmatch(word):
        return None
    at, _, key = urlsafe_b64decode(word).decode().partition("~")
    when = datetime.fromisoformat(at)
    if when.tzinfo is None or when.year not in YEARS or not KEY.fullmatch(key):
        return None
    return Cursor(at=when, id=key)
