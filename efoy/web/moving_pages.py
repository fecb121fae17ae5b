"""What does somebody see who moves a visit? The choice, old and new, what is open, or too late."""

from __future__ import annotations

from typing import Any

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from efoy.domain.booking import BookingStatus
from efoy.domain.errors import Conflict, NotFound
from efoy.domain.moving import movable_until
from efoy.queries.away.answer import clinic_asks
from efoy.queries.booking_page import BookingPage
from efoy.queries.doctor_page import doctor_page
from efoy.queries.moving import colleagues
from efoy.services.moving import CLINIC, PATIENT, MoveWish, quote_move
from efoy.web.forms import new_form_token
from efoy.web.moving_words import why_not
from efoy.web.parameters import day_asked, slug
from efoy.web.readers import is_owner
from efoy.wiring import outside


def rights(page: BookingPage) -> dict[str, Any]:
    """Whose move it is, for the wish. One made at the clinic never asks the patient for more, nor
    does one that the clinic asked for: that has no deadline either."""
    whose = {"by": PATIENT} if is_owner() else {"by": CLINIC, "waived": True}
    return {**whose, "free_of_charge": clinic_asks(page.booking.id)}


def doctor_asked() -> str | None:
    """The doctor of the address or the form, None for the one the visit is with."""
    text = request.values.get("doctor", "")
    return slug(text) if text else None


def in_the_way(page: BookingPage, *, status: int = 200) -> ResponseReturnValue | None:
    """The page that says what stands in the way of a move; None where nothing does."""
    booking, now = page.booking, outside().clock()
    if booking.status is not BookingStatus.CONFIRMED:
        return redirect(url_for("one_booking.show", ref=booking.ref), code=303)
    if page.moving is not None:
        return waiting(page, status=status)
    until = movable_until(booking.policy, booking.starts_at) if is_owner() else booking.starts_at
    if now >= booking.starts_at or (now > until and not clinic_asks(booking.id)):
        return too_late(page, status=status)
    return None


def too_late(page: BookingPage, *, status: int = 200) -> ResponseReturnValue:
    """Until when it was possible, and what is left to do."""
    booking, now = page.booking, outside().clock()
    drawn = render_template(
        "booking/move_too_late.html",
        booking=booking,
        until=movable_until(booking.policy, booking.starts_at) if is_owner() else booking.starts_at,
        can_cancel=is_owner() and now < booking.starts_at,
    )
    return drawn, status


def waiting(
    page: BookingPage, *, status: int = 200, unavailable: bool = False
) -> ResponseReturnValue:
    """A new time is held and not paid: pay for it, or keep the old one."""
    drawn = render_template(
        "booking/move_waiting.html",
        booking=page.booking,
        moving=page.moving,
        can_pay=is_owner(),
        unavailable=unavailable,
        form_token=new_form_token(),
    )
    return drawn, status


def choose(page: BookingPage, *, error: str = "", status: int = 200) -> ResponseReturnValue:
    """The times of the doctor the visit is with, or of one of the colleagues."""
    booking, now = page.booking, outside().clock()
    doctor = doctor_asked() or booking.doctor_slug
    try:
        times = doctor_page(
            doctor, booking.service_slug, week=day_asked("week"), day=day_asked("day"), now=now
        )
    except NotFound:
        times = None
    drawn = render_template(
        "booking/move.html",
        booking=booking,
        doctor=doctor,
        times=times,
        others=colleagues(booking.service_slug, but=doctor, now=now),
        error=error,
    )
    return drawn, status


def review(
    page: BookingPage, wish: MoveWish, *, changed: bool = False, status: int = 200
) -> ResponseReturnValue:
    """Old and new, and what is to pay or comes back; a time that is not offered: the choice."""
    try:
        quote = quote_move(page.booking.id, wish, now=outside().clock())
    except Conflict as error:
        return choose(page, error=why_not(error), status=409)
    drawn = render_template(
        "booking/move_review.html",
        booking=page.booking,
        quote=quote,
        by_clinic=not is_owner(),
        form_token=new_form_token(),
        changed=changed,
    )
    return drawn, status
