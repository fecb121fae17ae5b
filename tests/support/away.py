"""How do stories close a time, and what do they look at afterwards?"""

from __future__ import annotations

from efoy.domain.closing import ClosingSource
from efoy.models import Alert, DayClosing, DayClosingItem, OutboxMessage
from efoy.services.closing_queue import CLASH
from efoy.services.closings import ClosingWish, close_time
from tests.support.story import AS_ADMIN


def close(story, choices=None, *, first=24, last=36, **given):
    """An admin closes hours of Dr Hana, counted like the times of stories; the id."""
    wish = {
        "doctor_id": 1,
        "starts_at": story.time(first),
        "ends_at": story.time(last),
        "reason": "The doctor is ill",
        "source": ClosingSource.CLOSE_DAY,
        "choices": {story.booking(key).ref: choice for key, choice in (choices or {}).items()},
    }
    return close_time(ClosingWish(**(wish | given)), actor=AS_ADMIN, now=story.clock())


def item_of(story, booking_id):
    """The newest item about a booking."""
    rows = story.rows(DayClosingItem, booking_id=booking_id)
    return max(rows, key=lambda row: row.created_at)


def status_of(story, closing_id):
    """How far the closing is."""
    return story.rows(DayClosing, id=closing_id)[0].status


def open_clashes(story):
    """The bookings that stand in the queue."""
    rows = story.rows(Alert, kind=CLASH, closed_at=None)
    return {row.subject_ref: row.detail for row in rows}


def kinds(story):
    """Every mail that was promised, but for the confirmation and the alerts."""
    usual = {"booked", "admin_alert"}
    return sorted(row.kind for row in story.rows(OutboxMessage) if row.kind not in usual)
