"""How are events delivered by hand, as often and in whatever order?"""

from __future__ import annotations

import random

from sandbox.delivery import Delivery
from sandbox.desk import Desk, Typed
from sandbox.errors import Json, Refusal


def deliver(desk: Desk, typed: Typed) -> list[Json]:
    """{ids, order: given, reverse, shuffle; times, secret, age, twin, put}: send events.

    Without ids: all that were not delivered. With a webhook address they are sent and the
    answers told; without one the signed letters themselves are given back. Not locked.
    """
    with desk.api.state.lock:
        chosen = _chosen(desk, typed)
        options = {k: typed[k] for k in ("secret", "age", "twin", "put") if k in typed}
    told_back = []
    for delivery in chosen:
        with desk.api.state.lock:
            letter = desk.mail.letter(delivery.event, **options)
        row: Json = {"event": delivery.event.id, "type": delivery.event["type"]}
        if desk.postman:
            status, why = desk.postman.send(letter)
            desk.postman.note(delivery, status, why)
            told_back.append({**row, "status": status, "note": why})
        else:
            with desk.api.state.lock:
                desk.mail.answered(delivery, 200, "taken")
            body = letter.body.decode()
            told_back.append({**row, "headers": letter.headers, "body": body})
    return told_back


def _chosen(desk: Desk, typed: Typed) -> list[Delivery]:
    by_event = {d.event.id: d for d in desk.mail.all}
    ids = typed.get("ids")
    if ids is None:
        ids = [d.event.id for d in desk.mail.all if d.state in ("due", "held", "dropped")]
    missing = [ref for ref in ids if ref not in by_event]
    if missing:
        raise Refusal(f"no such events: {', '.join(map(str, missing))}", status=404)
    rows = [by_event[ref] for ref in dict.fromkeys(ids)] * int(typed.get("times", 1))
    order = typed.get("order", "given")
    if order == "shuffle":
        random.shuffle(rows)
    return rows[::-1] if order == "reverse" else rows
