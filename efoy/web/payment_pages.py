"""What is somebody told who paid, did not pay, or may have paid? One page for each truth."""

from __future__ import annotations

from flask import flash, make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from efoy.domain.booking import BookingStatus
from efoy.domain.errors import ProviderDown, ProviderRefused
from efoy.domain.money import Money
from efoy.domain.moving import MoveStatus
from efoy.domain.payment import PaymentPurpose, PaymentStatus
from efoy.domain.role import Door
from efoy.queries.booking_page import BookingPage, booking_page
from efoy.queries.moving import what_a_top_up_did
from efoy.queries.standing import PaymentMoney
from efoy.services.settlement import settle_payment
from efoy.web.access import actor
from efoy.web.forms import new_form_token
from efoy.web.gone import left_near, released_page
from efoy.web.readers import reader
from efoy.wiring import outside

STILL_OPEN = {PaymentStatus.CREATING, PaymentStatus.OPEN, PaymentStatus.PROCESSING}
LOOK_AGAIN = 10
"""Seconds after which the waiting page looks again by itself."""
SLOW = 12
"""So many looks (two minutes), and the page says that it may be closed."""
WHY = {
    "insufficient_funds": "insufficient_funds",
    "expired_card": "expired_card",
    "incorrect_cvc": "incorrect_cvc",
    "authentication_required": "authentication_failed",
    "payment_intent_authentication_failure": "authentication_failed",
    "authentication_failed": "authentication_failed",
}
"""Stripe's words for a refusal that a patient can do something about; all others: "declined"."""


def look(payment_id: str, door: Door) -> bool:
    """Ask Stripe about a payment and settle it; False when Stripe does not say."""
    out = outside()
    try:
        settle_payment(payment_id, stripe=out.stripe, actor=actor(door), now=out.clock())
    except (ProviderDown, ProviderRefused):
        return False
    return True


def asked_again(page: BookingPage) -> tuple[BookingPage, bool]:
    """The page after asking Stripe about an attempt that is still open, and whether it answered.

    Nothing is asked where nothing is open: what is decided is known here.
    """
    waiting = page.undecided
    if waiting is None or waiting.status not in STILL_OPEN:
        return page, True
    answered = look(waiting.id, Door.WEB)
    return booking_page(reader(), page.booking.ref), answered


def told(
    page: BookingPage, payment: PaymentMoney, *, answered: bool, again: str, looks: int = 0
) -> ResponseReturnValue:
    """The page or address for this payment as it stands; ``again`` is where the next look is."""
    status = payment.status
    if payment.purpose is PaymentPurpose.TOP_UP and status is not PaymentStatus.PROCESSING:
        return _told_of_top_up(page, payment)
    if status is PaymentStatus.PAID:
        return _paid(page, payment)
    if status in {PaymentStatus.EXPIRED, PaymentStatus.FAILED}:
        return _ended(page, payment)
    if status is PaymentStatus.OPEN and answered:
        return not_paid_page(page, payment)
    if status in {PaymentStatus.CLOSING, PaymentStatus.CLOSED}:
        return _to_booking(page)
    return checking_page(page, bank=status is PaymentStatus.PROCESSING, again=again, looks=looks)


def _to_booking(page: BookingPage) -> ResponseReturnValue:
    return redirect(url_for("one_booking.show", ref=page.booking.ref), code=303)


def _told_of_top_up(page: BookingPage, payment: PaymentMoney) -> ResponseReturnValue:
    """The visit moved, or its new time still waits to be paid, or it stays where it was."""
    if page.moving is not None and payment.status is not PaymentStatus.PAID:
        return redirect(url_for("moving.show", ref=page.booking.ref), code=303)
    if payment.status is not PaymentStatus.PAID:
        flash(_("No money has been taken for another time. Your visit stays where it was."))
    elif what_a_top_up_did(payment.id) is MoveStatus.DONE:
        flash(_("Your payment is confirmed, and your visit is moved."), "ok")
    else:
        flash(_("The other time could not be kept. All of your payment for it is on its way back."))
    return _to_booking(page)


def _paid(page: BookingPage, payment: PaymentMoney) -> ResponseReturnValue:
    """Booked; or the money goes back because the time was gone."""
    if page.booking.status is not BookingStatus.EXPIRED:
        return _to_booking(page)
    left = left_near(page.booking)
    return render_template(
        "checkout/too_late.html",
        booking=page.booking,
        amount=Money(payment.captured, payment.amount.currency),
        card=payment.card,
        nearest=left.nearest if left else (),
    )


def _ended(page: BookingPage, payment: PaymentMoney) -> ResponseReturnValue:
    """Nobody can pay this attempt any more: the time is free, or another attempt may begin."""
    booking = page.booking
    if booking.status is BookingStatus.EXPIRED:
        refused = payment.status is PaymentStatus.FAILED
        return released_page(booking, why="bank_refused" if refused else "over")
    if page.can_pay(outside().clock()):
        return redirect(url_for("review.show", ref=booking.ref), code=303)
    return _to_booking(page)


def not_paid_page(page: BookingPage, payment: PaymentMoney) -> ResponseReturnValue:
    """The payment page is still open: why nothing was paid, and Pay leads to the same page."""
    if not page.can_pay(outside().clock()):
        return _to_booking(page)
    code = payment.decline_code
    return render_template(
        "checkout/not_paid.html",
        booking=page.booking,
        why=WHY.get(code, "declined") if code else "left",
        form_token=new_form_token(),
    )


def checking_page(
    page: BookingPage, *, bank: bool, again: str, looks: int = 0
) -> ResponseReturnValue:
    """Nobody knows yet. Without script the page looks again by itself."""
    drawn = render_template(
        "checkout/checking.html", booking=page.booking, bank=bank, slow=looks >= SLOW
    )
    response = make_response(drawn)
    mark = "&" if "?" in again else "?"
    response.headers["Refresh"] = f"{LOOK_AGAIN}; url={again}{mark}looks={min(looks + 1, 999)}"
    return response


def neutral_page() -> ResponseReturnValue:
    """For an address that leads to nothing of this reader's: the same whatever there is."""
    return render_template("checkout/checking.html", booking=None, bank=False, slow=False), 404


def unavailable_page(page: BookingPage) -> ResponseReturnValue:
    """Stripe does not answer: nothing was done, the time is held."""
    drawn = render_template(
        "checkout/unavailable.html", booking=page.booking, form_token=new_form_token()
    )
    return drawn, 503
