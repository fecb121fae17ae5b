"""How is money given back or asked for? Say how much and why, look once more, then it moves."""

from __future__ import annotations

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from efoy.domain.errors import InvalidValue, NotFound, RefundRefused, StaleAmount
from efoy.domain.money import Money
from efoy.domain.refund import RefundStatus
from efoy.domain.role import Action
from efoy.queries.admin.booking import BookingFile, booking_file
from efoy.queries.standing import PaymentMoney
from efoy.services.refund_decisions import decline_refund
from efoy.web.access import actor, requires
from efoy.web.admin.booking_page import booking_page
from efoy.web.admin.forms import (
    FULL,
    NOTHING,
    OTHER,
    POLICY,
    ConfirmRefundForm,
    RefundForm,
    minor_amount,
    typed_amount,
)
from efoy.web.admin.panel import Panel, panel_of
from efoy.web.admin.refund_doing import Reviewed, back_to, done_before, give
from efoy.web.admin.words import reason_words, way_words
from efoy.web.context import locale
from efoy.web.forms import form_token
from efoy.web.login import Viewer, viewer
from efoy.web.proof import ask_password
from efoy.wiring import outside
from efoy.wording import money


def add_pages(bp: Blueprint) -> None:
    """Put these pages under /admin."""
    path = "/admin/bookings/<ref>/refund"
    bp.add_url_rule(path, view_func=refund, methods=["POST"])
    bp.add_url_rule(f"{path}/confirm", view_func=confirm_refund, methods=["POST"])
    bp.add_url_rule(f"{path}/take-back", view_func=take_back, methods=["POST"])


@requires(Action.ASK_REFUND)
def refund(ref: str) -> ResponseReturnValue:
    """Check what was asked for and show it once more; nothing moves yet."""
    found, form = booking_file(ref), RefundForm()
    payment, panel = _refundable(found)
    if minor_amount("available", form.available.data) != panel.available.minor:
        raise StaleAmount(payment.id)
    amount = _amount(form, panel)
    if not form.validate() or amount is None or _nameless(form, panel, amount):
        _complain(form, panel, amount)
        return booking_page(found, form=form), 400
    asked = Reviewed(
        amount=amount,
        available=panel.available,
        reason=form.reason.data,
        message=form.message.data or "",
        form_token=panel.form_token,
        proposal=panel.proposal.id if panel.proposal else "",
        way=(form.way.data or "") if panel.by_hand else "",
        handed_by=(form.handed_by.data or "") if panel.by_hand else "",
    )
    return _review(found, payment, panel, asked)


@requires(Action.ASK_REFUND)
def confirm_refund(ref: str) -> ResponseReturnValue:
    """Commit the reviewed decision; the worker sends a refund, and its status follows Stripe."""
    found, form = booking_file(ref), ConfirmRefundForm()
    asked = _reviewed(found, form)
    who = _viewer()
    payment, panel = _paid(found), panel_of(found, who, outside().clock())
    if panel is not None and panel.issues:
        page = ask_password(lambda: make_response(_again(found, asked)))
        if page is not None:
            return page
    if not done_before(found, asked, who):
        flash(give(found, payment, asked, who))
    return redirect(url_for("admin.booking", ref=ref), 303)


@requires(Action.ASK_REFUND)
def take_back(ref: str) -> ResponseReturnValue:
    """Whoever asked for a refund that waits thinks better of it."""
    found, who = booking_file(ref), _viewer()
    key = request.form.get("proposal", "")[:26]
    row = next((row for row in found.refunds if row.id == key and row.first_by == who.id), None)
    if row is None:
        raise NotFound(key)
    if row.status is not RefundStatus.WITHDRAWN:
        decline_refund(row.id, note="", actor=actor(), now=outside().clock())
    flash(_("Taken back. Nothing goes back."))
    return redirect(url_for("admin.booking", ref=ref), 303)


