"""When may a visit be moved, what does it cost or bring, and which refund rules go with it?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from enum import StrEnum

from efoy.domain.booking import BookingStatus
from efoy.domain.policy import Policy, percent_at


class MoveStatus(StrEnum):
    """How far a move is: ``pending`` waits for its top-up and holds the new time meanwhile."""

    PENDING = "pending"
    DONE = "done"
    DROPPED = "dropped"


class MoveEvent(StrEnum):
    """What happens to a move."""

    SETTLE = "settle"
    DROP = "drop"


_S, _E = MoveStatus, MoveEvent
MOVE: Mapping[tuple[MoveStatus, MoveEvent], MoveStatus] = {
    (_S.PENDING, _E.SETTLE): _S.DONE,
    (_S.PENDING, _E.DROP): _S.DROPPED,
    (_S.DROPPED, _E.SETTLE): _S.DONE,
}
"""Dropped to done: the top-up was paid late, and the new time was still free."""


class TopUpLanding(StrEnum):
    """Where a captured top-up goes: it moves the visit, or goes back and the visit stays."""

    MOVE = "move"
    SLOT_LOST = "late"
    CANCELLED = "cancelled"


def on_top_up_paid(
    status: BookingStatus, *, as_it_was: bool, slot_free: bool, wanted: bool
) -> TopUpLanding:
    """What a captured top-up does to a booking that is ``status``.

    ``as_it_was``: the visit is where it was when the top-up was begun, and no other move waits;
    ``slot_free``: the new time is still held, or could be taken again; ``wanted``: nobody said
    "keep my old time" meanwhile.
    """
    if status is BookingStatus.CANCELLED or not wanted:
        return TopUpLanding.CANCELLED
    if status is BookingStatus.CONFIRMED and as_it_was and slot_free:
        return TopUpLanding.MOVE
    return TopUpLanding.SLOT_LOST


def movable_until(policy: Policy, starts_at: datetime) -> datetime:
    """Until when a patient may move a visit: the last rung's deadline, else its beginning."""
    if not policy.rungs:
        return starts_at
    return starts_at - timedelta(minutes=policy.rungs[-1].minutes_before)


def rules_after_move(policy: Policy, *, starts_at: datetime, at: datetime) -> Policy:
    """The booking's own rules for its new time, never better than the rung reached at ``at``.

    Without this, moving far ahead would win back a refund that was lost already. ``starts_at`` is
    the time that is given up.
    """
    reached = percent_at(policy, starts_at=starts_at, at=at)
    capped = [replace(rung, percent=min(rung.percent, reached)) for rung in policy.rungs]
    last_of_its_share = {rung.percent: rung for rung in capped}
    return replace(policy, rungs=tuple(last_of_its_share.values()))


def price_after_move(paid: int, offered: int, *, free_of_charge: bool) -> int:
    """What the visit costs at its new time, in minor units; what was free stays free.

    ``free_of_charge``: the clinic asked for the move, so it never costs the patient more.
    """
    if paid == 0 or free_of_charge:
        return min(paid, offered)
    return offered
