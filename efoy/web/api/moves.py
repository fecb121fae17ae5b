"""How does a program move a booked visit, and pay what a dearer time costs more?"""

from __future__ import annotations

from typing import Any

from marshmallow import fields
from marshmallow.validate import Range

from efoy.domain.errors import ProviderDown
from efoy.domain.money import MAXIMUM_MINOR
from efoy.domain.moving import MoveStatus
from efoy.domain.role import Action, Door, Role
from efoy.domain.scope import Scope
from efoy.queries.lookups import find_booking_of
from efoy.services.moving import CLINIC, PATIENT, Moved, MoveWish, move_booking
from efoy.web.access import actor, requires
from efoy.web.api.blueprint import BOOKINGS, bp, scope
from efoy.web.api.booking_shapes import BookingShape
from efoy.web.api.bookings import shown
from efoy.web.api.fields import Count, Instant, Shape, slug_field
from efoy.web.api.keys import DESCRIBED, KeyReused, one_time_key
from efoy.web.api.whose import reader
from efoy.web.limits import limit_pay
from efoy.web.login import viewer
from efoy.web.to_stripe import is_checkout, return_urls
from efoy.wiring import outside


class MoveArgs(Shape):
    """The new time, perhaps with another doctor; ``difference`` as it was shown, if it was."""

    starts_at = Instant(required=True)
    doctor = slug_field(load_default=None)
    difference = Count(load_default=None, validate=Range(-MAXIMUM_MINOR, MAXIMUM_MINOR))


class MoveShape(Shape):
    """``done``, or ``pending`` until the top-up is paid at ``checkout_url``.

    ``difference`` is what the new time costs more (negative: less), ``back`` what goes back.
    """

    status = fields.String()
    starts_at = Instant()
    difference = fields.Integer()
    back = fields.Integer()
    currency = fields.String()
    checkout_url = fields.String(allow_none=True)
    expires_at = Instant(allow_none=True)


class MovedShape(BookingShape):
    """The booking as it stands, with its move."""

    move = fields.Nested(MoveShape)


@bp.post("/bookings/<ref>/move", tags=BOOKINGS)
@requires(Action.CANCEL)
@scope(Scope.BOOKINGS_WRITE)
@limit_pay
@bp.doc(parameters=[DESCRIBED])
@bp.arguments(MoveArgs)
@bp.response(200, MovedShape)
@bp.alt_response(202, schema=MovedShape, success=True, description="Held until the top-up is paid")
def move_own_booking(given: dict[str, Any], ref: str) -> tuple[dict[str, Any], int]:
    """Move a booked visit. 202 where it is dearer: the old time stays until the rest is paid."""
    booking = find_booking_of(reader(), ref)
    out = outside()
    moved = move_booking(
        booking.id,
        _wish(given),
        stripe=out.stripe,
        urls=return_urls(),
        actor=actor(Door.API),
        now=out.clock(),
    )
    if moved.starts_at != given["starts_at"]:
        raise KeyReused(booking.ref)
    status = 202 if moved.status is MoveStatus.PENDING else 200
    return shown(booking.ref) | {"move": _facts(moved)}, status


def _wish(given: dict[str, Any]) -> MoveWish:
    who = viewer()
    patient = who is not None and who.role is Role.PATIENT
    return MoveWish(
        starts_at=given["starts_at"],
        doctor=given["doctor"],
        by=PATIENT if patient else CLINIC,
        waived=not patient,
        quoted=given["difference"],
        form_token=one_time_key(needed=False),
    )


def _facts(moved: Moved) -> dict[str, Any]:
    page = moved.page
    if page is not None and page.url is not None and not is_checkout(page.url):
        raise ProviderDown("checkout")
    return {
        "status": str(moved.status),
        "starts_at": moved.starts_at,
        "difference": moved.difference.minor,
        "back": moved.back.minor,
        "currency": moved.difference.currency,
        "checkout_url": page.url if page else None,
        "expires_at": page.expires_at if page else None,
    }
