"""Did every message from Stripe lead to the truth, once?"""

from __future__ import annotations

from collections.abc import Iterable

from efoy.queries.invariants.law import law
from efoy.queries.invariants.view import View

Found = Iterable[tuple[str, str]]
UNDECIDED_HOURS = 2
"""How long a stored message may wait while Stripe cannot be asked."""


@law("E1", "Each message is kept once, and ends applied, ignored or parked with a person told.")
def every_message_ends(view: View) -> Found:
    """None waits for long; a parked one raised an alert."""
    yield from view.pairs(
        "SELECT id, 'its status ' || status || ' is not one of ours' FROM stripe_events"
        " WHERE status NOT IN {EVENT}"
    )
    yield from view.pairs(
        "SELECT id, 'it has been waiting since it was received' FROM stripe_events"
        " WHERE status = 'received' AND received_at <= :limit",
        limit=view.ago(hours=UNDECIDED_HOURS),
    )
    yield from view.pairs(
        """
        SELECT e.id, 'it is parked, and nobody was told' FROM stripe_events e
        WHERE e.status = 'parked' AND NOT EXISTS (SELECT 1 FROM alerts a
            WHERE a.kind = 'unmatched_event' AND a.subject_ref = e.id)
        """
    )
    yield from view.pairs(
        "SELECT id, 'it is ' || status || ', and nobody knows when' FROM stripe_events"
        " WHERE status IN ('done', 'ignored') AND done_at IS NULL"
    )


@law("E2", "Nothing is called paid or refunded without what Stripe showed.")
def paid_was_seen(view: View) -> Found:
    """The observation stands in the audit entry: object, status, amount, how it was obtained.

    Money taken at the desk never was at Stripe, nor what was handed back from there.
    """
    yield from view.pairs(
        """
        SELECT object_id, 'it was called paid without a look at Stripe' FROM audit_entries
        WHERE object = 'payment' AND after = 'paid' AND event <> 'accept'
          AND object_id NOT IN (SELECT id FROM payments WHERE method IN ('cash', 'terminal'))
          AND (fact(facts, 'seen') IS NULL OR COALESCE(fact(facts, 'funds'), '') <> 'paid'
               OR fact(facts, 'amount') IS NULL OR fact(facts, 'how') IS NULL)
        """
    )
    yield from view.pairs(
        """
        SELECT object_id, 'it was called succeeded without a look at Stripe' FROM audit_entries
        WHERE object = 'refund' AND after = 'succeeded' AND event <> 'hand_over'
          AND (fact(facts, 'seen') IS NULL OR COALESCE(fact(facts, 'status'), '') <> 'succeeded'
               OR fact(facts, 'amount') IS NULL OR fact(facts, 'how') IS NULL)
        """
    )


@law("E3", "However often a message came, its effect is there once.")
def once_whatever_comes(view: View) -> Found:
    """One ledger transaction a cause, one receipt a paid payment, one step into each status."""
    yield from view.pairs(
        """
        SELECT cause, 'it was booked ' || COUNT(DISTINCT transaction_id) || ' times'
        FROM ledger_entries GROUP BY cause HAVING COUNT(DISTINCT transaction_id) > 1
        """
    )
    yield from view.pairs(
        """
        SELECT payment_id, 'it has ' || COUNT(*) || ' receipts' FROM receipts
        WHERE kind = 'receipt' GROUP BY payment_id HAVING COUNT(*) > 1
        """
    )
    yield from view.pairs(
        """
        SELECT object_id, 'it was paid ' || COUNT(*) || ' times' FROM audit_entries
        WHERE object = 'payment' AND after = 'paid' GROUP BY object_id HAVING COUNT(*) > 1
        """
    )


LAWS = (every_message_ends, paid_was_seen, once_whatever_comes)
