"""Who changed what, when? For reading and taking along; there is no way to edit it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from efoy.domain.errors import InvalidValue
from efoy.domain.role import Action
from efoy.queries.admin.audit_log import (
    COLUMNS,
    AuditFilter,
    AuditLine,
    audit_choices,
    audit_lines,
    audit_page,
)
from efoy.services.exports import note_export
from efoy.web.access import actor, requires
from efoy.web.admin.audit_words import event_words, kind_words, name_words, value_words
from efoy.web.admin.csv_file import csv_file
from efoy.web.context import clinic
from efoy.web.parameters import asked, day_asked
from efoy.wiring import outside


def add_pages(bp: Blueprint) -> None:
    """Put these pages under /admin."""
    bp.add_url_rule("/admin/audit", view_func=audit)
    bp.add_url_rule("/admin/audit.csv", view_func=audit_file)


@requires(Action.SEE_AUDIT)
def audit() -> ResponseReturnValue:
    """The entries that match the address."""
    wanted, choices = _wanted(), audit_choices()
    page = audit_page(wanted, before=_number("before"), after=_number("after"), zone=clinic().zone)
    return render_template(
        "admin/audit.html",
        filters=wanted,
        filtered=wanted != AuditFilter(),
        people=choices.people,
        kinds=[(kind, kind_words(kind)) for kind in choices.kinds],
        lines=[_told(line) for line in page.lines],
        newer_url=_address("after", page.newer),
        older_url=_address("before", page.older),
        file_url="/admin/audit.csv" + ("?" + urlencode(_given()) if _given() else ""),
    )


@requires(Action.SEE_AUDIT)
def audit_file() -> ResponseReturnValue:
    """The same as a file."""
    wanted, zone = _wanted(), clinic().zone
    if request.method == "GET":  # a look at the headers takes nothing out
        note_export("audit", _given(), actor=actor(), now=outside().clock())
    return csv_file("audit", COLUMNS, _cells(audit_lines(wanted, zone)), zone)


def _wanted() -> AuditFilter:
    return AuditFilter(
        person=asked("person", most=26), kind=asked("object", most=24), day=day_asked("day")
    )


def _given() -> dict[str, str]:
    return {k: v[:60] for k, v in request.args.items() if v and k in {"person", "object", "day"}}


def _number(name: str) -> int | None:
    text = request.args.get(name, "")
    if not text:
        return None
    if not text.isascii() or not text.isdecimal() or len(text) > 15:
        raise InvalidValue(name, "not a page")
    return int(text)


def _address(name: str, seq: int | None) -> str | None:
    return None if seq is None else f"/admin/audit?{urlencode({**_given(), name: str(seq)})}"


def _told(line: AuditLine) -> dict[str, Any]:
    """One entry in words."""
    changes = [
        (name_words(name), value_words(old), value_words(new))
        for name, (old, new) in line.changes.items()
    ]
    if not changes and (line.before or line.after):
        changes = [("", value_words(line.before), value_words(line.after))]
    return {
        "at": line.at,
        "who": line.who,
        "role": line.role,
        "door": line.door,
        "kind": kind_words(line.kind),
        "key": line.key,
        "event": event_words(line.kind, line.event),
        "changes": changes,
    }


def _cells(lines: Iterator[AuditLine]) -> Iterator[list[Any]]:
    for line in lines:
        changes = json.dumps(line.changes, ensure_ascii=False) if line.changes else ""
        seen = [line.kind, line.key, line.event, line.before, line.after, changes]
        yield [line.seq, line.at, line.who, line.role, line.door, *seen]
