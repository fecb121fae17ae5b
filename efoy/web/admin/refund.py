"""How does an admin give money back? Say how much and why, look once more, then it moves."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from efoy.domain.errors import InvalidValue, RefundRefused, StaleAmount
from efoy.domain.money import Money
from efoy.domain.role import Action
from efoy.queries.admin.booking import BookingFile, booking_file
from efoy.queries.standing import PaymentMoney
from efoy.services.refunds import RefundWish, request_refund
from efoy.web.access import actor, requires
from efoy.web.admin.booking_page import booking_page
from efoy.web.admin.forms import (
    FULL,
    OTHER,
    POLICY,
    ConfirmRefundForm,
    RefundForm,
    minor_amount,
    typed_amount,
)
from efoy.web.admin.panel import Panel, panel_of
from efoy.web.admin.words import reason_words
from efoy.web.context import locale
from efoy.web.forms import form_token
from efoy.wiring import outside
from efoy.wording import money


def add_pages(bp: Blueprint) -> None:
    """Put these pages under /admin."""
    path = "/admin/bookings/<ref>/refund"
    bp.add_url_rule(path, view_func=refund, methods=["POST"])
    bp.add_url_rule(f"{path}/confirm", view_func=confirm_refund, methods=["POST"])


@requires(Action.REFUND)
def refund(ref: str) -> ResponseReturnValue:
    """Check what was asked for and show it once more; nothing moves yet."""
    found, form = booking_file(ref), RefundForm()
    payment, panel = _refundable(found)
    if minor_amount("available", form.available.data) != panel.available.minor:
        raise StaleAmount(payment.id)
    amount = _amount(form, panel)
    if not form.validate() or amount is None:
        _complain(form, panel, amount)
        return booking_page(found, form=form), 400
    return _review(found, payment, panel, form, amount)


@requires(Action.REFUND)
def confirm_refund(ref: str) -> ResponseReturnValue:
    """Commit the reviewed refund; the worker sends it, and its status follows Stripe."""
    found, form = booking_file(ref), ConfirmRefundForm()
    token = form_token()
    if token is None or not form.validate():
        raise InvalidValue("form_token", "this is not a reviewed refund")
    payment = _paid(found)
    wish = RefundWish(
        amount=minor_amount("amount_minor", form.amount_minor.data),
        available=minor_amount("available", form.available.data),
        reason=form.reason.data,
        message=form.message.data or "",
        form_token=token,
    )
    request_refund(payment.id, wish, actor=actor(), now=outside().clock())
    amount = money(Money(wish.amount, payment.amount.currency), locale())
    flash(_("%(amount)s is on its way to %(card)s", amount=amount, card=_card(payment)) + ".")
    return redirect(url_for("admin.booking", ref=ref), 303)


def _paid(found: BookingFile) -> PaymentMoney:
    if found.payment is None:
        raise RefundRefused("not_settled" if found.unsettled else "not_paid")
    return found.payment


def _refundable(found: BookingFile) -> tuple[PaymentMoney, Panel]:
    payment, panel = _paid(found), panel_of(found, outside().clock())
    if panel is None or panel.blocked:
        raise RefundRefused(panel.blocked if panel else "not_paid")
    return payment, panel


def _amount(form: RefundForm, panel: Panel) -> Money | None:
    """The amount chosen or typed; None where it is none that could go back."""
    choice = form.choice.data or OTHER
    if choice == FULL:
        return panel.available
    found = panel.rule if choice == POLICY else _typed(form, panel)
    in_range = found is not None and 0 < found.minor <= panel.available.minor
    return found if in_range and choice in {POLICY, OTHER} else None


def _typed(form: RefundForm, panel: Panel) -> Money | None:
    return typed_amount(form.amount.data or "", panel.available.currency)


def _complain(form: RefundForm, panel: Panel, amount: Money | None) -> None:
    """Say at the field which amounts can go back."""
    if amount is not None:
        return
    form.validate()
    least, most = Money(1, panel.available.currency), panel.available
    words = _(
        "Enter an amount from %(least)s to %(most)s",
        least=money(least, locale()),
        most=money(most, locale()),
    )
    form.amount.errors = [words]


def _review(
    found: BookingFile, payment: PaymentMoney, panel: Panel, form: RefundForm, amount: Money
) -> str:
    currency = payment.amount.currency
    return render_template(
        "admin/refund_review.html",
        booking=found,
        card=_card(payment),
        amount=amount,
        available=panel.available,
        paid=Money(payment.captured, currency),
        refunded_before=Money(payment.captured - payment.left, currency),
        fee=None if payment.fee is None else Money(payment.fee, currency),
        reason=form.reason.data,
        reason_words=reason_words(form.reason.data),
        message=form.message.data or "",
        form_token=panel.form_token,
    )


def _card(payment: PaymentMoney) -> str:
    return payment.card or _("the card it came from")
