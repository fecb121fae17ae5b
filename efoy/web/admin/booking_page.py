"""What does the page of one booking show, to whom?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import render_template

from efoy.domain.booking import BookingStatus
from efoy.domain.money import Money
from efoy.domain.payment import PaymentStatus
from efoy.domain.role import Action, may
from efoy.queries.admin.booking import BookingFile, RefundRow
from efoy.queries.admin.timeline import timeline
from efoy.queries.desk.facts import desk_facts
from efoy.queries.standing import PaymentMoney, together
from efoy.web.admin.forms import CancelForm, RefundForm
from efoy.web.admin.panel import Panel, panel_of
from efoy.web.admin.story import tell
from efoy.web.admin.words import (
    decline_words,
    failure_words,
    hand_words,
    reason_choices,
    reason_words,
    waiting_words,
    way_choices,
)
from efoy.web.forms import new_form_token
from efoy.web.login import viewer
from efoy.wiring import outside, settings

STRIPE_PAYMENT = "https://dashboard.stripe.com/{mode}payments/{intent}"
ENDABLE = frozenset({BookingStatus.HELD, BookingStatus.CONFIRMED})


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
        desk=desk_facts(found.id),
        money=_money(together(found.payments)) if sees_money else None,
        attempts=[_attempt(one) for one in reversed(found.payments)] if sees_money else [],
        refunds=[_refund(one) for one in found.refunds] if sees_money else [],
        timeline=tell(timeline(found.id), cancel_reason=found.cancel_reason, with_money=sees_money),
        panel=_panel(found, form, now),
        ways=way_choices(),
        form=form or RefundForm(formdata=None),
        reasons=reason_choices(),
        can_cancel=found.status in ENDABLE,
        cancel_form=cancel_form or CancelForm(formdata=None),
        cancel_token=new_form_token(),
        can_check=sees_money and any(one.checkout_ref for one in found.payments),
    )


def _panel(found: BookingFile, form: RefundForm | None, now: datetime) -> Panel | None:
    who = viewer()
    panel = panel_of(found, who, now) if who else None
    return panel if panel is None or form is None else panel.filled(form)


def _money(payment: PaymentMoney | None) -> MoneyCard:
    if payment is None:
        return MoneyCard()
    currency = payment.amount.currency
    return MoneyCard(
        paid=Money(payment.captured, currency),
        paid_at=payment.paid_at or payment.created_at,
        card=payment.card or hand_words(payment.method),
        fee=None if payment.fee is None else Money(payment.fee, currency),
        refunded=Money(payment.refunded, currency),
        on_the_way=Money(payment.on_the_way, currency),
        kept=Money(payment.left + payment.proposed - (payment.fee or 0), currency),
        payment_ref=payment.intent_ref or "",
        stripe_url=stripe_url(payment.intent_ref),
    )


def stripe_url(intent: str | None) -> str:
    """The payment in Stripe's own dashboard; the stand-in has none."""
    if not intent or settings().sandbox_mode:
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
