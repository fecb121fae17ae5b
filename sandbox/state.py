"""What does the sandbox remember, and what is it going to do later?"""

from __future__ import annotations

import heapq
import itertools
import json
import threading
from collections.abc import Callable
from typing import Any

from sandbox.clock import Clock
from sandbox.errors import Json, no_such
from sandbox.ids import new_id

API_VERSION = "2026-10-28.endive"
KINDS = (
    "checkout.session payment_intent charge refund dispute customer payment_method "
    "balance_transaction payout event radar.early_fraud_warning"
).split()


class Record:
    """One object: its public body, which is replaced and never edited, and what only we know."""

    __slots__ = ("_told", "body", "number", "private")

    def __init__(self, body: Json, number: int, private: Json) -> None:
        self.body, self.number, self.private = body, number, private
        self._told: tuple[Json, str] | None = None

    @property
    def id(self) -> str:
        """Its id, such as `pi_3…`."""
        return str(self.body["id"])

    def __getitem__(self, field: str) -> Any:
        return self.body[field]

    def change(self, **fields: Any) -> Json:
        """Give fields new values; returns the old ones, as an event tells them."""
        old = {name: self.body.get(name) for name in fields}
        self.body = {**self.body, **fields}
        return old

    def become(self, body: Json) -> None:
        """Be something else from now on: a deleted customer keeps three fields."""
        self.body = body

    @property
    def text(self) -> str:
        """Its JSON, made once for each change; safe to ask for without the lock."""
        body, told = self.body, self._told
        if told is None or told[0] is not body:
            told = self._told = (body, json.dumps(body, separators=(",", ":")))
        return told[1]


Due = tuple[float, int, Callable[[], None]]


class State:
    """All objects under one lock, newest last, and an agenda kept by the sandbox's clock."""

    def __init__(self, clock: Clock) -> None:
        self.clock, self.lock = clock, threading.RLock()
        self.on_event: Callable[[Record], None] = lambda event: None
        self.request: tuple[str | None, str | None] = (None, None)
        self.delayed_methods = False
        self._numbers = itertools.count(1)
        self.clear()

    def clear(self) -> None:
        """Forget every object and everything planned."""
        self.shelves: dict[str, list[Record]] = {kind: [] for kind in KINDS}
        self.by_id: dict[str, Record] = {}
        self._agenda: list[Due] = []

    @property
    def now(self) -> int:
        """The second it is."""
        return self.clock.now()

    def add(self, body: Json, **private: Any) -> Record:
        """Keep a new object."""
        record = Record(body, next(self._numbers), private)
        self.shelves[body["object"]].append(record)
        self.by_id[record.id] = record
        return record

    def find(self, kind: str, ref: str, *, param: str | None = None) -> Record:
        """The object of that kind with this id. Raises Refusal (resource_missing)."""
        record = self.by_id.get(ref)
        if record is None or record["object"] != kind:
            raise no_such(kind, ref, param=param)
        return record

    def emit(self, kind: str, record: Record, previous: Json | None = None) -> Record:
        """Tell the world: an event with the object as it is now."""
        data: Json = {"object": record.body}
        if previous is not None:
            data["previous_attributes"] = previous
        request, key = self.request
        event = self.add(
            {
                "id": new_id("evt_1"),
                "object": "event",
                "api_version": API_VERSION,
                "created": self.now,
                "data": data,
                "livemode": False,
                "pending_webhooks": 1,
                "request": {"id": request, "idempotency_key": key},
                "type": kind,
            }
        )
        self.on_event(event)
        return event

    def kept(self) -> Json:
        """Everything that another run needs to go on from here."""
        return {"shelves": self.shelves, "agenda": self._agenda, "number": next(self._numbers)}

    def go_on(self, kept: Json) -> None:
        """Take up what an earlier run has kept."""
        self.shelves, self._agenda = kept["shelves"], kept["agenda"]
        self._numbers = itertools.count(kept["number"] + 1)
        self.by_id = {record.id: record for shelf in self.shelves.values() for record in shelf}

    def later(self, seconds: float, do: Callable[[], None]) -> None:
        """Plan something by the sandbox's clock."""
        heapq.heappush(self._agenda, (self.now + seconds, next(self._numbers), do))

    def at(self, moment: float, do: Callable[[], None]) -> None:
        """Plan something for a second since 1970."""
        heapq.heappush(self._agenda, (moment, next(self._numbers), do))

    def run_due(self, ahead: float = 0) -> int:
        """Do what is due, or what would be within `ahead` seconds; returns how much that was."""
        limit, done = self.now + ahead, 0
        request, self.request = self.request, (None, None)
        while self._agenda and self._agenda[0][0] <= limit:
            heapq.heappop(self._agenda)[2]()
            done += 1
        self.request = request
        return done
