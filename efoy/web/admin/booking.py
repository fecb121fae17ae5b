"""What is there to see and to do about one booking?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from efoy.domain.booking import BookingStatus
from efoy.domain.errors import Conflict, ProviderDown, ProviderRefused, RefundRefused, StaleAmount
from efoy.domain.money import Money
from efoy.domain.payment import PaymentStatus
from efoy.domain.role import Action, may
from efoy.queries.admin.booking import BookingFile, RefundRow, booking_file
from efoy.queries.admin.timeline import timeline
from efoy.queries.standing import PaymentMoney
from efoy.services.booking import cancel_booking
from efoy.services.refund_following import sync_refunds
from efoy.services.settlement import settle_payment
from efoy.web.access import actor, requires
from efoy.web.admin.forms import CancelForm, RefundForm
from efoy.web.admin.panel import Panel, panel_of
from efoy.web.admin.story import tell
from efoy.web.admin.words import (
    decline_words,
    failure_words,
    reason_choices,
    reason_words,
    refusal_words,
    waiting_words,
)
from efoy.web.errors import answer
from efoy.web.forms import new_form_token
from efoy.web.login import viewer
from efoy.wiring import outside, settings

STRIPE_PAYMENT = "https://dashboard.stripe.com/{mode}payments/{intent}"
ENDABLE = frozenset({BookingStatus.HELD, BookingStatus.CONFIRMED})
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
    flash(_why(error), "error")
    return booking_page(booking_file(ref)), 409


def _why(error: Conflict) -> str:
    if isinstance(error, RefundRefused):
        return refusal_words(error.reason)
    if isinstance(error, StaleAmount):
        return _(
            "The amount that is left changed while the page was open. "
            "Nothing was sent. Look at it again, then decide."
        )
    return _("This changed while the page was open, so nothing was done.")


def _ended(status: BookingStatus, before: BookingFile) -> str:
    if status is not BookingStatus.CANCELLED:
        return _("The pay page is being closed at Stripe. The booking ends as soon as it is.")
    if before.status is BookingStatus.HELD:
        return _("The booking is cancelled and the time is free.")
    return _("The booking is cancelled. %(name)s gets a mail.", name=before.visitor_name)


# -- the page --------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class MoneyCard:
    """The money of the booking for those who may see it; ``paid`` is None while nothing is."""

    paid: Money | None = None
    paid_at: datetime | None = None
    card: str = ""
    fee: Money | None = None
    refunded: Money | None = None
    on_the_way: Money | None = None
    kept: Money | None = None
    payment_ref: str = ""
    stripe_url: str = ""


def booking_page(
    found: BookingFile,
    *,
    form: RefundForm | None = None,
    cancel_form: CancelForm | None = None,
) -> str:
    """The page, with what was typed into a form that came back."""
    who = viewer()
    sees_money = who is not None and may(who.role, Action.SEE_MONEY)
    now = outside().clock()
    return render_template(
        "admin/booking.html",
        booking=found,
        standing=found.standing,
        money=_money(found.payment) if sees_money else None,
        attempts=[_attempt(one) for one in reversed(found.payments)] if sees_money else [],
        refunds=[_refund(one) for one in found.refunds] if sees_money else [],
        timeline=tell(timeline(found.id), cancel_reason=found.cancel_reason, with_money=sees_money),
        panel=_panel(found, form, now) if sees_money else None,
        form=form or RefundForm(formdata=None),
        reasons=reason_choices(),
        can_cancel=found.status in ENDABLE,
        cancel_form=cancel_form or CancelForm(formdata=None),
        cancel_token=new_form_token(),
        can_check=sees_money and any(one.checkout_ref for one in found.payments),
    )


def _panel(found: BookingFile, form: RefundForm | None, now: datetime) -> Panel | None:
    panel = panel_of(found, now)
    return panel if panel is None or form is None else panel.filled(form)


def _money(payment: PaymentMoney | None) -> MoneyCard:
    if payment is None:
        return MoneyCard()
    currency = payment.amount.currency
    return MoneyCard(
        paid=Money(payment.captured, currency),
        paid_at=payment.paid_at or payment.created_at,
        card=payment.card or str(payment.method),
        fee=None if payment.fee is None else Money(payment.fee, currency),
        refunded=Money(payment.refunded, currency),
        on_the_way=Money(payment.on_the_way, currency),
        kept=Money(payment.left - (payment.fee or 0), currency),
        payment_ref=payment.intent_ref or "",
        stripe_url=_stripe_url(payment.intent_ref),
    )


def _stripe_url(intent: str | None) -> str:
    """The payment in Stripe's own dashboard; the stand-in has none."""
    if intent is None or settings().sandbox_mode:
        return ""
    mode = "" if settings().live_key else "test/"
    return STRIPE_PAYMENT.format(mode=mode, intent=intent)


def _attempt(payment: PaymentMoney) -> dict[str, Any]:
    failed = payment.status in {PaymentStatus.FAILED, PaymentStatus.EXPIRED}
    return {
        "at": payment.created_at,
        "status": payment.status,
        "amount": payment.amount,
        "words": decline_words(payment.decline_code) if failed else payment.parked_reason or "",
    }


def _refund(row: RefundRow) -> dict[str, Any]:
    return {
        "amount": row.amount,
        "status": row.status,
        "at": row.at,
        "reason": reason_words(row.reason),
        "who": row.who,
        "words": failure_words(row.failure_reason) or waiting_words(row.pending_reason),
    }
