"""Was this key used before, and what was answered then?"""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.errors import Json, Refusal

KEPT_FOR = 24 * 3600  # seconds


@dataclass
class Stored:
    """The first answer under a key; `status` 0 while it is being worked out."""

    path: str
    asked: str
    at: int
    request_id: str
    status: int = 0
    body: Json | None = None


class Keys:
    """All keys of the account. Call it with the state's lock held."""

    def __init__(self) -> None:
        self.stored: dict[str, Stored] = {}

    def begin(self, key: str, path: str, asked: str, now: int, request_id: str) -> Stored | None:
        """None when the key is new, and held for this request; else the answer to repeat.

        Raises Refusal for other parameters, another address, or a first request still running.
        """
        self._prune(now)
        first = self.stored.get(key)
        if first is None:
            self.stored[key] = Stored(path, asked, now, request_id)
            return None
        _check_same(key, first, path, asked)
        if first.status == 0:
            raise Refusal(
                "There is currently another in-progress request using this Idempotent Key "
                f"(that probably means you submitted twice, and the other request is still going "
                f"through): {key}. Please try again later.",
                status=409,
                kind="idempotency_error",
                code="idempotency_key_in_use",
            )
        return first

    def keep(self, key: str, status: int, body: Json) -> None:
        """This answer belongs to the key from now on."""
        self.stored[key].status, self.stored[key].body = status, body

    def forget(self, key: str) -> None:
        """Nothing was executed: the key is free again."""
        self.stored.pop(key, None)

    def _prune(self, now: int) -> None:
        # Keys are kept in the order they came, so the old ones stand first
        while self.stored:
            key, first = next(iter(self.stored.items()))
            if first.at + KEPT_FOR > now:
                return
            del self.stored[key]


def _check_same(key: str, first: Stored, path: str, asked: str) -> None:
    if first.path != path:
        what = f"for the same endpoint they were first used for ('{path}' vs '{first.path}')"
    elif first.asked != asked:
        what = "with the same parameters they were first used with"
    else:
        return
    raise Refusal(
        f"Keys for idempotent requests can only be used {what}. Try using a key other than "
        f"'{key}' if you meant to execute a different request.",
        kind="idempotency_error",
    )
