"""Is every time somebody's, once, and rightly?"""

from __future__ import annotations

from collections.abc import Iterable
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from efoy.domain.booking import EXTENSION, HOLD, MAX_UNPAID_HOLDS
from efoy.domain.slot import CELL_MINUTES
from efoy.queries.invariants.law import law
from efoy.queries.invariants.view import View

Found = Iterable[tuple[str, str]]
MOVED = """
    SELECT booking_id, SUM(price_minor - from_price_minor) AS minor FROM booking_moves
    WHERE status = 'done' GROUP BY booking_id
"""
"""What the moves of a booking changed of its price."""
LATE_SWEEP_MINUTES = 30
"""How long a hold may outlive its end when nothing is at rest: the backstop and some sweeps."""


@law("B1", "Live bookings of one doctor never overlap, unless one was put there on purpose.")
def one_visit_at_a_time(view: View) -> Found:
    """Interval against the latest end before it, doctor by doctor."""
    return view.pairs(
        """
        SELECT id, 'it overlaps another live booking of doctor ' || doctor_id
        FROM (
            SELECT id, doctor_id, starts_at, MAX(ends_at) OVER (
                PARTITION BY doctor_id ORDER BY starts_at, id
                ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS ends_before
            FROM bookings WHERE status IN {LIVE} AND overbooked_reason = '') AS visits
        WHERE starts_at < ends_before
        """
    )


@law("B2", "No visitor of one holder is in two places, and no holder has too many unpaid holds.")
def nobody_in_two_places(view: View) -> Found:
    """A holder is somebody signed in, or one guest's browser: whoever types an address is neither.

    What the desk booked counts towards nobody.
    """
    yield from view.pairs(
        """
        SELECT id, 'it overlaps another live booking of the same visitor'
        FROM (
            SELECT id, starts_at, MAX(ends_at) OVER (
                PARTITION BY holder, visitor_key ORDER BY starts_at, id
                ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS ends_before
            FROM bookings WHERE status IN {LIVE} AND holder IS NOT NULL) AS visits
        WHERE starts_at < ends_before
        """
    )
    yield from view.pairs(
        """
        SELECT holder, 'this holder keeps ' || COUNT(*) || ' unpaid holds'
        FROM bookings WHERE status = 'held' AND holder IS NOT NULL
        GROUP BY holder HAVING COUNT(*) > :most
        """,
        most=MAX_UNPAID_HOLDS,
    )


@law("B3", "A booking lies inside the hours it was offered in, in a zone that exists.")
def inside_offered_hours(view: View) -> Found:
    """Against the opening hours as recorded when it was held."""
    yield from view.pairs(
        """
        SELECT id, 'the visit does not lie inside the opening hours recorded with it'
        FROM bookings WHERE NOT (starts_at < ends_at AND ends_at <= busy_until
            AND window_starts_at <= starts_at AND ends_at <= window_ends_at)
        """
    )
    for row in view.rows("SELECT zone, MIN(id) AS id FROM bookings GROUP BY zone"):
        if not _zone_exists(row.zone):
            yield row.id, f"its zone {row.zone} does not exist"


