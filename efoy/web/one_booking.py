"""The page of one booking, for whom it belongs to, and how its payment stands."""

from __future__ import annotations

from datetime import datetime

from flask import Blueprint, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from efoy.domain.booking import BookingStatus
from efoy.domain.payment import PaymentStatus, Standing
from efoy.domain.policy import ladder
from efoy.domain.role import Action, Door, Role
from efoy.queries.away.answer import clinic_asks
from efoy.queries.booking_page import BookingPage, booking_page
from efoy.queries.cancelling import cancel_quote
from efoy.queries.patient import BookingView
from efoy.web.access import grant, public
from efoy.web.limits import limit_hold
from efoy.web.links import read_link
from efoy.web.login import viewer
from efoy.web.payment_pages import STILL_OPEN, asked_again, checking_page, look
from efoy.web.readers import allow, is_owner, own_page, reader
from efoy.wiring import outside

bp = Blueprint("one_booking", __name__)
BOOKED_JUST_NOW = 600
"""Seconds for which a booking's page says "You're booked" instead of "Your appointment"."""


@bp.get("/bookings/<ref>")
@public
def show(ref: str) -> ResponseReturnValue:
    """One appointment, for whom it belongs to, for desk and admin. A mailed key opens it once."""
    if "key" in request.args:
        if read_link("booking", request.args["key"]) == ref:
            grant(ref)
        onward = "review.show" if request.args.get("to") == "review" else "one_booking.show"
        return redirect(url_for(onward, ref=ref), code=303)
    page = own_page(ref)
    who = viewer()
    if who is not None and who.role is Role.DOCTOR:
        return redirect(f"/doctor/visits/{ref}", code=303)
    if is_owner():
        page, answered = asked_again(page)
        if not answered and page.standing is not Standing.PROCESSING and page.moving is None:
            return checking_page(page, bank=False, again=url_for("one_booking.show", ref=ref))
    return _draw(page)


def _draw(page: BookingPage) -> str:
    booking, now = page.booking, outside().clock()
    confirmed = booking.confirmed_at
    return render_template(
        "booking/show.html",
        booking=booking,
        standing=page.standing,
        is_past=booking.ends_at <= now,
        fresh=confirmed is not None and (now - confirmed).total_seconds() < BOOKED_JUST_NOW,
        payment=page.payment,
        refunds=page.refunds,
        steps=_steps(page),
        can_cancel=_can_cancel(booking, now),
        can_move=_can_cancel(booking, now) and page.moving is None,
        moving=page.moving,
        ended=page.ended,
        can_pay=page.can_pay(now),
        late_but_yours=page.late_but_yours,
        paid_twice=page.paid_twice,
        history=page.history,
        asked_to_move=is_owner() and clinic_asks(booking.id),
    )


def _can_cancel(booking: BookingView, now: datetime) -> bool:
    return booking.status is BookingStatus.CONFIRMED and booking.starts_at > now and is_owner()


def _steps(page: BookingPage) -> object:
    """The ladder of what is left of the price; nothing where cancelling gives nothing anyway."""
    booking, now = page.booking, outside().clock()
    if booking.status is not BookingStatus.CONFIRMED or booking.starts_at <= now:
        return []
    quote = cancel_quote(booking, now=now).quote
    left = booking.price if quote.blocked else quote.left
    return ladder(booking.policy, left, starts_at=booking.starts_at, now=now) if left else []


@bp.get("/bookings/<ref>/standing.json")
@public
def standing(ref: str) -> ResponseReturnValue:
    """How the payment stands, for the page that waits for it; what we know, Stripe is not asked."""
    page = booking_page(reader(), ref)
    newest = page.newest
    settled = newest is None or newest.status not in {*STILL_OPEN, PaymentStatus.CLOSING}
    url = url_for("one_booking.show", ref=ref)
    return jsonify(settled=settled, url=url, say=_say(page) if settled else "")


def _say(page: BookingPage) -> str:
    if page.booking.status is BookingStatus.CONFIRMED:
        return _("Your payment is confirmed.")
    if page.standing is Standing.UNPAID:
        return _("The payment did not go through. No money has been taken.")
    return _("There is news about your payment.")


@bp.post("/bookings/<ref>/check")
@public
@limit_hold
def check(ref: str) -> ResponseReturnValue:
    """Look again at Stripe, now."""
    newest = own_page(ref).newest
    allow(Action.CANCEL)  # owner, desk, admin; money is nothing of a doctor's
    if newest is not None and newest.checkout_ref is not None:
        look(newest.id, Door.WEB)
    return redirect(url_for("one_booking.show", ref=ref), code=303)
