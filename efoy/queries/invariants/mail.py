"""Was every mail promised once, to its owner, and is it true?"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from efoy.domain.outbox import GIVE_UP_AFTER
from efoy.queries.invariants.law import law
from efoy.queries.invariants.view import View

Found = Iterable[tuple[str, str]]
OF_BOOKINGS = "('booked', 'cancelled_by_clinic', 'cancelled_by_patient')"
ABOUT_BOOKINGS = "('booked', 'cancelled_by_clinic', 'cancelled_by_patient', 'pay_link')"
OF_PAYMENTS = "('payment_failed', 'paid_too_late', 'paid_twice', 'move_not_made')"
OF_REFUNDS = "('refund_sent', 'refund_failed', 'refund_by_hand', 'refund_wish')"
LAST_TRY = timedelta(hours=2)


@law("N1", "One promise for each cause and address.")
def promised_once(view: View) -> Found:
    """Whatever the case of the address."""
    return view.pairs(
        """
        SELECT MIN(id), kind || ' about ' || subject_ref || ' was promised ' || COUNT(*)
            || ' times to one address'
        FROM outbox_messages GROUP BY kind, subject_ref, LOWER(address) HAVING COUNT(*) > 1
        """
    )


@law("N2", "No receipt without money, and no word of a refund before it was sent.")
def mails_tell_the_truth(view: View) -> Found:
    """What was mailed, and the papers themselves."""
    yield from view.pairs(
        f"""
        SELECT m.id, 'it says booked, and the booking was never paid'
        FROM outbox_messages m JOIN bookings b ON b.id = m.subject_ref
        WHERE m.kind = 'booked' AND b.price_minor > 0 AND b.confirmed_at IS NULL
           OR m.kind IN {OF_BOOKINGS} AND m.kind <> 'booked' AND b.status <> 'cancelled'
        """  # noqa: S608  # a constant of ours
    )
    yield from view.pairs(
        """
        SELECT m.id, 'it says sent, and the refund is ' || r.status
        FROM outbox_messages m JOIN refunds r ON r.id = m.subject_ref
        WHERE m.kind = 'refund_sent' AND r.status IN ('proposed', 'requested', 'withdrawn')
        """
    )
    yield from view.pairs(
        """
        SELECT r.number, 'its payment is ' || p.status
        FROM receipts r JOIN payments p ON p.id = r.payment_id WHERE p.status <> 'paid'
        """
    )
    yield from _gap_free(view)


def _gap_free(view: View) -> Found:
    """Numbers run from one to the counter, a kind and year: a gap is a paper that vanished."""
    return view.pairs(
        """
        SELECT c.kind || ' ' || c.year, 'the counter is at ' || c.last || ', there are '
            || COUNT(r.number) || ' papers'
        FROM receipt_counters c LEFT JOIN receipts r
            ON r.kind = c.kind AND SUBSTR(r.number, 3, 4) = CAST(c.year AS VARCHAR(4))
        GROUP BY c.kind, c.year, c.last HAVING COUNT(r.number) <> c.last
        """
    )


@law("N3", "Each mail goes to the person whose booking it is about.")
def mails_go_to_the_owner(view: View) -> Found:
    """By way of payment and refund to the booking; a mail about nothing is nobody's."""
    return view.pairs(
        f"""
        SELECT m.id, 'it is about ' || m.subject_ref || ', which is not this address''s'
        FROM outbox_messages m
        LEFT JOIN refunds r ON m.kind IN {OF_REFUNDS} AND r.id = m.subject_ref
        LEFT JOIN payments p ON p.id = CASE WHEN m.kind IN {OF_PAYMENTS} THEN m.subject_ref
            ELSE r.payment_id END
        LEFT JOIN bookings b ON b.id = CASE WHEN m.kind IN {ABOUT_BOOKINGS} THEN m.subject_ref
            ELSE p.booking_id END
        WHERE (m.kind IN {ABOUT_BOOKINGS} OR m.kind IN {OF_PAYMENTS} OR m.kind IN {OF_REFUNDS})
          AND COALESCE(LOWER(b.visitor_email), '') <> LOWER(m.address)
        """  # noqa: S608  # constants of ours
    )


@law("N4", "Each promise is kept, waiting for its time, or given up with somebody told.")
def no_promise_forgotten(view: View) -> Found:
    """Two days of tries, then a person is told."""
    yield from view.pairs(
        "SELECT id, 'its status ' || status || ' is not one of ours' FROM outbox_messages"
        " WHERE status NOT IN {OUTBOX}"
    )
    yield from view.pairs(
        "SELECT id, 'it is older than the last try' FROM outbox_messages"
        " WHERE status = 'new' AND created_at < :limit",
        limit=view.now - GIVE_UP_AFTER - LAST_TRY,
    )
    yield from view.pairs(
        """
        SELECT m.id, 'it was given up, and nobody was told' FROM outbox_messages m
        WHERE m.status = 'dead' AND m.kind <> 'admin_alert' AND NOT EXISTS (
            SELECT 1 FROM alerts a WHERE a.subject_ref = m.id OR a.kind = 'restored')
        """
    )
    yield from view.pairs(
        "SELECT id, 'it was sent, and nobody knows when' FROM outbox_messages"
        " WHERE status = 'sent' AND sent_at IS NULL"
    )


LAWS = (promised_once, mails_tell_the_truth, mails_go_to_the_owner, no_promise_forgotten)