def _zone_exists(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return False
    return True


@law("B4", "A booking's history is a walk through the table of transitions, up to today.")
def legal_history(view: View) -> Found:
    """Every audited pair is an edge, each begins where the last ended, the last is the status."""
    yield from view.pairs(
        """
        SELECT id, 'its status ' || status || ' is not one of ours'
        FROM bookings WHERE status NOT IN {BOOKING}
        """
    )
    yield from view.pairs(
        """
        SELECT object_id, 'its history steps from ' || COALESCE(previous, 'nothing') || ' by '
            || COALESCE(before, 'nothing') || ' to ' || after
        FROM (
            SELECT object_id, before, after, LAG(after) OVER (
                PARTITION BY object_id ORDER BY seq) AS previous
            FROM audit_entries WHERE object = 'booking' AND after IS NOT NULL) AS steps
        WHERE COALESCE(before, '') <> COALESCE(previous, '')
           OR (before IS NULL AND after <> 'held')
           OR (before IS NOT NULL AND before || '>' || after NOT IN {BOOKING_EDGES})
        """
    )
    yield from view.pairs(
        """
        SELECT b.id, 'it is ' || b.status || ', but its history ends with '
            || COALESCE(a.after, 'nothing')
        FROM bookings b LEFT JOIN (
            SELECT object_id, MAX(seq) AS seq FROM audit_entries
            WHERE object = 'booking' AND after IS NOT NULL GROUP BY object_id) AS last
            ON last.object_id = b.id
        LEFT JOIN audit_entries a ON a.seq = last.seq
        WHERE COALESCE(a.after, '') <> b.status
        """
    )


@law("B5", "A hold has an end within the cap, and is given up at its end, not while payable.")
def holds_end(view: View) -> Found:
    """The cap is the review page's time, or the checkout's, or the visit for slow money.

    Money that is with a bank, or parked for a person, keeps its time until it is decided.
    """
    yield from view.pairs(
        """
        SELECT b.id, 'it is held without an end, or longer than allowed' FROM bookings b
        WHERE b.status = 'held' AND (b.hold_expires_at IS NULL
            OR (epoch(b.hold_expires_at) - epoch(b.held_at) > :cap
              AND (b.pay_by IS NULL OR b.pay_by < b.hold_expires_at) AND NOT EXISTS (
                SELECT 1 FROM payments p WHERE p.booking_id = b.id
                AND (p.checkout_expires_at >= b.hold_expires_at
                     OR (p.status IN ('processing', 'parked')
                         AND b.hold_expires_at <= b.starts_at)))))
        """,
        cap=int((HOLD + EXTENSION).total_seconds()),
    )
    yield from view.pairs(
        """
        SELECT b.id, 'it is held past its end' FROM bookings b
        WHERE b.status = 'held' AND b.hold_expires_at < :limit AND NOT EXISTS (
            SELECT 1 FROM payments p
            WHERE p.booking_id = b.id AND p.status IN ('processing', 'parked'))
        """,
        limit=view.ago(minutes=LATE_SWEEP_MINUTES),
    )
    yield from view.pairs(
        """
        SELECT b.id, 'it was given up while its checkout ' || p.checkout_ref || ' can still be paid'
        FROM payments p JOIN bookings b ON b.id = p.booking_id
        WHERE p.status IN ('creating', 'open', 'closing') AND p.checkout_expires_at > :now
          AND b.status IN ('expired', 'cancelled') AND p.purpose = 'visit'
        """,
        now=view.now,
    )


@law("B6", "A confirmed visit is paid: exactly the price, or it costs nothing.")
def confirmed_is_paid(view: View) -> Found:
    """At least one payment in the right amount and currency; M4 sees to "not more".

    The price is meant as it was before any move: B8 sees to what moves added or gave back.
    """
    return view.pairs(
        f"""
        SELECT b.id, 'it is ' || b.status || ' without a payment of its price'
        FROM bookings b LEFT JOIN ({MOVED}) AS moved ON moved.booking_id = b.id
        WHERE b.status IN {{PAID_FOR}} AND b.price_minor > 0 AND NOT EXISTS (
            SELECT 1 FROM payments p WHERE p.booking_id = b.id AND p.status = 'paid'
            AND p.purpose = 'visit' AND p.currency = b.currency
            AND (p.captured_minor = b.price_minor - COALESCE(moved.minor, 0)
                OR EXISTS (SELECT 1 FROM audit_entries a WHERE a.object = 'payment'
                    AND a.object_id = p.id AND a.event = 'accept')))
        """  # noqa: S608  # a constant of ours
    )


@law("B7", "The price stands as it was when the time was held.")
def price_stands(view: View) -> Found:
    """Every payment asks for it, a top-up for what its move adds; every receipt says it."""
    yield from view.pairs(
        f"""
        SELECT p.id, 'it asks for ' || p.amount_minor || ' ' || p.currency || ', the booking costs '
            || b.price_minor || ' ' || b.currency
        FROM payments p JOIN bookings b ON b.id = p.booking_id
        LEFT JOIN ({MOVED}) AS moved ON moved.booking_id = b.id
        LEFT JOIN booking_moves m ON m.payment_id = p.id
        WHERE p.currency <> b.currency OR p.amount_minor <> CASE WHEN p.purpose = 'top_up'
            THEN COALESCE(m.price_minor - m.from_price_minor, -1)
            ELSE b.price_minor - COALESCE(moved.minor, 0) END
        """  # noqa: S608  # a constant of ours
    )
    yield from view.pairs(
        """
        SELECT r.number, 'it does not say the amount that was captured'
        FROM receipts r JOIN payments p ON p.id = r.payment_id
        WHERE r.kind = 'receipt'
          AND CAST(fact(r.content, 'amount') AS INTEGER) <> COALESCE(p.captured_minor, -1)
        """
    )


@law("B9", "Only live bookings have cells, and a visit ahead has all of its own.")
def cells_belong(view: View) -> Found:
    """Cells of past visits may have been tidied away; those of a visit ahead may not be missing.

    While a move waits for its top-up, those of the new time are the booking's own, too.
    """
    yield from view.pairs(
        """
        SELECT b.id, 'it is ' || b.status || ' and still has ' || COUNT(*) || ' cells'
        FROM slot_claims c JOIN bookings b ON b.id = c.booking_id
        WHERE b.status NOT IN {LIVE} GROUP BY b.id, b.status
        """
    )
    yield from view.pairs(
        """
        SELECT b.id, 'it has a cell outside its time or of another doctor'
        FROM slot_claims c JOIN bookings b ON b.id = c.booking_id
        LEFT JOIN booking_moves m ON m.booking_id = b.id AND m.status = 'pending'
            AND m.doctor_id = c.doctor_id AND (c.cell_at + 1) * :cell > epoch(m.starts_at)
            AND c.cell_at * :cell < epoch(m.busy_until)
        WHERE m.id IS NULL AND (
            c.doctor_id <> b.doctor_id OR (c.cell_at + 1) * :cell <= epoch(b.starts_at)
            OR c.cell_at * :cell >= epoch(b.busy_until))
        GROUP BY b.id
        """,
        cell=CELL_MINUTES * 60,
    )
    yield from view.pairs(
        """
        SELECT c.booking_id, 'its cells belong to no booking' FROM slot_claims c
        LEFT JOIN bookings b ON b.id = c.booking_id WHERE b.id IS NULL GROUP BY c.booking_id
        """
    )
    yield from view.pairs(
        """
        SELECT b.id, 'it has ' || COUNT(c.cell_at) || ' cells, not all of its time'
        FROM bookings b LEFT JOIN slot_claims c ON c.booking_id = b.id
            AND c.doctor_id = b.doctor_id AND (c.cell_at + 1) * :cell > epoch(b.starts_at)
            AND c.cell_at * :cell < epoch(b.busy_until)
        WHERE b.status IN ('held', 'confirmed') AND b.starts_at > :now
          AND b.overbooked_reason = ''
        GROUP BY b.id, b.starts_at, b.busy_until
        HAVING COUNT(c.cell_at) <>
            (epoch(b.busy_until) - 1) / :cell - epoch(b.starts_at) / :cell + 1
        """,
        now=view.now,
        cell=CELL_MINUTES * 60,
    )


LAWS = (
    one_visit_at_a_time,
    nobody_in_two_places,
    inside_offered_hours,
    legal_history,
    holds_end,
    confirmed_is_paid,
    price_stands,
    cells_belong,
)
