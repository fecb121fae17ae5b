"""What may stand in a request of a program? JSON objects of known fields; all else is refused."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, NoReturn

from flask import Request, abort
from marshmallow import RAISE, Schema, ValidationError
from webargs import missing
from webargs.flaskparser import FlaskParser
from webargs.flaskparser import abort as abort_with

LONGEST_NAME = 60


class Parser(FlaskParser):
    """Reads JSON once and strictly: no second value for a name, no NaN, nothing unknown."""

    DEFAULT_UNKNOWN_BY_LOCATION = {
        **FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION,
        "query": RAISE,
        "querystring": RAISE,
    }

    def load_json(self, req: Request, schema: Schema) -> Any:
        """The body, ``missing`` when there is none. Raises 415 for other kinds, 400 for no JSON."""
        body = req.get_data()
        if req.content_length is None and len(body) >= (req.max_content_length or 0):
            abort(413)  # sent in pieces of unknown length: what came was cut off there
        if (body or req.content_length) and not req.is_json:
            abort(415)
        return read_json(body) if body else missing

    def handle_error(
        self,
        error: ValidationError,
        req: Request,
        schema: Schema,
        *,
        error_status_code: int | None,
        error_headers: Mapping[str, str] | None,
    ) -> NoReturn:
        """422 that names every field with its fault."""
        refuse(list(_faults(error.messages)))


def refuse(faults: list[dict[str, str]]) -> NoReturn:
    """Answer 422 with these faults (``field``, ``detail``)."""
    abort_with(422, messages=faults)


def read_json(body: bytes) -> Any:
    """The value of a JSON text; aborts with 400 where it is none."""
    try:
        return json.loads(body.decode(), parse_constant=_no, object_pairs_hook=_each_once)
    except (ValueError, RecursionError):  # also a number too long to be one, and bad UTF-8
        abort(400)


def _no(word: str) -> NoReturn:
    raise ValueError(word)


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """One value a name: which of two would count is nobody's to guess."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice")
    return found


def _faults(messages: Any, field: str = "") -> Iterator[dict[str, str]]:
    """Marshmallow's nested messages as a flat list; the first level is where the field stood."""
    if not isinstance(messages, Mapping):
        words = messages if isinstance(messages, list) else [messages]
        yield {"field": field, "detail": " ".join(map(str, words))}
        return
    for location in messages.values():
        inside = location if isinstance(location, Mapping) else {"": location}
        for name, words in inside.items():
            shown = "" if name == "_schema" else str(name)[:LONGEST_NAME]
            detail = " ".join(map(str, words)) if isinstance(words, list) else str(words)
            yield {"field": shown, "detail": detail}
