"""The pages of bookings that are: all of mine, one of them, how it is paid, let it go."""

from __future__ import annotations

from types import SimpleNamespace

from flask import Blueprint, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from efoy.domain.booking import BookingStatus
from efoy.domain.errors import Forbidden, IllegalTransition, ProviderDown, ProviderRefused
from efoy.domain.payment import PaymentStatus, Standing
from efoy.domain.policy import ladder
from efoy.domain.role import Action, Door, Role
from efoy.queries.booking_page import BookingPage, booking_page
from efoy.queries.my_bookings import PAGE, TABS, MyBookings, my_bookings
from efoy.services.booking import cancel_booking
from efoy.web.access import actor, grant, public, signed_in
from efoy.web.context import clinic
from efoy.web.forms import new_form_token
from efoy.web.limits import limit_hold
from efoy.web.links import read_link
from efoy.web.login import viewer
from efoy.web.parameters import page_asked
from efoy.web.payment_pages import STILL_OPEN, asked_again, checking_page, look
from efoy.web.readers import allow, is_owner, own_booking, own_page, reader
from efoy.wiring import outside

bp = Blueprint("my_bookings", __name__)
BOOKED_JUST_NOW = 600
"""Seconds for which a booking's page says "You're booked" instead of "Your appointment"."""


# -- my appointments ----------------------------------------------------------------------------


@bp.get("/bookings")
@signed_in
def index() -> ResponseReturnValue:
    """The signed-in patient's appointments."""
    who = viewer()
    if who is None or who.role is not Role.PATIENT:
        raise Forbidden(Action.SEE_OWN)
    tab = request.args.get("tab", "upcoming")
    tab = tab if tab in TABS else "upcoming"
    found = my_bookings(who.id, tab, page=page_asked(), now=outside().clock())
    return render_template(
        "booking/list.html",
        tab=tab,
        counts=found.counts,
        bookings=found.rows,
        recently_cancelled=found.recently_cancelled,
        pager=_pager(found, tab),
    )


def _pager(found: MyBookings, tab: str) -> SimpleNamespace:
    def url(page: int) -> str:
        return url_for("my_bookings.index", tab=tab, page=page)

    more = found.page * PAGE < found.total
    return SimpleNamespace(
        first=found.first,
        last=found.last,
        total=found.total if found.total > PAGE else 0,
        previous_url=url(found.page - 1) if found.page > 1 else None,
        next_url=url(found.page + 1) if more else None,
    )


# -- one appointment ----------------------------------------------------------------------------


@bp.get("/bookings/<ref>")
@public
def show(ref: str) -> ResponseReturnValue:
    """One appointment, for whom it belongs to, for desk and admin. A mailed key opens it once."""
    if "key" in request.args:
        if read_link("booking", request.args["key"]) == ref:
            grant(ref)
        return redirect(url_for("my_bookings.show", ref=ref), code=303)
    page = own_page(ref)
    who = viewer()
    if who is not None and who.role is Role.DOCTOR:
        return redirect(f"/doctor/visits/{ref}", code=303)
    if is_owner():
        page, answered = asked_again(page)
        if not answered and page.standing is not Standing.PROCESSING:
            return checking_page(page, bank=False, again=url_for("my_bookings.show", ref=ref))
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
        can_cancel=False,
        can_pay=page.can_pay(now),
        late_but_yours=page.late_but_yours,
        paid_twice=page.paid_twice,
        history=page.history,
    )


def _steps(page: BookingPage) -> object:
    booking, now = page.booking, outside().clock()
    if booking.status is not BookingStatus.CONFIRMED or booking.starts_at <= now:
        return []
    return ladder(booking.policy, booking.price, starts_at=booking.starts_at, now=now)


@bp.get("/bookings/<ref>/standing.json")
@public
def standing(ref: str) -> ResponseReturnValue:
    """How the payment stands, for the page that waits for it; what we know, Stripe is not asked."""
    page = booking_page(reader(), ref)
    newest = page.newest
    settled = newest is None or newest.status not in {*STILL_OPEN, PaymentStatus.CLOSING}
    url = url_for("my_bookings.show", ref=ref)
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
    return redirect(url_for("my_bookings.show", ref=ref), code=303)


# -- let it go ----------------------------------------------------------------------------------


@bp.get("/bookings/<ref>/cancel")
@public
def cancel(ref: str) -> ResponseReturnValue:
    """Let a held time go; for a paid visit, how to reach the clinic."""
    page = own_page(ref)
    allow(Action.CANCEL)
    if page.booking.status is not BookingStatus.HELD:
        return _not_here(page)
    return render_template(
        "booking/cancel.html",
        booking=page.booking,
        quote=None,
        steps=[],
        form_token=new_form_token(),
        changed=False,
    )


def _not_here(page: BookingPage) -> ResponseReturnValue:
    """A paid visit is cancelled by the clinic: staff on their own page, patients by telephone."""
    ref = page.booking.ref
    if not is_owner():
        return redirect(f"/admin/bookings/{ref}", code=303)
    if page.booking.status is BookingStatus.CONFIRMED:
        words = _("To change or cancel, call %(phone)s and give booking %(ref)s.")
        flash(words % {"phone": clinic().phone, "ref": ref})
    return redirect(url_for("my_bookings.show", ref=ref), code=303)


@bp.post("/bookings/<ref>/cancel")
@public
@limit_hold
def let_go(ref: str) -> ResponseReturnValue:
    """Give a held time up. With a payment page open, Stripe says first how that ended."""
    booking = own_booking(ref)
    allow(Action.CANCEL)
    if booking.status is not BookingStatus.HELD:
        return _not_here(own_page(ref))
    out = outside()
    try:
        status = cancel_booking(
            booking.id,
            by="patient" if is_owner() else "clinic",
            reason="",
            stripe=out.stripe,
            actor=actor(),
            now=out.clock(),
            only_held=True,
        )
    except (ProviderDown, ProviderRefused):
        status = BookingStatus.HELD
    except IllegalTransition:
        return _not_here(own_page(ref))
    if status is BookingStatus.HELD:
        flash(_("We are closing the payment page. The time is free as soon as that is certain."))
    return redirect(url_for("my_bookings.show", ref=ref), code=303)
