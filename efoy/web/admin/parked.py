"""A payment does not fit its booking: accept it, give it back, or close the matter."""

from __future__ import annotations

from flask import Blueprint, flash, make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import StringField

from efoy.domain.errors import RefundRefused
from efoy.domain.payment import PaymentStatus
from efoy.domain.role import Action
from efoy.queries.admin.parked import ParkedPayment, parked_payment
from efoy.services.parked import MAY_STAND, Decision, decide_parked
from efoy.web.access import actor, requires
from efoy.web.admin.words import difference_words, refusal_words
from efoy.web.forms import BaseForm, text_field
from efoy.web.proof import ask_password
from efoy.wiring import outside

LONGEST_WHY = 300


class DecisionForm(BaseForm):
    """What is decided, and why."""

    decision = StringField()
    why = text_field(_l("Reason"), most=LONGEST_WHY, missing=_l("Say why you decide so"))


def add_pages(bp: Blueprint) -> None:
    """Put these pages under /admin."""
    path = "/admin/parked/<payment>"
    bp.add_url_rule(path, view_func=parked)
    bp.add_url_rule(path, view_func=decide, methods=["POST"])


@requires(Action.REFUND)
def parked(payment: str) -> ResponseReturnValue:
    """What was asked for, what Stripe showed, and what may be decided."""
    return _page(parked_payment(payment[:26]))


@requires(Action.REFUND)
def decide(payment: str) -> ResponseReturnValue:
    """Decide once; whoever comes later is told that it was decided."""
    found, form = parked_payment(payment[:26]), DecisionForm()
    known = form.decision.data in set(Decision)
    if not form.validate() or not known:
        if not known:
            form.decision.errors = [_("Choose what to do")]
        return make_response(_page(found, form), 400)
    page = ask_password(lambda: make_response(_page(found, form)))
    if page is not None:
        return page
    choice = Decision(form.decision.data)
    stripe, now = outside().stripe, outside().clock()
    try:
        decide_parked(found.id, choice, form.why.data, stripe=stripe, actor=actor(), now=now)
    except RefundRefused as error:
        flash(refusal_words(error.reason), "error")
        return make_response(_page(parked_payment(found.id), form), 409)
    flash(_said(choice))
    return redirect(url_for("admin.booking", ref=found.booking_ref), 303)


def _page(found: ParkedPayment, form: DecisionForm | None = None) -> str:
    return render_template(
        "admin/parked.html",
        payment=found,
        words=difference_words(found.difference),
        ours=found.difference in MAY_STAND,
        undecided=found.status is PaymentStatus.PARKED,
        form=form or DecisionForm(formdata=None),
    )


def _said(choice: Decision) -> str:
    return {
        Decision.ACCEPT: _("The payment is accepted with the amount Stripe has."),
        Decision.GIVE_BACK: _("All of it goes back. The time is free again."),
        Decision.CLOSE: _("The matter is closed. No money was recorded."),
    }[choice]
