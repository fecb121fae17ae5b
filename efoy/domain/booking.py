"""What can become of a booking, and what does money arriving for it mean?"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum

HOLD = timedelta(minutes=15)
EXTENSION = timedelta(minutes=10)
MAX_UNPAID_HOLDS = 3
MARKED_FROM = timedelta(hours=12)
"""A visit is marked done or missed from twelve hours before it on: on its day, never ahead."""
PAY_LINK_LEAST, PAY_LINK_MOST = timedelta(minutes=30), timedelta(hours=24)
"""How long a pay link may keep a time: as long as Stripe keeps one pay page."""
UNDO_FOR = timedelta(days=1)
"""A mark is taken back until a day after the visit began."""


class BookingStatus(StrEnum):
    """A patient's claim on a time."""

    HELD = "held"
    CONFIRMED = "confirmed"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    ATTENDED = "attended"
    NO_SHOW = "no_show"


class BookingEvent(StrEnum):
    """What happens to a booking."""

    PAY = "pay"
    EXPIRE = "expire"
    CANCEL = "cancel"
    ATTEND = "attend"
    MISS = "miss"
    UNDO = "undo"
    MOVE = "move"


_S, _E = BookingStatus, BookingEvent
BOOKING: Mapping[tuple[BookingStatus, BookingEvent], BookingStatus] = {
    (_S.HELD, _E.PAY): _S.CONFIRMED,
    (_S.HELD, _E.EXPIRE): _S.EXPIRED,
    (_S.HELD, _E.CANCEL): _S.CANCELLED,
    (_S.EXPIRED, _E.PAY): _S.CONFIRMED,
    (_S.CONFIRMED, _E.MOVE): _S.CONFIRMED,
    (_S.CONFIRMED, _E.CANCEL): _S.CANCELLED,
    (_S.CONFIRMED, _E.ATTEND): _S.ATTENDED,
    (_S.CONFIRMED, _E.MISS): _S.NO_SHOW,
    (_S.ATTENDED, _E.MISS): _S.NO_SHOW,
    (_S.NO_SHOW, _E.ATTEND): _S.ATTENDED,
    (_S.ATTENDED, _E.UNDO): _S.CONFIRMED,
    (_S.NO_SHOW, _E.UNDO): _S.CONFIRMED,
}
LIVE = frozenset({_S.HELD, _S.CONFIRMED, _S.ATTENDED, _S.NO_SHOW})
PAID_FOR = frozenset({_S.CONFIRMED, _S.ATTENDED, _S.NO_SHOW})


class Landing(StrEnum):
    """Where captured money goes: it confirms the visit, or goes back for a reason."""

    CONFIRM = "confirm"
    SLOT_LOST = "late"
    CANCELLED = "cancelled"
    DUPLICATE = "duplicate"


def on_paid(
    status: BookingStatus,
    *,
    other_payment_keeps_it: bool,
    slot_free: bool,
    starts_at: datetime,
    now: datetime,
) -> Landing:
    """What captured money does to a booking that is ``status`` (design: late money).

    ``slot_free``: the claim is still ours, or could be taken again.
    ``other_payment_keeps_it``: another payment of this booking is paid and not given back.
    """
    if other_payment_keeps_it:
        return Landing.DUPLICATE
    if status is BookingStatus.CANCELLED:
        return Landing.CANCELLED
    if status is BookingStatus.HELD:
        return Landing.CONFIRM
    if status is BookingStatus.EXPIRED and slot_free and starts_at > now:
        return Landing.CONFIRM
    if status is BookingStatus.EXPIRED:
        return Landing.SLOT_LOST
    return Landing.DUPLICATE
