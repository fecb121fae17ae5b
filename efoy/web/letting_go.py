"""The pages on which a held time is let go; a paid visit is cancelled through the clinic."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from efoy.domain.booking import BookingStatus
from efoy.domain.errors import IllegalTransition, ProviderDown, ProviderRefused
from efoy.domain.role import Action
from efoy.queries.booking_page import BookingPage
from efoy.services.giving_up import cancel_booking
from efoy.web.access import actor, public
from efoy.web.context import clinic
from efoy.web.forms import new_form_token
from efoy.web.limits import limit_hold
from efoy.web.readers import allow, is_owner, own_booking, own_page
from efoy.wiring import outside

bp = Blueprint("letting_go", __name__)


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
    return redirect(url_for("one_booking.show", ref=ref), code=303)


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
    return redirect(url_for("one_booking.show", ref=ref), code=303)
