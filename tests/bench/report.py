"""How is a figure told? One line each, with the ratio to the floor of the same run."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One measurement: ``value`` in ``unit``, CPU of the server an answer, what was held."""

    value: float
    unit: str
    cpu_ms: float = 0.0
    p50: float = 0.0
    p99: float = 0.0
    held: str = ""
    faults: list[str] = field(default_factory=list)


def tell(
    name: str,
    database: str,
    efoy: Figure,
    floor: Figure | None,
    stack: Figure | None = None,
    *,
    less: bool = False,
) -> bool:
    """Print both; whether everything held. ``less``: smaller is better (seconds)."""
    shown = [f"{name:<26}{database:<12}{_one(efoy)}"]
    if floor is not None:
        ratio = floor.value / efoy.value if less else efoy.value / floor.value
        shown.append(f"floor {_one(floor)}")
        shown.append(f"ratio {ratio:.2f}")
        if floor.cpu_ms and efoy.cpu_ms:
            shown.append(f"cpu ×{efoy.cpu_ms / floor.cpu_ms:.2f}")
    if floor is not None and stack is not None:
        ratio = floor.value / stack.value if less else stack.value / floor.value
        shown.append(f"plain stack {_one(stack)} ratio {ratio:.2f} {stack.faults[:1] or ''}")
    shown.append(f"held: {efoy.held}" if not efoy.faults else f"NOT HELD: {efoy.faults[:3]}")
    print(" | ".join(shown), flush=True)
    return not efoy.faults


def _one(figure: Figure) -> str:
    text = f"{figure.value:8.2f} {figure.unit}"
    if figure.cpu_ms:
        text += f" {figure.cpu_ms:6.2f} ms cpu"
    if figure.p50:
        text += f" p50 {figure.p50:.0f} p99 {figure.p99:.0f} ms"
    return text
