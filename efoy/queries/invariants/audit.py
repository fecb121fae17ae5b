"""Is the audit trail whole: one entry a change, in order, and nobody rewrote it?"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select

from efoy.models.audit import AuditEntry, AuditSeal, link
from efoy.queries.invariants.law import law
from efoy.queries.invariants.view import View

Found = Iterable[tuple[str, str]]
NEWEST = 20_000
"""Links verified at each run; the whole chain on request."""
UNSEALED_MINUTES = 10
KINDS = (
    ("payment", "payments", "('creating')", "{PAYMENT_EDGES}"),
    ("closing", "day_closings", "('running')", "{CLOSING_EDGES}"),
    ("closing_item", "day_closing_items", "('waiting')", "{ITEM_EDGES}"),
    ("waiting", "waitlist_entries", "('waiting')", "{WAITING_EDGES}"),
    ("offer", "waitlist_offers", "('open')", "{OFFER_EDGES}"),
    ("refund", "refunds", "{REFUND_FIRST}", "{REFUND_EDGES}"),
)
STEPS = """
    SELECT object_id, 'its history steps from ' || COALESCE(previous, 'nothing') || ' by '
        || COALESCE(before, 'nothing') || ' to ' || after
    FROM (
        SELECT object_id, before, after, LAG(after) OVER (
            PARTITION BY object_id ORDER BY seq) AS previous
        FROM audit_entries WHERE object = :kind AND after IS NOT NULL) AS steps
    WHERE COALESCE(before, '') <> COALESCE(previous, '')
       OR (before IS NULL AND after NOT IN <first>)
       OR (before IS NOT NULL AND before || '>' || after NOT IN <edges>)
"""
LAST = """
    SELECT t.id, 'it is ' || t.status || ', but its history ends with '
        || COALESCE(a.after, 'nothing')
    FROM <table> t LEFT JOIN (
        SELECT object_id, MAX(seq) AS seq FROM audit_entries
        WHERE object = :kind AND after IS NOT NULL GROUP BY object_id) AS last
        ON last.object_id = t.id
    LEFT JOIN audit_entries a ON a.seq = last.seq
    WHERE COALESCE(a.after, '') <> t.status
"""


@law("A1", "Each change of money has its one entry, with who and through which door.")
def one_entry_a_change(view: View) -> Found:
    """Payments and refunds walk their tables; a dispute's last word is its status."""
    for kind, table, first, edges in KINDS:
        steps = STEPS.replace("<edges>", edges).replace("<first>", first)
        yield from view.pairs(steps, kind=kind)
        yield from view.pairs(LAST.replace("<table>", table), kind=kind)
    yield from view.pairs(LAST.replace("<table>", "disputes"), kind="dispute")
    yield from view.pairs(
        "SELECT CAST(seq AS VARCHAR(20)), 'it says neither role nor door' FROM audit_entries"
        " WHERE role = '' OR door = ''"
    )


@law("A1", "The entries are chained by hash, and the chain holds.")
def the_chain_holds(view: View) -> Found:
    """Positions without a gap, each link made of the entry as it stands and the link before."""
    count, last = _length(view)
    if count != last:
        yield "chain", f"it has {count} links, the last says {last}"
    yield from _links(view, 0 if view.whole_chain else max(last - NEWEST, 0))
    yield from view.pairs(
        """
        SELECT CAST(e.seq AS VARCHAR(20)), 'it is not in the chain' FROM audit_entries e
        LEFT JOIN audit_seals s ON s.seq = e.seq WHERE s.seq IS NULL AND e.at < :limit
        """,
        limit=view.ago(minutes=UNSEALED_MINUTES),
    )


def _length(view: View) -> tuple[int, int]:
    row = next(view.rows("SELECT COUNT(*), COALESCE(MAX(position), 0) FROM audit_seals"))
    return row[0], row[1]


def _links(view: View, after: int) -> Found:
    seals, entries = AuditSeal.__table__, AuditEntry.__table__
    before = select(seals.c.hash).where(seals.c.position == after)
    previous = view.connection.scalar(before) or ""
    query = (
        select(seals.c.position, seals.c.hash, entries)
        .join(entries, entries.c.seq == seals.c.seq)
        .where(seals.c.position > after)
        .order_by(seals.c.position)
        .execution_options(yield_per=1000)
    )
    for row in view.connection.execute(query):
        if link(previous, row) != row.hash:
            yield str(row.seq), "it is not the entry that was sealed"
        previous = row.hash


LAWS = (one_entry_a_change, the_chain_holds)
