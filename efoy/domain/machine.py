"""Which step may follow which? One engine for every table of transitions."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

from efoy.domain.errors import IllegalTransition

S = TypeVar("S", bound=StrEnum)
E = TypeVar("E", bound=StrEnum)


def advance(table: Mapping[tuple[S, E], S], status: S, event: E) -> S:
    """The status after ``event``; raises :class:`IllegalTransition` where the table has no edge."""
    try:
        return table[(status, event)]
    except KeyError:
        raise IllegalTransition(f"{status} has no {event}") from None


def may(table: Mapping[tuple[S, E], S], status: S, event: E) -> bool:
    """Whether the table has the edge. For notices, a missing edge means "nothing new"."""
    return (status, event) in table


def edges(table: Mapping[tuple[S, E], S]) -> frozenset[tuple[S, S]]:
    """Every allowed (before, after) pair: what an audit trail may contain."""
    return frozenset((before, after) for (before, _), after in table.items())


def mermaid(table: Mapping[tuple[S, E], S], *starts: S) -> str:
    """The table drawn as a Mermaid state diagram (for ``docs/diagrams``)."""
    lines = ["stateDiagram-v2", *(f"    [*] --> {start}" for start in starts)]
    lines += [f"    {before} --> {after}: {event}" for (before, event), after in table.items()]
    return "\n".join(lines) + "\n"