def _reviewed(found: BookingFile, form: ConfirmRefundForm) -> Reviewed:
    """What the review page sent; raises InvalidValue for what no page of ours would."""
    token = form_token()
    if token is None or not form.validate():
        raise InvalidValue("form_token", "this is not a reviewed refund")
    currency = _paid(found).amount.currency
    amount = Money(minor_amount("amount_minor", form.amount_minor.data), currency)
    if bool(form.nothing.data) != (amount.minor == 0):
        raise InvalidValue("amount_minor", "not the reviewed amount")
    return Reviewed(
        amount=amount,
        available=Money(minor_amount("available", form.available.data), currency),
        reason=form.reason.data,
        message=form.message.data or "",
        form_token=token,
        proposal=(form.proposal.data or "")[:26],
        way=(form.way.data or "")[:16],
        handed_by=form.handed_by.data or "",
    )


def _viewer() -> Viewer:
    who = viewer()
    assert who is not None, "the rule of the page lets nobody else in"
    return who


def _paid(found: BookingFile) -> PaymentMoney:
    if found.payment is None:
        raise RefundRefused("not_settled" if found.unsettled else "not_paid")
    return found.payment


def _refundable(found: BookingFile) -> tuple[PaymentMoney, Panel]:
    payment, panel = _paid(found), panel_of(found, _viewer(), outside().clock())
    if panel is None or panel.blocked:
        raise RefundRefused(panel.blocked if panel else "not_paid")
    return payment, panel


def _again(found: BookingFile, asked: Reviewed) -> str:
    """The review page once more, with what was reviewed before."""
    payment, panel = _refundable(found)
    if asked.available != panel.available:
        raise StaleAmount(payment.id)
    return _review(found, payment, panel, asked)


def _amount(form: RefundForm, panel: Panel) -> Money | None:
    """The amount chosen or typed; None where it is none that could go back."""
    choice = form.choice.data or OTHER
    if choice == FULL:
        return panel.available
    if choice == NOTHING:
        return Money(0, panel.available.currency)
    found = panel.rule if choice == POLICY else _typed(form, panel)
    in_range = found is not None and 0 < found.minor <= panel.available.minor
    return found if in_range and choice in {POLICY, OTHER} else None


def _typed(form: RefundForm, panel: Panel) -> Money | None:
    return typed_amount(form.amount.data or "", panel.available.currency)


def _nameless(form: RefundForm, panel: Panel, amount: Money) -> bool:
    """Whether money would be handed over by nobody, or in no way we know."""
    if not (panel.by_hand and panel.issues and amount.minor):
        return False
    return not (form.handed_by.data or "") or not way_words(form.way.data or "")


def _complain(form: RefundForm, panel: Panel, amount: Money | None) -> None:
    """Say at the field which amounts can go back, and that a name is missing."""
    form.validate()
    if amount is not None and _nameless(form, panel, amount):
        form.handed_by.errors = [_("Enter who hands the money over, and how")]
    if amount is not None:
        return
    least, most = Money(1, panel.available.currency), panel.available
    words = _(
        "Enter an amount from %(least)s to %(most)s",
        least=money(least, locale()),
        most=money(most, locale()),
    )
    form.amount.errors = [words]


def _review(found: BookingFile, payment: PaymentMoney, panel: Panel, asked: Reviewed) -> str:
    currency = payment.amount.currency
    given = payment.captured - payment.left - (panel.available.minor - payment.left)
    waits = panel.limit is not None and asked.amount.minor > panel.limit.minor
    second = panel.proposal is not None and panel.proposal.first_by is not None
    return render_template(
        "admin/refund_review.html",
        booking=found,
        card=back_to(payment, asked),
        amount=asked.amount,
        available=panel.available,
        paid=Money(payment.captured, currency),
        refunded_before=Money(given, currency),
        fee=None if payment.fee is None else Money(payment.fee, currency),
        reason=asked.reason,
        reason_words=reason_words(asked.reason),
        message=asked.message,
        form_token=asked.form_token,
        proposal=asked.proposal,
        way=asked.way,
        handed_by=asked.handed_by,
        by_hand=way_words(asked.way) if panel.by_hand else "",
        only_asks=not panel.issues,
        needs_second=panel.issues and waits and not second,
    )
