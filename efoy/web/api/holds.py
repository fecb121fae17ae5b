"""How does a program hold a time?"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import url_for
from werkzeug.datastructures import MultiDict

from efoy.domain.role import Action, Door
from efoy.domain.scope import Scope
from efoy.queries.lookups import find_booking_of
from efoy.queries.patient import BookingView
from efoy.services.booking import HoldRequest, hold_slot
from efoy.web.access import actor, requires
from efoy.web.api.blueprint import BOOKINGS, bp, scope
from efoy.web.api.booking_shapes import BookingShape
from efoy.web.api.bookings import shown
from efoy.web.api.fields import Instant, Shape, Text, slug_field
from efoy.web.api.keys import DESCRIBED, KeyReused, one_time_key
from efoy.web.api.parsing import refuse
from efoy.web.api.whose import reader
from efoy.web.booking_forms import FIELDS, DetailsForm, own_details
from efoy.web.context import locale
from efoy.web.limits import limit_hold
from efoy.web.login import viewer
from efoy.wiring import outside


class HoldArgs(Shape):
    """Which time, and who is coming; what is left out is taken from the account."""

    doctor = slug_field(required=True)
    service = slug_field(required=True)
    starts_at = Instant(required=True)
    name = Text(most=120)
    email = Text(most=254)
    phone = Text(most=32)


@bp.post("/bookings", tags=BOOKINGS)
@requires(Action.BOOK)
@scope(Scope.BOOKINGS_WRITE)
@limit_hold
@bp.doc(parameters=[DESCRIBED])
@bp.arguments(HoldArgs)
@bp.response(201, BookingShape)
def create_booking(given: dict[str, Any]) -> tuple[dict[str, Any], int, dict[str, str]]:
    """Hold a time for fifteen minutes. Price, length and rules are the clinic's."""
    wish = _wish(given)
    held = hold_slot(wish, actor=actor(Door.API), now=outside().clock())
    _same_wish(find_booking_of(reader(), held.ref), wish)
    return shown(held.ref), 201, {"Location": url_for("api.show_booking", ref=held.ref)}


def _wish(given: dict[str, Any]) -> HoldRequest:
    who, details = viewer(), _details(given)
    return HoldRequest(
        doctor=given["doctor"],
        service=given["service"],
        starts_at=given["starts_at"],
        locale=locale(),
        viewer_id=who.id if who else None,
        form_token=one_time_key(needed=False),
        name=details["name"],
        email=details["email"],
        phone=details["phone"],
    )


def _details(given: dict[str, Any]) -> dict[str, str]:
    """Who is coming, by the rules of the page's own form; 422 where they are broken."""
    known = own_details()
    typed = {name: given.get(name) or getattr(known, name) for name in FIELDS}
    form = DetailsForm(formdata=MultiDict(typed))
    if not form.validate():
        faults = [(name, words) for name, words in form.errors.items() if name]
        refuse([{"field": name, "detail": str(words[0])} for name, words in faults])
    return {name: str(form[name].data) for name in FIELDS}


def _same_wish(booking: BookingView, wish: HoldRequest) -> None:
    """A key that comes again with another wish is a mistake of the caller, not a repetition."""
    first: tuple[str, str, datetime] = (
        booking.doctor_slug,
        booking.service_slug,
        booking.starts_at,
    )
    if first != (wish.doctor, wish.service, wish.starts_at):
        raise KeyReused(booking.ref)
