"""Which objects does a list call give, and is there more?"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from sandbox.errors import Json, no_such
from sandbox.expand import Tree, listed, shown
from sandbox.state import Record, State

Test = Callable[[Record], bool]


def page(state: State, rows: list[Record], given: dict[str, Any], url: str, tree: Tree) -> Json:
    """Newest first; starting_after goes to older ones, ending_before to newer ones."""
    tests = list(_tests(given))
    size = given.get("limit", 10)
    backwards = "ending_before" in given
    found: list[Record] = []
    for record in _from(state, rows, given, backwards=backwards):
        if all(test(record) for test in tests):
            found.append(record)
            if len(found) > size:
                break
    shown_rows = found[:size][::-1] if backwards else found[:size]
    inner = tree.get("data", {})
    data = (shown(state, r.body, inner) for r in shown_rows)
    return listed(data, url, more=len(found) > size)


def _from(
    state: State, rows: list[Record], given: dict[str, Any], *, backwards: bool
) -> Iterable[Record]:
    name = "ending_before" if backwards else "starting_after"
    if name not in given:
        return reversed(rows)
    mark = state.by_id.get(given[name])
    if mark is None or not any(r is mark for r in rows):
        raise no_such(rows[0]["object"] if rows else "object", given[name], param=name)
    if backwards:
        return [r for r in rows if r.number > mark.number]
    return [r for r in reversed(rows) if r.number < mark.number]


def _tests(given: dict[str, Any]) -> Iterable[Test]:
    for name, value in given.items():
        if name in ("created", "arrival_date"):
            yield _between(name, value)
        elif name in TESTS:
            yield TESTS[name](value)
        elif name not in ("limit", "starting_after", "ending_before", "expand"):
            yield _equals(name, value)


def _between(name: str, bounds: dict[str, int]) -> Test:
    low = max(bounds.get("gte", -1), bounds.get("gt", -2) + 1)
    high = min(bounds.get("lte", 10**15), bounds.get("lt", 10**15) - 1)
    return lambda r: low <= r[name] <= high


def _equals(name: str, value: Any) -> Test:
    return lambda r: r.body.get(name) == value


def _email(value: dict[str, str]) -> Test:
    return lambda r: (r["customer_details"] or {}).get("email") == value["email"]


def _delivered(value: bool) -> Test:
    return lambda r: (r["pending_webhooks"] == 0) is value


def _of_type(pattern: str) -> Test:
    start = pattern.removesuffix("*")
    if start != pattern:
        return lambda r: r["type"].startswith(start)
    return lambda r: r["type"] == pattern


TESTS: dict[str, Callable[[Any], Test]] = {
    "customer_details": _email,
    "delivery_success": _delivered,
    "payout": lambda ref: lambda r: r.private["payout"] == ref,
    "type": _of_type,
    "types": lambda types: lambda r: r["type"] in types,
}
