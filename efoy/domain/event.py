"""How far is a stored Stripe event?"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class EventStatus(StrEnum):
    """Stored, then applied, ignored (not ours, unknown type) or parked for a person."""

    RECEIVED = "received"
    DONE = "done"
    IGNORED = "ignored"
    PARKED = "parked"


class EventEvent(StrEnum):
    """What happens to a stored event."""

    APPLY = "apply"
    IGNORE = "ignore"
    PARK = "park"


STRIPE_EVENT: Mapping[tuple[EventStatus, EventEvent], EventStatus] = {
    (EventStatus.RECEIVED, EventEvent.APPLY): EventStatus.DONE,
    (EventStatus.RECEIVED, EventEvent.IGNORE): EventStatus.IGNORED,
    (EventStatus.RECEIVED, EventEvent.PARK): EventStatus.PARKED,
    (EventStatus.PARKED, EventEvent.APPLY): EventStatus.DONE,
}
