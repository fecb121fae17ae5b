"""Is everybody in line asked rightly, does each refund have its paper, is each mail its owner's?"""

from __future__ import annotations

from collections.abc import Iterable

from efoy.queries.invariants.law import law
from efoy.queries.invariants.view import View

Found = Iterable[tuple[str, str]]
LATE_SWEEP_MINUTES = 30
PAPER_MINUTES = 30


@law("W1", "An opened time is offered to one person, who has its hold.")
def one_offer_for_one_time(view: View) -> Found:
    """As long as an offer is open, its booking is held for whoever waits; then it ends with it."""
    yield from view.pairs(
        """
        SELECT MIN(o.id), COUNT(*) || ' people are offered the same time of doctor ' || b.doctor_id
        FROM waitlist_offers o JOIN bookings b ON b.id = o.booking_id
        WHERE o.status = 'open' AND b.status = 'held'
        GROUP BY b.doctor_id, o.starts_at HAVING COUNT(*) > 1
        """
    )
    yield from view.pairs(
        """
        SELECT o.id, 'it is open, and its booking is ' || b.status
        FROM waitlist_offers o JOIN bookings b ON b.id = o.booking_id
        WHERE o.status = 'open' AND b.status <> 'held'
          AND COALESCE(b.cancelled_at, b.confirmed_at, b.hold_expires_at) < :limit
        """,
        limit=view.ago(minutes=LATE_SWEEP_MINUTES),
    )
    yield from view.pairs(
        """
        SELECT o.id, 'its hold is not for whoever waits, or not for that time'
        FROM waitlist_offers o JOIN bookings b ON b.id = o.booking_id
        JOIN waitlist_entries e ON e.id = o.entry_id
        WHERE o.holder <> e.holder OR b.visitor_key <> e.visitor_key
           OR COALESCE(b.holder, '') <> o.holder OR b.doctor_id <> e.doctor_id
           OR (o.status = 'open' AND b.starts_at <> o.starts_at)
        """
    )
    yield from view.pairs(
        """
        SELECT o.id, 'it was taken, and nobody ever paid'
        FROM waitlist_offers o JOIN bookings b ON b.id = o.booking_id
        WHERE o.status = 'taken' AND b.confirmed_at IS NULL
        """
    )


@law("N3", "Mails by the clock go to the person whose booking they are about.")
def clock_mails_go_to_the_owner(view: View) -> Found:
    """A reminder names its booking and a time, an opened time its offer."""
    yield from view.pairs(
        """
        SELECT m.id, 'it is about ' || m.subject_ref || ', which is not this address''s'
        FROM outbox_messages m LEFT JOIN bookings b ON b.id = SUBSTR(m.subject_ref, 1, 26)
        WHERE m.kind IN ('reminder', 'finish_payment', 'find_booking')
          AND COALESCE(LOWER(b.visitor_email), '') <> LOWER(m.address)
        """
    )
    yield from view.pairs(
        """
        SELECT m.id, 'it offers ' || m.subject_ref || ', which is not this address''s'
        FROM outbox_messages m LEFT JOIN waitlist_offers o ON o.id = m.subject_ref
        LEFT JOIN bookings b ON b.id = o.booking_id
        WHERE m.kind = 'time_opened' AND COALESCE(LOWER(b.visitor_email), '') <> LOWER(m.address)
        """
    )


@law("R1", "Each refund that arrived has its credit note, and each credit note its refund.")
def refunds_have_their_papers(view: View) -> Found:
    """Money that never had a receipt needs no paper when it goes back."""
    yield from view.pairs(
        """
        SELECT r.id, 'it arrived, and has no credit note'
        FROM refunds r JOIN receipts p ON p.payment_id = r.payment_id AND p.kind = 'receipt'
        LEFT JOIN receipts n ON n.refund_id = r.id
        WHERE r.status = 'succeeded' AND n.number IS NULL AND r.succeeded_at < :limit
        """,
        limit=view.ago(minutes=PAPER_MINUTES),
    )
    yield from view.pairs(
        """
        SELECT n.number, 'it is not about the refund it belongs to'
        FROM receipts n LEFT JOIN refunds r ON r.id = n.refund_id
        WHERE n.kind = 'credit_note' AND (r.id IS NULL OR r.payment_id <> n.payment_id
            OR r.status NOT IN ('succeeded', 'failed')
            OR CAST(fact(n.content, 'amount') AS INTEGER) <> r.amount_minor)
        """
    )


LAWS = (one_offer_for_one_time, clock_mails_go_to_the_owner, refunds_have_their_papers)
