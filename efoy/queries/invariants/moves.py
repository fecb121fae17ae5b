"""Was every visit moved from where it was to where it is, and did the money follow?"""

from __future__ import annotations

from collections.abc import Iterable

from efoy.domain.slot import CELL_MINUTES
from efoy.queries.invariants.law import law
from efoy.queries.invariants.money import BACK
from efoy.queries.invariants.view import View

Found = Iterable[tuple[str, str]]


@law("B8", "A move keeps booking and payment, and both of its times while its top-up is open.")
def moves_join_up(view: View) -> Found:
    """Each done move sets out from where the last one led; the last led to where the visit is."""
    yield from view.pairs(
        """
        SELECT id, 'it sets out from where the visit was not' FROM (
            SELECT id, from_starts_at, from_doctor_id, from_price_minor,
                LAG(starts_at) OVER w AS starts_before, LAG(doctor_id) OVER w AS doctor_before,
                LAG(price_minor) OVER w AS price_before
            FROM booking_moves WHERE status = 'done'
            WINDOW w AS (PARTITION BY booking_id ORDER BY sequence)) AS steps
        WHERE starts_before IS NOT NULL AND (starts_before <> from_starts_at
            OR doctor_before <> from_doctor_id OR price_before <> from_price_minor)
        """
    )
    yield from view.pairs(
        """
        SELECT b.id, 'it is not where its last move led' FROM (
            SELECT booking_id, starts_at, doctor_id, price_minor, ROW_NUMBER() OVER (
                PARTITION BY booking_id ORDER BY sequence DESC) AS last
            FROM booking_moves WHERE status = 'done') AS m
        JOIN bookings b ON b.id = m.booking_id
        WHERE m.last = 1 AND (m.starts_at <> b.starts_at OR m.doctor_id <> b.doctor_id
            OR m.price_minor <> b.price_minor)
        """
    )
    yield from _both_times(view)


def _both_times(view: View) -> Found:
    """A move that waits has its top-up undecided, and every cell of the new time."""
    yield from view.pairs(
        """
        SELECT m.id, 'it waits, and its top-up is ' || p.status
        FROM booking_moves m JOIN payments p ON p.id = m.payment_id
        WHERE m.status = 'pending' AND (p.booking_id <> m.booking_id
            OR p.status NOT IN {UNDECIDED} AND p.status <> 'parked')
        """
    )
    yield from view.pairs(
        """
        SELECT m.id, 'it has ' || COUNT(c.cell_at) || ' cells of the new time, not all'
        FROM booking_moves m JOIN bookings b ON b.id = m.booking_id
        LEFT JOIN slot_claims c ON c.booking_id = m.booking_id AND c.doctor_id = m.doctor_id
            AND (c.cell_at + 1) * :cell > epoch(m.starts_at)
            AND c.cell_at * :cell < epoch(m.busy_until)
        WHERE m.status = 'pending' AND b.status = 'confirmed' AND m.starts_at > :now
        GROUP BY m.id, m.starts_at, m.busy_until
        HAVING COUNT(c.cell_at) <>
            (epoch(m.busy_until) - 1) / :cell - epoch(m.starts_at) / :cell + 1
        """,
        now=view.now,
        cell=CELL_MINUTES * 60,
    )


@law("M3", "A top-up moved its visit, or goes back; a dearer time was paid for.")
def top_ups_have_a_place(view: View) -> Found:
    """A done move that costs more has its paid top-up, and a paid one without its move is owed."""
    yield from view.pairs(
        """
        SELECT m.id, 'it made the visit dearer, and nobody paid for that'
        FROM booking_moves m LEFT JOIN payments p ON p.id = m.payment_id AND p.status = 'paid'
            AND (p.captured_minor = m.price_minor - m.from_price_minor
                OR EXISTS (SELECT 1 FROM audit_entries a WHERE a.object = 'payment'
                    AND a.object_id = p.id AND a.event = 'accept'))
        WHERE m.status = 'done' AND m.price_minor > m.from_price_minor AND p.id IS NULL
        """
    )
    yield from view.pairs(
        f"""
        SELECT p.id, 'it moved nothing, and is not on its way back'
        FROM payments p LEFT JOIN booking_moves m ON m.payment_id = p.id AND m.status = 'done'
        LEFT JOIN ({BACK}) AS back ON back.payment_id = p.id
        WHERE p.purpose = 'top_up' AND p.status = 'paid' AND m.id IS NULL
          AND COALESCE(back.minor, 0) < p.captured_minor
          AND NOT EXISTS (SELECT 1 FROM disputes d WHERE d.payment_id = p.id)
          AND NOT EXISTS (
            SELECT 1 FROM refunds r JOIN alerts a ON a.subject_ref = r.id
            WHERE r.payment_id = p.id AND a.kind = 'refund_failed')
        """  # noqa: S608  # a constant of ours
    )
    yield from view.pairs(
        """
        SELECT id, 'it gave back ' || back_minor || ' for a time that is cheaper by '
            || (from_price_minor - price_minor)
        FROM booking_moves
        WHERE back_minor < 0 OR back_minor > 0 AND (
            status <> 'done' OR back_minor > from_price_minor - price_minor)
        """
    )
    yield from view.pairs(
        """
        SELECT m.booking_id, 'its cheaper times gave back ' || m.minor || ', its refunds say '
            || COALESCE(r.minor, 0)
        FROM (SELECT booking_id, SUM(back_minor) AS minor FROM booking_moves
            WHERE back_minor > 0 GROUP BY booking_id) AS m
        LEFT JOIN (
            SELECT p.booking_id, SUM(r.amount_minor) AS minor
            FROM refunds r JOIN payments p ON p.id = r.payment_id
            WHERE r.origin = 'policy' AND r.reason = 'visit_changed' GROUP BY p.booking_id
        ) AS r ON r.booking_id = m.booking_id
        WHERE m.minor <> COALESCE(r.minor, 0)
        """
    )


@law("N3", "A mail about a move goes to the person whose visit moved.")
def moved_mails_go_to_the_owner(view: View) -> Found:
    """And only about a move that was made."""
    return view.pairs(
        """
        SELECT o.id, 'it is about ' || o.subject_ref || ', no move of this address''s'
        FROM outbox_messages o
        LEFT JOIN booking_moves m ON m.id = o.subject_ref AND m.status = 'done'
        LEFT JOIN bookings b ON b.id = m.booking_id
        WHERE o.kind = 'moved' AND COALESCE(LOWER(b.visitor_email), '') <> LOWER(o.address)
        """
    )


LAWS = (moves_join_up, top_ups_have_a_place, moved_mails_go_to_the_owner)
