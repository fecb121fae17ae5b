"""The page on which everything is checked before paying, and the hold that lasts meanwhile."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from efoy.domain.booking import BookingStatus
from efoy.domain.errors import (
    HoldExpired,
    HoldNotExtendable,
)
from efoy.domain.payment import Standing
from efoy.domain.policy import ladder
from efoy.domain.role import Action
from efoy.queries.booking_page import BookingPage
from efoy.services.booking import extend_hold
from efoy.web.access import actor, public
from efoy.web.booking_forms import (
    ReasonForm,
)
from efoy.web.forms import new_form_token
from efoy.web.gone import released_page
from efoy.web.limits import limit_hold
from efoy.web.payment_pages import asked_again, checking_page
from efoy.web.policy_words import sentence_now
from efoy.web.readers import allow, own_page
from efoy.wiring import outside

bp = Blueprint("review", __name__)


@bp.get("/bookings/<ref>/review")
@public
def show(ref: str) -> ResponseReturnValue:
    """Everything once more before paying: time, price, tax, rules, and a box for the reason."""
    page = own_page(ref)
    allow(Action.PAY)
    page, answered = asked_again(page)
    if not answered:
        return checking_page(page, bank=False, again=url_for("review.show", ref=ref))
    return draw_review(page, ReasonForm(formdata=None, data={"reason": page.booking.reason}))


def draw_review(page: BookingPage, form: ReasonForm, *, status: int = 200) -> ResponseReturnValue:
    """The review page of a hold that can be paid, else the page that tells what became of it."""
    booking, now = page.booking, outside().clock()
    if not page.can_pay(now):
        return _what_became(page)
    steps = ladder(booking.policy, booking.price, starts_at=booking.starts_at, now=now)
    drawn = render_template(
        "booking/review.html",
        booking=booking,
        form=form,
        form_token=new_form_token(),
        extend_token=new_form_token(),
        can_extend=booking.hold_extended_at is None and page.undecided is None,
        policy_sentence=sentence_now(booking.policy, steps),
        steps=steps,
        tax_label=booking.tax_label or _("Tax"),
        tax=booking.tax,
        came_back=page.undecided is not None,
    )
    return drawn, status


def _what_became(page: BookingPage) -> ResponseReturnValue:
    booking = page.booking
    over = booking.status is BookingStatus.EXPIRED or (
        booking.status is BookingStatus.HELD and page.undecided is None
    )
    if over and page.standing is Standing.UNPAID:
        return released_page(booking)
    return redirect(url_for("one_booking.show", ref=booking.ref), code=303)


@bp.post("/bookings/<ref>/extend")
@public
@limit_hold
def extend(ref: str) -> ResponseReturnValue:
    """Keep the hold ten minutes longer, once; the reason typed so far is kept too."""
    page = own_page(ref)
    allow(Action.CANCEL)  # who may give a hold up may keep it: owner, desk, admin
    form = ReasonForm()
    if not form.validate():
        return draw_review(page, form, status=400)
    reason = form.reason.data if "reason" in request.form else None
    try:
        extend_hold(page.booking.id, reason=reason, actor=actor(), now=outside().clock())
    except HoldNotExtendable:
        flash(_("This time was kept longer once already."))
    except HoldExpired:
        return released_page(page.booking), 409
    return redirect(url_for("review.show", ref=ref), code=303)
