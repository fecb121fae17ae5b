"""Which webhooks are on their way, and how did each attempt end?"""

from __future__ import annotations

import hashlib
import heapq
import hmac
import itertools
import json
import random
from dataclasses import dataclass, field
from typing import NamedTuple

from sandbox.errors import Json, Refusal
from sandbox.ids import new_id
from sandbox.state import Record, State

MODES = ("deliver", "hold", "drop", "duplicate", "shuffle")
RETRY_AFTER = (5, 30, 300, 1800, 7200, 21600)  # seconds, by the sandbox's clock
SHUFFLED_WITHIN = 2.0  # seconds


def signature(secret: str, body: bytes, moment: float) -> str:
    """The value of Stripe-Signature: v1 is an HMAC-SHA256 over time and body."""
    stamp = str(int(moment))
    digest = hmac.new(secret.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    return f"t={stamp},v1={digest}"


class Letter(NamedTuple):
    """One signed webhook request, ready to be sent."""

    headers: dict[str, str]
    body: bytes


@dataclass
class Delivery:
    """One event on its way. `state`: due, held, dropped, sending, delivered, failed."""

    event: Record
    state: str = "due"
    due_at: float = 0.0
    attempts: list[Json] = field(default_factory=list)

    @property
    def told(self) -> Json:
        """For the journal."""
        return {
            "event": self.event.id,
            "type": self.event["type"],
            "object": self.event["data"]["object"].get("id"),
            "state": self.state,
            "due_at": self.due_at,
            "attempts": list(self.attempts),
        }


class Mail:
    """Everything that was or is to be delivered. Call it with the state's lock held."""

    def __init__(self, state: State, secret: str) -> None:
        self.world, self.secret = state, secret
        self.numbers = itertools.count()
        self.chance = random.Random(4242)  # noqa: S311  a shuffle, not a secret
        self.clear()
        state.on_event = self.post

    def clear(self) -> None:
        """Forget all deliveries and deliver as usual."""
        self.mode, self.delay = "deliver", 0.0
        self.all: list[Delivery] = []
        self._due: list[tuple[float, int, Delivery]] = []

    def set_mode(self, mode: str, delay: float) -> None:
        """How events are treated from now on. Raises Refusal for an unknown mode."""
        if mode not in MODES:
            raise Refusal(f"unknown mode {mode}: one of {', '.join(MODES)}")
        self.mode, self.delay = mode, delay
        if mode == "deliver":
            for delivery in [d for d in self.all if d.state == "held"]:
                self._plan(delivery, 0)

    def post(self, event: Record) -> None:
        """A new event."""
        for _ in range(2 if self.mode == "duplicate" else 1):
            delivery = Delivery(event)
            self.all.append(delivery)
            if self.mode in ("hold", "drop"):
                delivery.state = "held" if self.mode == "hold" else "dropped"
            else:
                hurry = self.chance.random() if self.mode == "shuffle" else 0
                self._plan(delivery, self.delay + hurry * SHUFFLED_WITHIN)

    def _plan(self, delivery: Delivery, seconds: float) -> None:
        delivery.state, delivery.due_at = "due", self.world.clock.now() + seconds
        heapq.heappush(self._due, (delivery.due_at, next(self.numbers), delivery))

    def take_due(self, most: int = 10**9) -> list[Delivery]:
        """What is to be sent now; it counts as being sent until `answered`."""
        now, found = self.world.clock.now(), list[Delivery]()
        while self._due and self._due[0][0] <= now and len(found) < most:
            due_at, _, delivery = heapq.heappop(self._due)
            if delivery.state == "due" and delivery.due_at == due_at:
                delivery.state = "sending"
                found.append(delivery)
        if self.mode == "shuffle":
            self.chance.shuffle(found)
        return found

    def letter(
        self,
        event: Record,
        *,
        secret: str | None = None,
        age: float = 0,
        twin: bool = False,
        put: Json | None = None,
    ) -> Letter:
        """The request as it would leave now.

        `age` back-dates it by seconds, `twin` gives it a new id, `put` replaces fields.
        """
        other = {**(put or {}), **({"id": new_id("evt_1")} if twin else {})}
        body = (json.dumps({**event.body, **other}) if other else event.text).encode()
        stamp = self.world.clock.outside() - age
        return Letter(
            {
                "Content-Type": "application/json; charset=utf-8",
                "Stripe-Signature": signature(secret or self.secret, body, stamp),
                "User-Agent": "Efoy-Sandbox/1.0",
            },
            body,
        )

    def answered(self, delivery: Delivery, status: int | None, note: str = "") -> None:
        """How an attempt ended: 2xx is done, all else is tried again later."""
        now = self.world.clock.now()
        delivery.attempts.append({"at": now, "status": status, "note": note})
        if status is not None and 200 <= status < 300:
            delivery.state = "delivered"
        elif len(delivery.attempts) > len(RETRY_AFTER):
            delivery.state = "failed"
        else:
            self._plan(delivery, RETRY_AFTER[len(delivery.attempts) - 1])
        if delivery.state == "delivered" and delivery.event["pending_webhooks"]:
            delivery.event.change(pending_webhooks=0)
