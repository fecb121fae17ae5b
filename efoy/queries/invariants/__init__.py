"""What must always be true here, and where is it not? One file for each kind of thing.

``check`` reads one moment of the database and repairs nothing. The codes are those of the list of
invariants the product is built on: B bookings, M money, R refunds, E events, N mail, A audit,
L liveness; W is the waiting list, H the house.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from efoy.models.base import snapshot
from efoy.queries.invariants import (
    audit,
    bookings,
    cancelling,
    closings,
    desk,
    doctors,
    events,
    house,
    mail,
    money,
    moves,
    refunds,
    rest,
    waiting,
)
from efoy.queries.invariants.law import Law, Violation
from efoy.queries.invariants.view import View

LAWS: tuple[Law, ...] = (
    *bookings.LAWS,
    *moves.LAWS,
    *closings.LAWS,
    *desk.LAWS,
    *doctors.LAWS,
    *house.LAWS,
    *money.LAWS,
    *refunds.LAWS,
    *cancelling.LAWS,
    *events.LAWS,
    *mail.LAWS,
    *audit.LAWS,
    *rest.LAWS,
    *waiting.LAWS,
)

__all__ = ["LAWS", "Law", "View", "Violation", "check"]


def check(*, now: datetime, at_rest: bool = False, whole_chain: bool = False) -> list[Violation]:
    """Everything that is not as it must be, at one moment of the database.

    ``at_rest``: the worker is idle and every timer has run out, so nothing may be waiting at all.
    ``whole_chain``: verify every link of the audit trail instead of the newest ones.
    """
    with snapshot() as connection:
        view = View(connection, now=now, at_rest=at_rest, whole_chain=whole_chain)
        with view.room_to_sort():
            return list(_found(view))


def _found(view: View) -> Iterator[Violation]:
    for law in LAWS:
        yield from law.broken(view)
