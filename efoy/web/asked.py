"""What does the address of a list ask for: a filter, words, a page? Nonsense is refused."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import TypeVar
from urllib.parse import urlencode

from flask import request

from efoy.domain.errors import InvalidValue
from efoy.queries.paging import Leaf, Mark
from efoy.web.parameters import YEARS

LONGEST_SEARCH = 80
Listed = TypeVar("Listed", bound=StrEnum)


def one_of_asked(name: str, words: type[Listed]) -> Listed | None:
    """The word of a parameter, None where it is absent or empty."""
    text = request.args.get(name, "").strip()
    if not text:
        return None
    try:
        return words(text)
    except ValueError:
        raise InvalidValue(name, "not one of the list") from None


def words_asked(name: str) -> str:
    """What somebody searches for, without the blanks around and between."""
    return " ".join(request.args.get(name, "")[:LONGEST_SEARCH].split())


def mark_asked() -> Mark | None:
    """Where the page begins (``after``) or ends (``before``); None for the first page."""
    for name, back in (("before", True), ("after", False)):
        text = request.args.get(name, "")
        if text:
            return _mark(name, text, back=back)
    return None


def _mark(name: str, text: str, *, back: bool) -> Mark:
    try:
        at, key, position = text.split("~")
        found = Mark(at=datetime.fromisoformat(at), id=key, position=int(position, 10), back=back)
        fit = found.at.tzinfo is not None and found.at.year in YEARS
    except ValueError:
        raise InvalidValue(name, "not a page") from None
    if not fit or len(text) > LONGEST_SEARCH or not 0 <= found.position < 10**9:
        raise InvalidValue(name, "not a page")
    return found


class Pager:
    """The neighbours of a page as addresses that keep the filters."""

    def __init__(self, leaf: Leaf) -> None:
        self.first, self.last, self.total = leaf.first, leaf.last, leaf.total
        self.previous_url = _address("before", leaf.previous)
        self.next_url = _address("after", leaf.next)


def _address(name: str, mark: Mark | None) -> str | None:
    if mark is None:
        return None
    kept = {key: value for key, value in request.args.items() if key not in {"after", "before"}}
    at = mark.at.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return f"{request.path}?{urlencode({**kept, name: f'{at}~{mark.id}~{mark.position}'})}"
