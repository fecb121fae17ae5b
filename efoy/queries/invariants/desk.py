"""Is what the desk decided somebody's, allowed, and in the books where it lies?"""

from __future__ import annotations

from collections.abc import Iterable

from efoy.domain.booking import PAY_LINK_MOST
from efoy.domain.role import Action, Role, may
from efoy.domain.slot import CELL_MINUTES
from efoy.queries.invariants.law import law
from efoy.queries.invariants.view import View

Found = Iterable[tuple[str, str]]


def _not_allowed(view: View, sql: str, action: Action, sentence: str) -> Found:
    """The rows (subject, role of who did it) whose role may not do that, or is not known."""
    for subject, role in view.pairs(sql):
        if role not in set(Role) or not may(Role(role), action):
            yield subject, f"{sentence} by a {role}"


@law("B1", "Who stands beside another visit stands there by somebody's decision.")
def beside_on_purpose(view: View) -> Found:
    """The birth of the booking says beside whom, and was written by one who may."""
    sql = """
        SELECT b.id, COALESCE(a.role, 'nobody') FROM bookings b
        LEFT JOIN audit_entries a ON a.object = 'booking' AND a.object_id = b.id
            AND a.before IS NULL AND a.after = 'held' AND fact(a.facts, 'beside') IS NOT NULL
        WHERE b.overbooked_reason <> ''
    """
    yield from _not_allowed(view, sql, Action.OVERBOOK, "it was put beside another visit")


@law("B5", "A pay link keeps a time no longer than a pay page may last.")
def links_end(view: View) -> Found:
    """From half an hour to a day after it was held, and not past the visit's begin."""
    return view.pairs(
        """
        SELECT id, 'its pay link keeps the time too long' FROM bookings
        WHERE pay_by IS NOT NULL AND (made_by IS NULL OR pay_by > starts_at
            OR epoch(pay_by) - epoch(held_at) > :most)
        """,
        most=int(PAY_LINK_MOST.total_seconds()),
    )


@law("B6", "A free visit has its reason, and was made free by one who may.")
def free_for_a_reason(view: View) -> Found:
    """The birth of the booking says what it would have cost."""
    sql = """
        SELECT b.id, COALESCE(a.role, 'nobody') FROM bookings b
        LEFT JOIN audit_entries a ON a.object = 'booking' AND a.object_id = b.id
            AND a.before IS NULL AND fact(a.facts, 'way') = 'free'
            AND fact(a.facts, 'price') IS NOT NULL
        WHERE b.free_reason <> ''
    """
    yield from _not_allowed(view, sql, Action.TAKE_MONEY, "it was made free")


@law("B9", "A visit beside another leaves no cell of its time to be taken.")
def no_cell_is_free(view: View) -> Found:
    """Each is its own or another visit's: so nobody can book into it unasked."""
    return view.pairs(
        """
        SELECT b.id, 'a part of its time could be booked' FROM bookings b
        WHERE b.overbooked_reason <> '' AND b.status IN ('held', 'confirmed')
          AND b.starts_at > :now AND (
            SELECT COUNT(*) FROM slot_claims c WHERE c.doctor_id = b.doctor_id
              AND c.cell_at >= epoch(b.starts_at) / :cell
              AND c.cell_at <= (epoch(b.busy_until) - 1) / :cell)
            <> (epoch(b.busy_until) - 1) / :cell - epoch(b.starts_at) / :cell + 1
        """,
        now=view.now,
        cell=CELL_MINUTES * 60,
    )


@law("M6", "Money taken at the desk was taken by one who may, and lies in its own account.")
def money_in_its_place(view: View) -> Found:
    """Cash in the drawer, card at the terminal, and nothing of it on Stripe's balance."""
    yield from view.pairs(
        """
        SELECT p.id, 'it was taken by ' || p.method || ', the books do not say so' FROM payments p
        WHERE p.method IN ('cash', 'terminal') AND NOT EXISTS (
            SELECT 1 FROM ledger_entries l WHERE l.cause = 'charge:' || p.id
            AND l.account = 'desk_' || p.method AND l.minor = p.captured_minor)
        """
    )
    yield from view.pairs(
        """
        SELECT p.id, 'its ' || p.method || ' payment is booked on ' || l.account
        FROM payments p JOIN ledger_entries l ON l.cause = 'charge:' || p.id
        WHERE l.account NOT IN ('visit_income', CASE p.method WHEN 'stripe' THEN 'stripe_balance'
            ELSE 'desk_' || p.method END)
        """
    )
    sql = """
        SELECT p.id, COALESCE(a.role, 'nobody') FROM payments p
        LEFT JOIN audit_entries a ON a.object = 'payment' AND a.object_id = p.id
            AND a.after = 'paid' AND a.actor_id = p.taken_by
        WHERE p.method IN ('cash', 'terminal')
    """
    yield from _not_allowed(view, sql, Action.TAKE_MONEY, "it was taken")


LAWS = (
    beside_on_purpose,
    links_end,
    free_for_a_reason,
    no_cell_is_free,
    money_in_its_place,
)
