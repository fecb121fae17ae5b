"""Which bookings does a program see?"""

from __future__ import annotations

from typing import Any

from marshmallow import fields
from marshmallow.validate import OneOf

from efoy.domain.booking import BookingStatus
from efoy.domain.role import Action
from efoy.domain.scope import Scope
from efoy.queries.booking_list import list_bookings
from efoy.queries.booking_page import booking_page
from efoy.queries.lookups import find_booking_of
from efoy.web.access import signed_in
from efoy.web.api.blueprint import BOOKINGS, bp, scope
from efoy.web.api.booking_shapes import BookingListShape, BookingShape, booking_facts
from efoy.web.api.cursors import PageArgs, cursor_of, written
from efoy.web.api.whose import allow_any, reader


class BookingListArgs(PageArgs):
    """Which bookings, and how many."""

    status = fields.String(load_default=None, validate=OneOf([str(one) for one in BookingStatus]))


@bp.get("/bookings", tags=BOOKINGS)
@signed_in
@scope(Scope.BOOKINGS_READ)
@bp.arguments(BookingListArgs, location="query")
@bp.response(200, BookingListShape)
def list_own_bookings(given: dict[str, Any]) -> dict[str, Any]:
    """Your bookings, latest visit first; all of them for desk and admin."""
    allow_any(Action.SEE_OWN, Action.SEE_ANY)
    status = BookingStatus(given["status"]) if given["status"] else None
    rows, following = list_bookings(
        reader(), status=status, cursor=cursor_of(given), limit=given["limit"]
    )
    bookings = [booking_facts(row.booking, row.standing) for row in rows]
    return {"bookings": bookings, "next_cursor": written(following)}


@bp.get("/bookings/<ref>", tags=BOOKINGS)
@signed_in
@scope(Scope.BOOKINGS_READ)
@bp.response(200, BookingShape)
def show_booking(ref: str) -> dict[str, Any]:
    """One booking as it stands, by its reference or id."""
    allow_any(Action.SEE_OWN, Action.SEE_ANY)
    return shown(find_booking_of(reader(), ref).ref)


def shown(ref: str) -> dict[str, Any]:
    """The values of one booking of this reader, as it stands."""
    page = booking_page(reader(), ref)
    return booking_facts(page.booking, page.standing)
