"""The patient's answer when the clinic cannot keep a visit: another time, or everything back."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from efoy.domain.closing import Choice
from efoy.domain.errors import NotFound
from efoy.domain.role import Action
from efoy.queries.away.answer import Offer, offer_of
from efoy.queries.booking_page import BookingPage
from efoy.services.closing_items import decide
from efoy.web.access import actor, grant, public
from efoy.web.limits import limit_hold
from efoy.web.links import read_link
from efoy.web.readers import allow, own_page
from efoy.wiring import outside


def add_pages(bp: Blueprint) -> None:
    """Put this page under /bookings/<ref>."""
    path = "/bookings/<ref>/answer"
    bp.add_url_rule(path, view_func=answer)
    bp.add_url_rule(path, view_func=all_back, methods=["POST"])


@public
def answer(ref: str) -> ResponseReturnValue:
    """What the clinic asks. A mailed key opens it."""
    if "key" in request.args:
        if read_link("booking", request.args["key"]) == ref:
            grant(ref)
        return redirect(url_for("away.answer", ref=ref), 303)
    page = own_page(ref)
    allow(Action.CANCEL)
    offer = _offer(page)
    if offer is None:
        return _settled(ref)
    return render_template(
        "away/answer.html", booking=page.booking, offer=offer, payment=page.payment
    )


@public
@limit_hold
def all_back(ref: str) -> ResponseReturnValue:
    """No other time suits: the visit is cancelled and everything goes back."""
    page = own_page(ref)
    allow(Action.CANCEL)
    offer = _offer(page)
    if offer is None:
        return _settled(ref)
    decide(offer.item_id, Choice.CANCEL, actor=actor(), now=outside().clock())
    flash(_("Your appointment is being cancelled. Everything you paid goes back; we write to you."))
    return redirect(url_for("one_booking.show", ref=ref), 303)


def _offer(page: BookingPage) -> Offer | None:
    try:
        return offer_of(page.booking.id)
    except NotFound:
        return None


def _settled(ref: str) -> ResponseReturnValue:
    flash(_("There is nothing to decide about this appointment any more."))
    return redirect(url_for("one_booking.show", ref=ref), 303)
