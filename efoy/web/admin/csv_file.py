"""How does a table become a file that a spreadsheet cannot be tricked with?

A cell that begins like a formula gets an apostrophe before it, whoever wrote it. Amounts are
decimal numbers beside their currency, instants are ISO 8601 in the clinic's zone. Rows leave one
after the other: the first while the last is not yet read.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import Response, stream_with_context

from efoy.domain.money import Money
from efoy.wording import amount_text

FORMULA = tuple("=+-@\t\r\n|%＝＋－＠")
TOGETHER = 100
"""Rows a piece: small enough to be quick, large enough not to be chatty."""


def csv_file(
    name: str, columns: Sequence[str], lines: Iterable[Sequence[Any]], zone: str
) -> Response:
    """A file for download, drawn while it is sent."""
    body = stream_with_context(_pieces(columns, lines, ZoneInfo(zone)))
    answer = Response(body, mimetype="text/csv")
    answer.headers["Content-Disposition"] = f'attachment; filename="efoy-{name}.csv"'
    return answer


def _pieces(
    columns: Sequence[str], lines: Iterable[Sequence[Any]], zone: ZoneInfo
) -> Iterator[str]:
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(columns)
    yield _taken(buffer)
    for number, line in enumerate(lines, 1):
        writer.writerow([cell(value, zone) for value in line])
        if number % TOGETHER == 0:
            yield _taken(buffer)
    yield _taken(buffer)


def _taken(buffer: io.StringIO) -> str:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text


def cell(value: Any, zone: ZoneInfo) -> str:
    """One value as it stands in the file."""
    if value is None:
        return ""
    if isinstance(value, Money):
        return amount_text(value)
    if isinstance(value, datetime):
        return value.astimezone(zone).isoformat(timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, int):
        return str(value)
    return harmless(str(value))


def harmless(text: str) -> str:
    """The text, with an apostrophe before it where a spreadsheet would compute it."""
    return f"'{text}" if text.startswith(FORMULA) or text.lstrip().startswith(FORMULA) else text
