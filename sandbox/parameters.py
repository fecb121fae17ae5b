"""Is a parameter known, of the right type, and within its bounds?"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import urlsplit

from sandbox.errors import Refusal, missing_parameter, unknown_parameter


class Takes(Protocol):
    """One kind of value: reads the decoded form or refuses it."""

    def read(self, value: Any, name: str) -> Any: ...


def _text(value: Any, name: str) -> str:
    if not isinstance(value, str):
        raise Refusal(f"Invalid string: {name} must be a string", param=name)
    return value


def _not_empty(value: str, name: str) -> str:
    if value == "":
        raise Refusal(
            f"You passed an empty string for '{name}'. We assume empty values are an attempt to "
            f"unset a parameter; however '{name}' cannot be unset. You should remove '{name}' "
            "from your request or supply a non-empty value.",
            code="parameter_invalid_empty",
            param=name,
        )
    return value


@dataclass(frozen=True)
class Text:
    """A string that is not empty."""

    limit: int = 5000

    def read(self, value: Any, name: str) -> str:
        text = _not_empty(_text(value, name), name)
        if len(text) > self.limit:
            raise Refusal(
                f"Invalid string: {name} must be at most {self.limit} characters", param=name
            )
        return text


@dataclass(frozen=True)
class Email:
    """An address with one @ and no spaces."""

    def read(self, value: Any, name: str) -> str:
        text = Text(limit=512).read(value, name)
        if not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", text):
            raise Refusal(f"Invalid email address: {text}", code="email_invalid", param=name)
        return text


@dataclass(frozen=True)
class Address:
    """An absolute http or https URL."""

    def read(self, value: Any, name: str) -> str:
        text = Text().read(value, name)
        url = urlsplit(text)
        if url.scheme not in ("http", "https") or not url.hostname:
            raise Refusal("Not a valid URL", code="url_invalid", param=name)
        return text


@dataclass(frozen=True)
class Integer:
    """A whole number between two bounds."""

    least: int = -(10**14)
    most: int = 10**14

    def read(self, value: Any, name: str) -> int:
        text = _not_empty(_text(value, name), name)
        if not re.fullmatch(r"-?\d{1,15}", text):
            raise Refusal(f"Invalid integer: {text}", code="parameter_invalid_integer", param=name)
        number = int(text)
        if not self.least <= number <= self.most:
            bound = (
                f"greater than or equal to {self.least}"
                if number < self.least
                else f"less than or equal to {self.most}"
            )
            raise Refusal(
                f"Invalid integer: {name} must be {bound}",
                code="parameter_invalid_integer",
                param=name,
            )
        return number


@dataclass(frozen=True)
class Flag:
    """true or false, spelt so."""

    def read(self, value: Any, name: str) -> bool:
        text = _not_empty(_text(value, name), name)
        if text not in ("true", "false"):
            raise Refusal(f"Invalid boolean: {text}", param=name)
        return text == "true"


@dataclass(frozen=True)
class Choice:
    """One of the listed words."""

    words: tuple[str, ...]

    def read(self, value: Any, name: str) -> str:
        text = _text(value, name)
        if text == "" and "" not in self.words:
            _not_empty(text, name)
        if text not in self.words:
            raise Refusal(f"Invalid {name}: must be one of {', '.join(self.words)}", param=name)
        return text


def choice(words: str) -> Choice:
    """A choice among words that are given with spaces between them."""
    return Choice(tuple(words.split()))


@dataclass(frozen=True)
class Items:
    """A list: a[0], a[1], …"""

    of: Takes
    most: int = 100

    def read(self, value: Any, name: str) -> list[Any]:
        if not isinstance(value, dict) or not all(key.isdigit() for key in value):
            raise Refusal(f"Invalid array: {name} must be an array", param=name)
        if len(value) > self.most:
            raise Refusal(f"{name} may have at most {self.most} items", param=name)
        return [self.of.read(value[key], f"{name}[{key}]") for key in sorted(value, key=int)]


@dataclass(frozen=True)
class Struct:
    """An object with known fields."""

    fields: dict[str, Takes]
    required: Sequence[str] = field(default=())
    unset: bool = False

    def read(self, value: Any, name: str = "") -> Any:
        if self.unset and value == "":
            return None
        if not isinstance(value, dict):
            raise Refusal(f"Invalid object: {name} must be an object", param=name)

        def full(key: str) -> str:
            return f"{name}[{key}]" if name else key

        for key in value:
            if key not in self.fields:
                raise unknown_parameter(full(key))
        for key in self.required:
            if key not in value:
                raise missing_parameter(full(key))
        return {key: self.fields[key].read(inner, full(key)) for key, inner in value.items()}


@dataclass(frozen=True)
class Metadata:
    """Up to 50 short texts; an empty one takes its key away, '' for all of them clears them."""

    unset: bool = True

    def read(self, value: Any, name: str) -> dict[str, str] | None:
        if self.unset and value == "":
            return None
        if not isinstance(value, dict) or not all(isinstance(v, str) for v in value.values()):
            raise Refusal(f"Invalid hash: {name} must be a set of strings", param=name)
        if len(value) > 50:
            raise Refusal("Metadata may have at most 50 keys", param=name)
        for key, text in value.items():
            if len(key) > 40 or len(text) > 500:
                raise Refusal(
                    f"Metadata keys have at most 40 and values at most 500 characters: {key}",
                    param=f"{name}[{key}]",
                )
        return value


@dataclass(frozen=True)
class Moment:
    """A time to filter by: a second, or bounds (gt, gte, lt, lte)."""

    def read(self, value: Any, name: str) -> dict[str, int]:
        if isinstance(value, dict):
            bound = Integer()
            bounds: dict[str, int] = Struct(
                {"gt": bound, "gte": bound, "lt": bound, "lte": bound}
            ).read(value, name)
            return bounds
        second = Integer().read(value, name)
        return {"gte": second, "lte": second}


def merged_metadata(old: dict[str, str], new: dict[str, str] | None) -> dict[str, str]:
    """Metadata after an update: '' removes a key, None removes all."""
    if new is None:
        return {}
    return {key: text for key, text in {**old, **new}.items() if text != ""}


EXPAND: dict[str, Takes] = {"expand": Items(Text())}
PAGE: dict[str, Takes] = {
    **EXPAND,
    "limit": Integer(1, 100),
    "starting_after": Text(),
    "ending_before": Text(),
}
