"""Is anything stuck on its way? At rest nothing may be; else nothing for longer than it takes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from efoy.queries.invariants.law import law
from efoy.queries.invariants.view import View

Found = Iterable[tuple[str, str]]
BANK_TAKES = timedelta(days=30)
"""The slowest delayed method; at rest, too, money may be with a bank."""


@law("L1", "Nothing stays on its way.")
def nothing_is_stuck(view: View) -> Found:
    """Payments, refunds and mails that wait for us; those that wait for a bank may."""
    yield from _payments(view)
    yield from _refunds(view)
    if view.at_rest:
        yield from view.pairs(
            "SELECT id, kind || ' still waits to be sent' FROM outbox_messages WHERE status = 'new'"
        )


def _payments(view: View) -> Found:
    yield from view.pairs(
        "SELECT id, 'it is still being created' FROM payments"
        " WHERE status = 'creating' AND created_at <= :limit",
        limit=view.ago(hours=24),
    )
    yield from view.pairs(
        "SELECT id, 'it is still ' || status || ' after its checkout ended' FROM payments"
        " WHERE status IN ('open', 'closing') AND checkout_expires_at <= :limit",
        limit=view.ago(hours=2),
    )
    yield from view.pairs(
        "SELECT id, 'the bank has had it for a month' FROM payments"
        " WHERE status = 'processing' AND created_at <= :limit",
        limit=view.now - BANK_TAKES,
    )


def _refunds(view: View) -> Found:
    """Requested ones may wait for a person who was told: a dispute, the breaker."""
    yield from view.pairs(
        """
        SELECT r.id, 'it was asked for and never sent' FROM refunds r
        WHERE r.status = 'requested' AND r.created_at <= :limit AND NOT EXISTS (
            SELECT 1 FROM alerts a WHERE a.closed_at IS NULL
            AND (a.kind = 'refund_waits' AND a.subject_ref = r.id
                 OR a.kind = 'refund_breaker' AND r.origin = 'auto'))
        """,
        limit=view.ago(hours=2),
    )
    yield from view.pairs(
        "SELECT id, 'it was sent and nobody knows what became of it' FROM refunds"
        " WHERE status = 'submitted' AND refund_ref IS NULL AND submitted_at <= :limit",
        limit=view.ago(hours=24),
    )


LAWS = (nothing_is_stuck,)
