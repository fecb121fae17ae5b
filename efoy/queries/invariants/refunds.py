"""Is every refund somebody's decision, and is its word the truth?"""

from __future__ import annotations

from collections.abc import Iterable

from efoy.domain.role import Action, Role, may
from efoy.queries.invariants.law import law
from efoy.queries.invariants.view import View

Found = Iterable[tuple[str, str]]


@law("R1", "A refund of ours was committed before it was sent; a foreign one says so.")
def committed_before_sent(view: View) -> Found:
    """External ones have Stripe's reference and no key of ours."""
    yield from view.pairs(
        """
        SELECT id, 'it came from outside, but its origin or key says otherwise' FROM refunds
        WHERE (origin = 'external') <> (idempotency_key IS NULL)
           OR (origin = 'external' AND refund_ref IS NULL)
        """
    )
    yield from view.pairs(
        """
        SELECT id, 'it is ' || status || ' without a refund at Stripe' FROM refunds
        WHERE status IN ('pending', 'requires_action', 'succeeded') AND refund_ref IS NULL
          AND way = 'stripe'
        """
    )
    yield from view.pairs(
        """
        SELECT id, 'it was sent before it was asked for' FROM refunds
        WHERE origin <> 'external' AND submitted_at < created_at
        """
    )


@law("R2", "“Refunded” is succeeded refunds alone, and one that failed is with a person.")
def refunded_is_true(view: View) -> Found:
    """A refund that failed raised an alert, unless a fresh one took its place by itself."""
    yield from view.pairs(
        """
        SELECT id, 'it succeeded, and nobody knows when' FROM refunds
        WHERE status = 'succeeded' AND succeeded_at IS NULL
        """
    )
    yield from view.pairs(
        """
        SELECT r.id, 'it is ' || r.status || ', and nobody was told' FROM refunds r
        WHERE r.status IN ('failed', 'canceled')
          AND COALESCE(r.failure_reason, '') <> 'never_arrived'
          AND NOT EXISTS (SELECT 1 FROM alerts a
            WHERE a.kind = 'refund_failed' AND a.subject_ref = r.id)
        """
    )


@law("R3", "Each refund says who, in which role, why, and what could be given back.")
def somebody_decided(view: View) -> Found:
    """An admin's refund was an admin's; the amount was available as they saw it."""
    yield from view.pairs(
        """
        SELECT id, 'it says neither who nor why' FROM refunds
        WHERE actor_role = '' OR reason = '' OR (origin = 'admin' AND actor_id IS NULL)
        """
    )
    yield from view.pairs(
        """
        SELECT id, 'it takes ' || amount_minor || ' of ' || available_minor || ' available'
        FROM refunds WHERE origin <> 'external' AND amount_minor > available_minor
        """
    )
    roles = (
        "SELECT id, actor_role FROM refunds WHERE origin = 'admin' AND first_by IS NULL"
        " GROUP BY actor_role, id"
    )
    for refund, role in view.pairs(roles):
        if role not in set(Role) or not may(Role(role), Action.REFUND):
            yield refund, f"a {role} may not refund"


@law("R3", "Above the limit two people agreed, and whoever approves may refund.")
def two_people_agreed(view: View) -> Found:
    """The second is another than the first; money by hand has the name of who handed it over."""
    yield from view.pairs(
        """
        SELECT id, 'it waited for a second person, and went without one' FROM refunds
        WHERE first_by IS NOT NULL AND (decided_by = first_by
            OR decided_by IS NULL AND status NOT IN ('proposed', 'withdrawn'))
        """
    )
    yield from view.pairs(
        """
        SELECT object_id, 'it was approved by a ' || role FROM audit_entries
        WHERE object = 'refund' AND event IN ('approve', 'hand_over') AND role <> 'admin'
        """
    )
    yield from view.pairs(
        """
        SELECT r.id, 'it was handed over, and the books do not say from where' FROM refunds r
        WHERE r.way <> 'stripe' AND r.status = 'succeeded' AND (
            COALESCE(r.handed_by, '') = '' OR NOT EXISTS (
                SELECT 1 FROM ledger_entries l WHERE l.cause = 'refund:' || r.id
                AND l.minor = -r.amount_minor AND l.account = CASE r.way
                    WHEN 'cash' THEN 'desk_cash' WHEN 'terminal' THEN 'desk_terminal'
                    ELSE 'clinic_bank' END))
        """
    )


LAWS = (committed_before_sent, refunded_is_true, somebody_decided, two_people_agreed)
