"""Who answers in Stripe's place? A process that knows fixed answers, after a fixed time.

Not the sandbox: its work would be measured too, and it takes far longer than Stripe's waiting time.
"""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from urllib.parse import parse_qs, urlsplit

PAGE = 100
JSON = "Content-Type: application/json\r\n"


@dataclass(frozen=True, kw_only=True)
class Checkouts:
    """The checkouts that a list shows: ``count`` of them, half paid, 30 in 100 expired."""

    count: int = 0
    first: int = 0
    created: int = 0
    spread: int = 1

    def all(self) -> list[dict[str, object]]:
        """Newest first, as Stripe lists them; numbers as load data gives them."""
        return [self._one(number) for number in reversed(range(self.count))]

    def _one(self, number: int) -> dict[str, object]:
        row = self.first + number
        made = self.created + number * self.spread // max(1, self.count)
        return checkout(f"cs_test_load_{row:012d}", f"loadp{row:021d}", made, end_of(number))


def end_of(number: int) -> str:
    """How the n-th checkout ended."""
    return "paid" if number % 10 < 5 else "expired" if number % 10 < 8 else "open"


def checkout(ref: str, reference: str, created: int, end: str) -> dict[str, object]:
    """One checkout as the API shows it, with its intent and charge when it is paid."""
    paid = end == "paid"
    card = {"brand": "visa", "last4": "4242"}
    charge = {
        "id": ref.replace("cs_test_", "ch_"),
        "object": "charge",
        "amount_captured": 4500,
        "created": created + 60,
        "payment_method_details": {"type": "card", "card": card},
        "balance_transaction": ref.replace("cs_test_", "txn_"),
    }
    intent = {
        "id": ref.replace("cs_test_", "pi_"),
        "object": "payment_intent",
        "status": "succeeded",
        "latest_charge": charge,
        "last_payment_error": None,
    }
    return {
        "id": ref,
        "object": "checkout.session",
        "status": {"paid": "complete", "expired": "expired", "open": "open"}[end],
        "payment_status": "paid" if paid else "unpaid",
        "amount_total": 4500,
        "currency": "usd",
        "livemode": False,
        "client_reference_id": reference,
        "created": created,
        "expires_at": created + 2100,
        "url": None if end != "open" else f"http://127.0.0.1:9/c/pay/{ref}",
        "payment_intent": intent if paid else None,
        "metadata": {"app": "efoy", "env": "development", "attempt": reference},
        "mode": "payment",
    }


class _Stripe:
    def __init__(self, port: int, delay: float, checkouts: Checkouts) -> None:
        self.base, self.delay, self.calls = f"http://127.0.0.1:{port}", delay, 0
        self.checkouts = checkouts.all()
        self.place = {each["id"]: at for at, each in enumerate(self.checkouts)}

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                body = await reader.readexactly(_length(head))
                answer = await self.answer(head, body.decode())
                start = f"HTTP/1.1 200 OK\r\nRequest-Id: req_{self.calls}\r\n{JSON}"
                writer.write(f"{start}Content-Length: {len(answer)}\r\n\r\n".encode() + answer)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    async def answer(self, head: str, body: str) -> bytes:
        method, target, _ = head.split(" ", 2)
        parts = urlsplit(target)
        if parts.path == "/calls":
            return json.dumps(self.calls).encode()
        self.calls += 1
        if self.delay:
            await asyncio.sleep(self.delay)
        given = {name: values[0] for name, values in parse_qs(parts.query or body).items()}
        if method == "POST":
            return json.dumps(self.create(given)).encode()
        if parts.path.endswith("/sessions"):
            return json.dumps(self.page(given)).encode()
        return json.dumps(self.checkouts[self.place[parts.path.rpartition("/")[2]]]).encode()

    def create(self, given: dict[str, str]) -> dict[str, object]:
        ref = f"cs_test_{secrets.token_hex(12)}"
        reference = given.get("client_reference_id", "")
        made = checkout(ref, reference, int(time.time()), "open")
        made["amount_total"] = int(given.get("line_items[0][price_data][unit_amount]", 4500))
        made["expires_at"] = int(given.get("expires_at", 0)) or int(time.time()) + 2100
        return made | {"url": f"{self.base}/c/pay/{ref}"}

    def page(self, given: dict[str, str]) -> dict[str, object]:
        least, most = int(given.get("created[gte]", 0)), int(given.get("created[lte]", 2**40))
        start = self.place[given["starting_after"]] + 1 if "starting_after" in given else 0
        rows: list[dict[str, object]] = []
        more = False
        for each in self.checkouts[start:]:
            if each["created"] < least:  # type: ignore[operator]
                break
            if each["created"] <= most:  # type: ignore[operator]
                if len(rows) == PAGE:
                    more = True
                    break
                rows.append(each)
        return {"object": "list", "data": rows, "has_more": more, "url": "/v1/checkout/sessions"}


def _length(head: str) -> int:
    for line in head.split("\r\n"):
        if line.lower().startswith("content-length:"):
            return int(line.split(":")[1])
    return 0


def _serve(port: int, delay: float, checkouts: Checkouts, ready: Connection) -> None:
    async def main() -> None:
        stripe = _Stripe(port, delay, checkouts)
        server = await asyncio.start_server(
            stripe.talk, "127.0.0.1", port, limit=2**20, backlog=512
        )
        ready.send(True)
        await server.serve_forever()

    asyncio.run(main())


@contextmanager
def stand_in(
    port: int,
    *,
    delay: float = 0.0,
    checkouts: Checkouts = Checkouts(),  # noqa: B008
) -> Iterator[str]:
    """The address of a Stripe that answers ``delay`` seconds after each call."""
    here, there = multiprocessing.Pipe()
    context = multiprocessing.get_context("spawn")
    process = context.Process(target=_serve, args=(port, delay, checkouts, there), daemon=True)
    process.start()
    here.recv()
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.join()
