"""How are clock, faults and webhooks steered?"""

from __future__ import annotations

from typing import Any

from sandbox.desk import Desk, Typed
from sandbox.errors import Json


def clock(desk: Desk, typed: Typed) -> Json:
    """{advance: seconds}: move this clock alone, and do what falls due."""
    state = desk.api.state
    state.clock.advance(float(typed.get("advance", 0)))
    return {"done": state.run_due(), "now": state.now, "advanced": state.clock.advanced}


def later(desk: Desk, typed: Typed) -> Json:
    """{seconds: 60}: do now what is planned for the next seconds; the clock stays."""
    return {"done": desk.api.state.run_due(ahead=float(typed.get("seconds", 60)))}


def webhooks(desk: Desk, typed: Typed) -> Json:
    """{mode: deliver, hold, drop, duplicate, shuffle; delay: seconds}: from now on."""
    desk.mail.set_mode(str(typed.get("mode", "deliver")), float(typed.get("delay", 0)))
    return {"mode": desk.mail.mode, "delay": desk.mail.delay}


def faults(desk: Desk, typed: Any) -> list[Json]:
    """[{method, path, nth, action, times}]: add faults; [] takes all away."""
    return desk.api.faults.order(typed)


def methods(desk: Desk, typed: Typed) -> Json:
    """{delayed: true}: offer the bank debit on pages of sessions made from now on."""
    desk.api.state.delayed_methods = bool(typed.get("delayed"))
    return {"delayed": desk.api.state.delayed_methods}


def reset(desk: Desk, typed: Typed) -> Json:
    """Forget everything: objects, keys, faults, deliveries, journal, the moved clock."""
    del typed
    api = desk.api
    api.state.clear()
    api.state.delayed_methods = False
    api.state.clock.advanced = 0.0
    api.keys.stored.clear()
    api.faults.planned = []
    api.journal.clear()
    desk.mail.clear()
    wake(desk, {})
    return {"reset": True}


def wake(desk: Desk, typed: Typed) -> Json:
    """End the waiting of all requests that a fault holds."""
    del typed
    desk.api.woken.set()
    desk.api.woken.clear()
    return {"woken": True}
