"""What becomes of booked visits when the doctor will not be there? One choice for each.

A closing is a time that is closed, with one item for each visit booked in it. Nothing booked is
ever touched without a choice made for it by a person.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from enum import StrEnum

LONGEST_TO_ANSWER = timedelta(days=2)


class Choice(StrEnum):
    """What somebody decided for one visit."""

    MOVE = "move"
    DESK = "desk"
    CANCEL = "cancel"
    KEEP = "keep"


class ItemStatus(StrEnum):
    """How far one visit of a closed time is.

    ``kept``: somebody chose to see the patient anyway; ``stands``: the time was opened again.
    """

    WAITING = "waiting"
    OFFERED = "offered"
    WITH_DESK = "with_desk"
    FAILED = "failed"
    KEPT = "kept"
    STANDS = "stands"
    MOVED = "moved"
    CANCELLED = "cancelled"
    GONE = "gone"


class ItemEvent(StrEnum):
    """What happens to it. ``vanish``: it ended otherwise before anybody here could act."""

    OFFER = "offer"
    HAND = "hand"
    FAIL = "fail"
    KEEP = "keep"
    STAND = "stand"
    MOVE = "move"
    CANCEL = "cancel"
    VANISH = "vanish"
    DECIDE = "decide"


class ClosingStatus(StrEnum):
    """A closing is running while items wait for the worker, waiting while people must answer."""

    RUNNING = "running"
    WAITING = "waiting"
    FINISHED = "finished"
    REOPENED = "reopened"


class ClosingEvent(StrEnum):
    """What happens to a closing. ``ask``: all was carried out, some people must answer."""

    ASK = "ask"
    FINISH = "finish"
    RESUME = "resume"
    REOPEN = "reopen"


class ClosingSource(StrEnum):
    """Where it came from: the doctor's time off, a day closed by staff, hours found to clash."""

    TIME_OFF = "time_off"
    CLOSE_DAY = "close_day"
    CLASH = "clash"


_I, _E = ItemStatus, ItemEvent
_ENDINGS: tuple[tuple[ItemEvent, ItemStatus], ...] = (
    (_E.KEEP, _I.KEPT),
    (_E.STAND, _I.STANDS),
    (_E.MOVE, _I.MOVED),
    (_E.CANCEL, _I.CANCELLED),
    (_E.VANISH, _I.GONE),
)
UNDECIDED = frozenset({_I.OFFERED, _I.WITH_DESK, _I.FAILED})
"""The visit still stands in a closed time, and somebody has to say what becomes of it."""
OPEN = UNDECIDED | {_I.WAITING}
ITEM: Mapping[tuple[ItemStatus, ItemEvent], ItemStatus] = {
    (_I.WAITING, _E.OFFER): _I.OFFERED,
    (_I.WAITING, _E.HAND): _I.WITH_DESK,
    (_I.WAITING, _E.FAIL): _I.FAILED,
    (_I.OFFERED, _E.HAND): _I.WITH_DESK,
    (_I.OFFERED, _E.DECIDE): _I.WAITING,
    (_I.WITH_DESK, _E.DECIDE): _I.WAITING,
    (_I.FAILED, _E.DECIDE): _I.WAITING,
    (_I.KEPT, _E.DECIDE): _I.WAITING,
    **{
        (status, event): end
        for status in (_I.WAITING, _I.OFFERED, _I.WITH_DESK, _I.FAILED)
        for event, end in _ENDINGS
    },
}

_C, _V = ClosingStatus, ClosingEvent
CLOSING: Mapping[tuple[ClosingStatus, ClosingEvent], ClosingStatus] = {
    (_C.RUNNING, _V.ASK): _C.WAITING,
    (_C.RUNNING, _V.FINISH): _C.FINISHED,
    (_C.WAITING, _V.FINISH): _C.FINISHED,
    (_C.WAITING, _V.RESUME): _C.RUNNING,
    (_C.FINISHED, _V.RESUME): _C.RUNNING,
    (_C.RUNNING, _V.REOPEN): _C.REOPENED,
    (_C.WAITING, _V.REOPEN): _C.REOPENED,
    (_C.FINISHED, _V.REOPEN): _C.REOPENED,
}


def answer_by(visit_at: datetime, now: datetime) -> datetime:
    """Until when a patient may choose another time: half the time left, two days at most."""
    end = now + min((visit_at - now) / 2, LONGEST_TO_ANSWER)
    return end.replace(second=0, microsecond=0)


def progress(statuses: Iterable[ItemStatus]) -> ClosingEvent | None:
    """What the items of a closing make of it; None while some wait for the worker."""
    left = set(statuses)
    if ItemStatus.WAITING in left:
        return None
    return ClosingEvent.ASK if left & UNDECIDED else ClosingEvent.FINISH
