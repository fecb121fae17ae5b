"""What does a form in bracket notation say?  a[0][b]=c is {"a": {"0": {"b": "c"}}}."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qsl

from sandbox.errors import Refusal

NAME = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])*)")


def decode(text: str) -> dict[str, Any]:
    """Nested dictionaries of strings; `a[]` counts up. Refuses what Stripe cannot read."""
    root: dict[str, Any] = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        match = NAME.fullmatch(name)
        if not match:
            raise Refusal(f"Invalid parameter name: {name}", param=name)
        _put(root, [match[1], *re.findall(r"\[([^\[\]]*)\]", match[2])], name, value)
    return root


def _put(root: dict[str, Any], keys: list[str], name: str, value: str) -> None:
    node = root
    for key in keys[:-1]:
        inner = node.setdefault(key or str(len(node)), {})
        if not isinstance(inner, dict):
            raise Refusal(f"Invalid parameter: {name} is both a value and an object", param=name)
        node = inner
    last = keys[-1] or str(len(node))
    if last in node:
        raise Refusal(f"Parameter sent more than once: {name}", param=name)
    node[last] = value
