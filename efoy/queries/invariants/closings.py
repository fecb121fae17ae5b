"""Is every visit in a closed time somebody's to decide, and was each choice carried out once?"""

from __future__ import annotations

from collections.abc import Iterable

from efoy.queries.invariants.law import law
from efoy.queries.invariants.view import View

Found = Iterable[tuple[str, str]]
LATE_SWEEP_MINUTES = 30
"""How long a hold paid after its time was closed may wait to be found."""
WORK_HOURS = 2
"""How long a choice may wait for the worker, a top-up under way included."""


@law("B10", "No booked visit lies in time off unless somebody decided so, or is asked to.")
def nobody_is_forgotten(view: View) -> Found:
    """And what waits for a decision stands in the queue."""
    yield from view.pairs(
        """
        SELECT b.id, 'its doctor is away then, and nobody was asked what becomes of it'
        FROM bookings b JOIN time_off t ON t.doctor_id = b.doctor_id
            AND t.starts_at < b.ends_at AND t.ends_at > b.starts_at
        WHERE b.status = 'confirmed' AND b.starts_at > :now AND b.confirmed_at <= :limit
          AND NOT EXISTS (SELECT 1 FROM day_closing_items i
              WHERE i.booking_id = b.id AND i.visit_at = b.starts_at
              AND (i.status IN {OPEN_ITEM} OR i.status = 'kept'))
        """,
        now=view.now,
        limit=view.ago(minutes=LATE_SWEEP_MINUTES),
    )
    yield from view.pairs(
        """
        SELECT i.id, 'it is ' || i.status || ', and the visit does not stand in the queue'
        FROM day_closing_items i JOIN bookings b ON b.id = i.booking_id
        WHERE i.status IN ('offered', 'with_desk', 'failed') AND b.status = 'confirmed'
          AND b.starts_at = i.visit_at AND b.starts_at > :now AND NOT EXISTS (
            SELECT 1 FROM alerts a WHERE a.kind = 'clash_of_hours'
            AND a.subject_ref = b.id AND a.closed_at IS NULL)
        """,
        now=view.now,
    )


@law("B11", "What was chosen for a visit was done, and done once.")
def choices_are_carried_out(view: View) -> Found:
    """The visit, the mail and the closing agree with the item."""
    yield from view.pairs(
        """
        SELECT i.id, 'it says cancelled, and the visit is ' || b.status
        FROM day_closing_items i JOIN bookings b ON b.id = i.booking_id
        WHERE i.status = 'cancelled' AND b.status <> 'cancelled'
        """
    )
    yield from view.pairs(
        """
        SELECT i.id, 'it offered another time ' || i.offers || ' times, in ' || COUNT(m.id)
            || ' mails'
        FROM day_closing_items i LEFT JOIN outbox_messages m
            ON m.kind = 'move_offered' AND SUBSTR(m.subject_ref, 1, 26) = i.id
        GROUP BY i.id, i.offers HAVING COUNT(m.id) <> i.offers
        """
    )
    yield from view.pairs(
        """
        SELECT c.id, 'it is ' || c.status || ' with ' || COUNT(i.id) || ' visits left to decide'
        FROM day_closings c JOIN day_closing_items i ON i.closing_id = c.id
        WHERE c.status IN ('finished', 'reopened') AND i.status IN {OPEN_ITEM}
        GROUP BY c.id, c.status
        """
    )
    yield from view.pairs(
        "SELECT id, 'the worker has not seen to it' FROM day_closing_items"
        " WHERE status = 'waiting' AND changed_at <= :limit",
        limit=view.ago(hours=WORK_HOURS),
    )


@law("N3", "A mail about a closed time goes to the person whose visit it is about.")
def mails_go_to_their_patient(view: View) -> Found:
    """By way of the item to the booking."""
    return view.pairs(
        """
        SELECT m.id, 'it is about ' || m.subject_ref || ', which is not this address''s'
        FROM outbox_messages m
        LEFT JOIN day_closing_items i ON i.id = SUBSTR(m.subject_ref, 1, 26)
        LEFT JOIN bookings b ON b.id = i.booking_id
        WHERE m.kind IN ('move_offered', 'visit_stands')
          AND COALESCE(LOWER(b.visitor_email), '') <> LOWER(m.address)
        """
    )


LAWS = (nobody_is_forgotten, choices_are_carried_out, mails_go_to_their_patient)
