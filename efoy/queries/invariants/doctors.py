"""Is what doctors write about visits written down, too: arrivals, and notes without their words?"""

from __future__ import annotations

from collections.abc import Iterable

from efoy.queries.invariants.law import law
from efoy.queries.invariants.view import View

Found = Iterable[tuple[str, str]]


@law("A1", "A patient is here exactly when the last word about it says so.")
def arrivals_are_told(view: View) -> Found:
    """The fact beside the visit against the newest of its entries."""
    return view.pairs(
        """
        SELECT b.id, 'whether the patient is here differs from its history'
        FROM bookings b LEFT JOIN (
            SELECT object_id, MAX(seq) AS seq FROM audit_entries
            WHERE object = 'booking' AND event IN ('arrive', 'not_here')
            GROUP BY object_id) AS last ON last.object_id = b.id
        LEFT JOIN audit_entries a ON a.seq = last.seq
        WHERE (b.arrived_at IS NULL) <> (COALESCE(a.event, 'not_here') = 'not_here')
        """
    )


@law("A1", "Each wording of a doctor's note has its entry, and they follow one another.")
def notes_are_told(view: View) -> Found:
    """As many entries as wordings, and positions from one on without a gap."""
    yield from view.pairs(
        """
        SELECT n.booking_id, 'its notes have ' || n.wordings || ' wordings and '
            || COALESCE(a.entries, 0) || ' entries'
        FROM (SELECT booking_id, COUNT(*) AS wordings FROM visit_notes GROUP BY booking_id) AS n
        LEFT JOIN (
            SELECT object_id, COUNT(*) AS entries FROM audit_entries
            WHERE object = 'visit_note' GROUP BY object_id) AS a ON a.object_id = n.booking_id
        WHERE n.wordings <> COALESCE(a.entries, 0)
        """
    )
    yield from view.pairs(
        """
        SELECT booking_id, 'a wording of its notes is missing' FROM visit_notes
        GROUP BY booking_id, doctor_id HAVING COUNT(*) <> MAX(position)
        """
    )


LAWS = (arrivals_are_told, notes_are_told)
