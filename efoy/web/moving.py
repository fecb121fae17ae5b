"""The pages on which a booked visit gets another time: choose, look at both, confirm, pay more."""

from __future__ import annotations

import re

import structlog
from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from efoy.domain.errors import (
    Conflict,
    IllegalTransition,
    PaymentUnsettled,
    ProviderDown,
    ProviderRefused,
    StaleAmount,
    TooLateToMove,
)
from efoy.domain.moving import MoveStatus
from efoy.domain.role import Action
from efoy.queries.booking_page import BookingPage
from efoy.services.checkout import OpenCheckout
from efoy.services.moving import Moved, MoveWish, leave_move, move_booking, open_top_up
from efoy.web.access import actor, public
from efoy.web.context import clinic, locale
from efoy.web.forms import form_token
from efoy.web.limits import limit_pay
from efoy.web.moving_pages import (
    choose,
    doctor_asked,
    in_the_way,
    review,
    rights,
    too_late,
    waiting,
)
from efoy.web.moving_words import why_not
from efoy.web.parameters import instant
from efoy.web.payment_pages import asked_again
from efoy.web.readers import allow, is_owner, own_page
from efoy.web.to_stripe import is_checkout, return_urls
from efoy.wiring import outside
from efoy.wording import datetime_short

bp = Blueprint("moving", __name__)
WHOLE = re.compile(r"-?[0-9]{1,9}")
log = structlog.get_logger(__name__)


@bp.get("/bookings/<ref>/move")
@public
def show(ref: str) -> ResponseReturnValue:
    """Choose another time; with a time chosen, old and new side by side with the difference."""
    page = own_page(ref)
    allow(Action.CANCEL)
    page, _answered = asked_again(page)
    refused = in_the_way(page)
    if refused is not None:
        return refused
    chosen = instant(request.args.get("starts_at", ""))
    if chosen is not None:
        return review(page, MoveWish(starts_at=chosen, doctor=doctor_asked(), **rights(page)))
    if "starts_at" in request.args or "next" in request.args:
        return choose(page, error=_("Choose a time"), status=400)
    return choose(page)


@bp.post("/bookings/<ref>/move")
@public
@limit_pay
def change(ref: str) -> ResponseReturnValue:
    """Move, keep the old time, or go on to the pay page of a move that waits."""
    page = own_page(ref)
    allow(Action.CANCEL)
    if request.form.get("then") == "keep":
        return _keep(page)
    if request.form.get("then") == "pay":
        return _pay(page)
    chosen = instant(request.form.get("starts_at", ""))
    if chosen is None:
        refused = in_the_way(page, status=400)
        return refused or choose(page, error=_("Choose a time"), status=400)
    quoted = request.form.get("quoted", "")
    wish = MoveWish(
        starts_at=chosen,
        doctor=doctor_asked(),
        quoted=int(quoted) if WHOLE.fullmatch(quoted) else None,
        was=instant(request.form.get("was", "")),
        form_token=form_token(),
        **rights(page),
    )
    return _move(page, wish)


def _move(page: BookingPage, wish: MoveWish) -> ResponseReturnValue:
    """What was shown must still hold: without the shown amounts the page is shown first."""
    out, ref = outside(), page.booking.ref
    if wish.quoted is None or wish.was is None:
        return _refused(ref, wish, StaleAmount(ref))
    try:
        moved = move_booking(
            page.booking.id,
            wish,
            stripe=out.stripe,
            urls=return_urls(),
            actor=actor(),
            now=out.clock(),
        )
    except (ProviderDown, ProviderRefused, PaymentUnsettled) as error:
        log.warning("top_up_not_opened", fault=type(error).__name__, booking=page.booking.id)
        return _unavailable(ref)
    except Conflict as error:
        return _refused(ref, wish, error)
    return _went(ref, moved)


def _refused(ref: str, wish: MoveWish, error: Conflict) -> ResponseReturnValue:
    """Nothing was moved: the page that helps, drawn from how things stand now."""
    page = own_page(ref)
    refused = in_the_way(page, status=409)
    if refused is not None:
        return refused
    if isinstance(error, TooLateToMove | IllegalTransition):
        return too_late(page, status=409)
    if isinstance(error, StaleAmount):
        return review(page, wish, changed=True, status=409)
    return choose(page, error=why_not(error), status=409)


def _went(ref: str, moved: Moved) -> ResponseReturnValue:
    if moved.status is MoveStatus.PENDING and moved.page is not None and is_owner():
        return _leave(moved.page, ref)
    if moved.status is MoveStatus.DONE:
        when = datetime_short(moved.starts_at, clinic().zone, locale())
        flash(_("Moved to %(when)s.", when=when), "ok")
    return redirect(url_for("one_booking.show", ref=ref), code=303)


def _leave(opened: OpenCheckout, ref: str) -> ResponseReturnValue:
    """To the hosted page, and only there."""
    if opened.url is None or not is_checkout(opened.url):
        log.error("checkout_elsewhere")
        return _unavailable(ref)
    return redirect(opened.url, code=303)


def _unavailable(ref: str) -> ResponseReturnValue:
    """Stripe does not answer: nothing was charged; the new time is held, or was never taken."""
    page = own_page(ref)
    if page.moving is not None:
        return waiting(page, unavailable=True, status=503)
    sorry = _("Payments are not possible right now. Nothing was charged.")
    return choose(page, error=sorry, status=503)


def _pay(page: BookingPage) -> ResponseReturnValue:
    allow(Action.PAY)
    out, ref = outside(), page.booking.ref
    if page.moving is None:
        return redirect(url_for("one_booking.show", ref=ref), code=303)
    try:
        opened = open_top_up(
            page.moving.payment_id, stripe=out.stripe, actor=actor(), now=out.clock()
        )
    except (ProviderDown, ProviderRefused):
        return _unavailable(ref)
    except PaymentUnsettled:
        return redirect(url_for("moving.show", ref=ref), code=303)
    return _leave(opened, ref)


def _keep(page: BookingPage) -> ResponseReturnValue:
    """The visit stays; the new time is free as soon as Stripe has said that nobody can pay."""
    out, ref = outside(), page.booking.ref
    try:
        leave_move(page.booking.id, stripe=out.stripe, actor=actor(), now=out.clock())
    except (ProviderDown, ProviderRefused):
        flash(_("We are closing the payment page. The time is free as soon as that is certain."))
    else:
        flash(_("Your visit stays where it was."))
    return redirect(url_for("one_booking.show", ref=ref), code=303)
