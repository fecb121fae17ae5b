"""The way to Stripe's page and back. What happened there is asked of Stripe, not of the address."""

from __future__ import annotations

import re

import structlog
from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue

from efoy.domain.errors import (
    AlreadyPaid,
    HoldExpired,
    NotFound,
    PaymentUnsettled,
    ProviderDown,
    ProviderRefused,
)
from efoy.domain.payment import PaymentStatus
from efoy.domain.role import Action, Door
from efoy.queries.booking_page import booking_page
from efoy.queries.patient import booking_of_checkout, booking_of_payment
from efoy.services.checkout import open_checkout
from efoy.web.access import actor, public
from efoy.web.booking_forms import ReasonForm
from efoy.web.gone import released_page
from efoy.web.limits import limit_pay
from efoy.web.payment_pages import look, neutral_page, told, unavailable_page
from efoy.web.readers import allow, is_owner, own_booking_id, own_page, reader
from efoy.web.review import draw_review
from efoy.web.to_stripe import is_checkout, return_urls
from efoy.wiring import outside

bp = Blueprint("checkout", __name__)
CHECKOUT_REF = re.compile(r"cs_(test|live)_[A-Za-z0-9]{1,110}")
PAYMENT_ID = re.compile(r"[0-9a-z]{26}")
log = structlog.get_logger(__name__)


@bp.post("/bookings/<ref>/pay")
@public
@limit_pay
def pay(ref: str) -> ResponseReturnValue:
    """To Stripe's page; a second press finds the same page."""
    booking_id = own_booking_id(ref)
    allow(Action.PAY)
    form = ReasonForm()
    if not form.validate():
        return draw_review(own_page(ref), form, status=400)
    reason = form.reason.data if "reason" in request.form else None
    out = outside()
    try:
        opened = open_checkout(
            booking_id,
            urls=return_urls(),
            stripe=out.stripe,
            actor=actor(),
            now=out.clock(),
            reason=reason,
        )
    except AlreadyPaid:
        return _to_booking(ref)
    except HoldExpired:
        return _over(ref)
    except PaymentUnsettled:
        return _unsettled(ref)
    except (ProviderDown, ProviderRefused) as error:
        log.warning("checkout_not_opened", fault=type(error).__name__, booking=booking_id)
        return unavailable_page(own_page(ref))
    return _leave(opened.url, ref)


def _leave(url: str | None, ref: str) -> ResponseReturnValue:
    """To the hosted page, and only there; a visit that costs nothing is booked already."""
    if url is None:
        return _to_booking(ref)
    if not is_checkout(url):
        log.error("checkout_elsewhere")
        return unavailable_page(own_page(ref))
    return redirect(url, code=303)


def _to_booking(ref: str) -> ResponseReturnValue:
    return redirect(url_for("one_booking.show", ref=ref), code=303)


def _over(ref: str) -> ResponseReturnValue:
    """The hold ran out before Pay was pressed, or was let go in another tab."""
    page = own_page(ref)
    if page.booking.cancelled_at is not None or page.payments:
        return _to_booking(ref)
    return released_page(page.booking), 409


def _unsettled(ref: str) -> ResponseReturnValue:
    """There is an attempt that Stripe must speak about first."""
    newest = own_page(ref).newest
    if newest is None:
        return _to_booking(ref)
    return _now(ref, newest.id, again=url_for("checkout.back", payment=newest.id))


@bp.get("/pay/return")
@public
def came_back() -> ResponseReturnValue:
    """Back from Stripe. Safe to open again, prefetch, keep for a year: it shows what is true."""
    checkout_ref = request.args.get("session_id", "")
    if not is_owner() or not CHECKOUT_REF.fullmatch(checkout_ref):
        return neutral_page()
    try:
        booking, payment_id = booking_of_checkout(reader(), checkout_ref)
    except NotFound:
        return neutral_page()
    again = url_for("checkout.came_back", session_id=checkout_ref)
    return _now(booking.ref, payment_id, again=again)


@bp.get("/pay/back")
@public
def back() -> ResponseReturnValue:
    """Left Stripe's page by its way back; perhaps after a refused card, perhaps after paying."""
    payment_id = request.args.get("payment", "")
    if not is_owner() or not PAYMENT_ID.fullmatch(payment_id):
        return neutral_page()
    try:
        booking, payment_id = booking_of_payment(reader(), payment_id)
    except NotFound:
        return neutral_page()
    again = url_for("checkout.back", payment=payment_id)
    return _now(booking.ref, payment_id, again=again)


def _now(ref: str, payment_id: str, *, again: str) -> ResponseReturnValue:
    """Look at Stripe unless it is known to be paid, then tell how things stand."""
    known = own_page(ref)
    before = next(each for each in known.payments if each.id == payment_id)
    answered = before.status is PaymentStatus.PAID or look(payment_id, Door.RETURN)
    page = booking_page(reader(), ref)
    payment = next(each for each in page.payments if each.id == payment_id)
    return told(page, payment, answered=answered, again=again, looks=_looks())


def _looks() -> int:
    """How often this page has looked already, as its own address says."""
    text = request.args.get("looks", "")
    return int(text) if re.fullmatch(r"[0-9]{1,3}", text) else 0
