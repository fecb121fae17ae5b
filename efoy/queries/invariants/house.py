"""Does what an admin set hold together: fees from a day on, rules in their newest version?"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from efoy.queries.invariants.law import law
from efoy.queries.invariants.view import View

Found = Iterable[tuple[str, str]]


@law("H1", "A fee begins at the midnight of its day, by the clinic's clocks.")
def fees_begin_at_midnight(view: View) -> Found:
    """The day against the instant that prices are compared by."""
    rows = view.rows(
        "SELECT p.id, p.valid_from, epoch(p.starts_at), c.zone FROM service_prices p, clinic c"
    )
    for key, day, seconds, zone in rows:
        on = day if isinstance(day, date) else date.fromisoformat(day)
        if datetime.combine(on, time(0), ZoneInfo(zone)).timestamp() != seconds:
            yield str(key), f"the fee from {on} begins at another instant than that midnight"


@law("H2", "A service is booked under the newest version of its rules.")
def rules_are_the_newest(view: View) -> Found:
    """Every save of rules takes the services that use them along."""
    return view.pairs(
        """
        SELECT s.slug, 'it is booked under version ' || p.version || ' of its rules'
        FROM services s JOIN refund_policies p ON p.id = s.policy_id
        WHERE EXISTS (
            SELECT 1 FROM refund_policies n
            WHERE COALESCE(n.first_id, n.id) = COALESCE(p.first_id, p.id)
                AND n.version > p.version)
        """
    )


LAWS = (fees_begin_at_midnight, rules_are_the_newest)
