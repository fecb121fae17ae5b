"""What is there to see and to do about one booking?"""

from __future__ import annotations

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from efoy.domain.booking import BookingStatus
from efoy.domain.errors import (
    Conflict,
    ProviderDown,
    ProviderRefused,
    RefundRefused,
    StaleAmount,
)
from efoy.domain.money import Money
from efoy.domain.role import Action
from efoy.queries.admin.booking import BookingFile, booking_file
from efoy.queries.standing import PaymentMoney
from efoy.services.giving_up import cancel_booking
from efoy.services.refund_following import sync_refunds
from efoy.services.settlement import settle_payment
from efoy.web.access import actor, requires
from efoy.web.admin.booking_page import booking_page
from efoy.web.admin.forms import CancelForm, typed_before
from efoy.web.admin.words import refusal_words
from efoy.web.context import locale
from efoy.web.errors import answer
from efoy.wiring import outside
from efoy.wording import money

LOOK_AT = 5
"""A click looks at the newest few payments; the regular checks look at all."""


def add_pages(bp: Blueprint) -> None:
    """Put these pages under /admin."""
    path = "/admin/bookings/<ref>"
    bp.add_url_rule(path, view_func=booking)
    bp.add_url_rule(f"{path}/cancel", view_func=cancel, methods=["POST"])
    bp.add_url_rule(f"{path}/check", view_func=check, methods=["POST"])
    bp.register_error_handler(Conflict, moved_on)


@requires(Action.SEE_ANY)
def booking(ref: str) -> ResponseReturnValue:
    """Facts, money, history, and what may be done now."""
    return booking_page(booking_file(ref))


@requires(Action.SEE_ANY)
def cancel(ref: str) -> ResponseReturnValue:
    """The clinic ends the booking: the patient is told, and everything may go back."""
    found = booking_file(ref)
    form = CancelForm()
    if not form.validate():
        return booking_page(found, cancel_form=form), 400
    status = _end(found, form.reason.data)
    flash(_ended(status, found))
    return redirect(url_for("admin.booking", ref=ref), 303)


def _end(found: BookingFile, reason: str) -> BookingStatus:
    """End it now, or as soon as Stripe, which may be away, has closed the pay page."""
    stripe, now = outside().stripe, outside().clock()
    try:
        return cancel_booking(
            found.id, by="clinic", reason=reason, stripe=stripe, actor=actor(), now=now
        )
    except ProviderDown:
        return BookingStatus.HELD


@requires(Action.SEE_MONEY)
def check(ref: str) -> ResponseReturnValue:
    """Look at Stripe again, as a message from there or the regular check would."""
    found = booking_file(ref)
    known = [_look(payment) for payment in found.payments[-LOOK_AT:]]
    if all(known):
        flash(_("Checked with Stripe. This is how it stands now."))
    else:
        flash(_("Stripe does not know this payment under the key in use."), "error")
    return redirect(url_for("admin.booking", ref=ref), 303)


def _look(payment: PaymentMoney) -> bool:
    """Take over what Stripe says; False where it knows no such payment."""
    stripe, now = outside().stripe, outside().clock()
    try:
        settle_payment(payment.id, stripe=stripe, actor=actor(), now=now)
        sync_refunds(payment.id, stripe=stripe, actor=actor(), now=now)
    except ProviderRefused:
        return False
    return True


def moved_on(error: Conflict) -> ResponseReturnValue:
    """Somebody or something was faster: say so, and show how it stands now."""
    ref = (request.view_args or {}).get("ref")
    if ref is None:
        return answer(409, again=url_for("admin.today"))
    found = booking_file(ref)
    flash(_why(error, found), "error")
    return booking_page(found, form=typed_before(found)), 409


def _why(error: Conflict, found: BookingFile) -> str:
    if isinstance(error, RefundRefused):
        return refusal_words(error.reason)
    if isinstance(error, StaleAmount):
        left = Money(found.payment.left if found.payment else 0, found.price.currency)
        return _(
            "The amount that is left changed while the page was open: it is %(amount)s now. "
            "Nothing was sent. Look at it again, then decide.",
            amount=money(left, locale()),
        )
    return _("This changed while the page was open, so nothing was done.")


def _ended(status: BookingStatus, before: BookingFile) -> str:
    if status is not BookingStatus.CANCELLED:
        return _("The pay page is being closed at Stripe. The booking ends as soon as it is.")
    if before.status is BookingStatus.HELD:
        return _("The booking is cancelled and the time is free.")
    return _("The booking is cancelled. %(name)s gets a mail.", name=before.visitor_name)
