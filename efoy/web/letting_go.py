"""The pages on which a patient gives a time back: a held one, or a paid one with a known refund."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from efoy.domain.booking import BookingStatus
from efoy.domain.errors import ProviderDown, ProviderRefused, QuoteChanged, TooLateToCancel
from efoy.domain.role import Action
from efoy.queries.away.answer import clinic_asks
from efoy.queries.booking_page import BookingPage
from efoy.queries.cancelling import cancel_quote
from efoy.services.giving_up import cancel_booking
from efoy.web.access import actor, public
from efoy.web.booking_forms import CancelReasonForm
from efoy.web.forms import new_form_token
from efoy.web.limits import limit_hold
from efoy.web.policy_words import rung_words
from efoy.web.quotes import read_quote, seal_quote
from efoy.web.readers import allow, is_owner, own_booking, own_page
from efoy.wiring import outside

bp = Blueprint("letting_go", __name__)
OVER = frozenset({BookingStatus.ATTENDED, BookingStatus.NO_SHOW})


@bp.get("/bookings/<ref>/cancel")
@public
def cancel(ref: str) -> ResponseReturnValue:
    """What giving this time back means: nothing for a held one, a quote for a paid one."""
    page = own_page(ref)
    allow(Action.CANCEL)
    if not is_owner() and page.booking.status is not BookingStatus.HELD:
        return redirect(f"/admin/bookings/{ref}", code=303)
    if page.booking.status is BookingStatus.CONFIRMED and clinic_asks(page.booking.id):
        return redirect(url_for("away.answer", ref=ref), code=303)
    return _draw(page, CancelReasonForm(formdata=None))


def _draw(
    page: BookingPage, form: CancelReasonForm, *, changed: bool = False
) -> ResponseReturnValue:
    """The page for the booking as it stands; where there is nothing to cancel, the booking's."""
    booking, now = page.booking, outside().clock()
    if booking.status is BookingStatus.HELD:
        return render_template("booking/let_go.html", booking=booking, form_token=new_form_token())
    if booking.status in OVER or (
        booking.status is BookingStatus.CONFIRMED and booking.starts_at <= now
    ):
        return render_template("booking/too_late.html", booking=booking)
    if booking.status is not BookingStatus.CONFIRMED:
        return redirect(url_for("one_booking.show", ref=booking.ref), code=303)
    found = cancel_quote(booking, now=now)
    return render_template(
        "booking/cancel.html",
        booking=booking,
        found=found,
        quote=found.quote,
        payment=page.payment,
        rung_words=rung_words(booking.policy, found.rung),
        form=form,
        sealed=seal_quote(found.shown),
        form_token=new_form_token(),
        changed=changed,
    )


@bp.post("/bookings/<ref>/cancel")
@public
@limit_hold
def let_go(ref: str) -> ResponseReturnValue:
    """Give the time back. What comes back is what the page showed, or the page is shown again."""
    booking = own_booking(ref)
    allow(Action.CANCEL)
    if not is_owner() and booking.status is not BookingStatus.HELD:
        return redirect(f"/admin/bookings/{ref}", code=303)
    form = CancelReasonForm()
    if not form.validate():
        return _again(ref, form, 400)
    try:
        status = _end(booking.id, form)
    except QuoteChanged:
        return _again(ref, form, 409, changed=True)
    except TooLateToCancel:
        return _again(ref, form, 409)
    if status is BookingStatus.HELD:
        flash(_("We are closing the payment page. The time is free as soon as that is certain."))
    return redirect(url_for("one_booking.show", ref=ref), code=303)


def _end(booking_id: str, form: CancelReasonForm) -> BookingStatus:
    """End it now; a hold perhaps a little later, when Stripe has said how its pay page ended."""
    out = outside()
    try:
        return cancel_booking(
            booking_id,
            by="patient" if is_owner() else "clinic",
            reason=form.words(),
            stripe=out.stripe,
            actor=actor(),
            now=out.clock(),
            shown=read_quote(request.form.get("quoted", "")),
        )
    except (ProviderDown, ProviderRefused):
        return BookingStatus.HELD


def _again(
    ref: str, form: CancelReasonForm, status: int, *, changed: bool = False
) -> ResponseReturnValue:
    """The page once more, with what was chosen; nothing was done."""
    drawn = _draw(own_page(ref), form, changed=changed)
    return drawn if not isinstance(drawn, str) else (drawn, status)
