"""Which payments does a bank ask about, by when, and what may the answer say?

Evidence is given in Stripe's dashboard; here stand the deadline, what is known, and the way there.
"""

from __future__ import annotations

from dataclasses import replace

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from efoy.domain.policy import Step, ladder
from efoy.domain.role import Action
from efoy.queries.admin.disputes import DisputeFile, dispute_file, disputes
from efoy.web.access import requires
from efoy.web.admin.booking_page import stripe_url
from efoy.web.admin.story import mail_words
from efoy.web.policy_words import sentence
from efoy.wiring import outside, settings

STRIPE_DISPUTE = "https://dashboard.stripe.com/{mode}disputes/{ref}"


def add_pages(bp: Blueprint) -> None:
    """Put these pages under /admin."""
    bp.add_url_rule("/admin/disputes", view_func=every_dispute)
    bp.add_url_rule("/admin/disputes/<dispute>", view_func=one_dispute)


@requires(Action.SEE_MONEY)
def every_dispute() -> ResponseReturnValue:
    """Open ones by their deadline, then those that are over."""
    found = [vars(one) | {"words": reason_words(one.reason)} for one in disputes()]
    now = outside().clock()
    return render_template("admin/disputes.html", disputes=found, now=now)


@requires(Action.SEE_MONEY)
def one_dispute(dispute: str) -> ResponseReturnValue:
    """The bank's question, its deadline and money, and what is known for the answer."""
    found = dispute_file(dispute[:26])
    now = outside().clock()
    return render_template(
        "admin/dispute.html",
        dispute=found,
        line=found.line,
        words=reason_words(found.line.reason),
        money_words=_money_words(found),
        sentence=sentence(found.policy),
        steps=_ladder(found),
        mails=[(mail_words(sent.kind), sent.at) for sent in found.mails],
        stripe_url=_stripe_url(found.line.ref),
        payment_url=stripe_url(found.intent_ref),
        overdue=found.line.due_at is not None and found.line.due_at <= now,
    )


def _ladder(found: DisputeFile) -> list[Step]:
    """As it was shown when booking; nobody stands on a rung of it now."""
    steps = ladder(found.policy, found.price, starts_at=found.visit_at, now=found.booked_at)
    return [replace(step, here=False) for step in steps]


def _stripe_url(ref: str) -> str:
    """The dispute in Stripe's own dashboard; the stand-in has none."""
    if settings().sandbox_mode:
        return ""
    return STRIPE_DISPUTE.format(mode="" if settings().live_key else "test/", ref=ref)


def reason_words(code: str) -> str:
    """Why the cardholder asks, as far as Stripe's word for it says."""
    words = {
        "product_not_received": _("The cardholder says the visit did not happen"),
        "product_unacceptable": _("The cardholder says the visit was not as promised"),
        "fraudulent": _("The cardholder says they did not pay this"),
        "duplicate": _("The cardholder says they paid twice"),
        "credit_not_processed": _("The cardholder waits for a refund"),
        "subscription_canceled": _("The cardholder says it was cancelled"),
        "unrecognized": _("The cardholder does not recognise the payment"),
        "general": _("The bank gave no particular reason"),
    }
    return words.get(code, _("Stripe’s word for it: %(code)s", code=code))


def _money_words(found: DisputeFile) -> str:
    """What the present state means for the money."""
    inquiry = _(
        "So far the bank only asks: no money was taken. You can still refund; giving everything "
        "back settles it without a fee. A part may not."
    )
    asked = _("The bank has taken the amount and a fee while it looks. No refund is possible.")
    words = {
        "warning_needs_response": inquiry,
        "warning_under_review": inquiry,
        "warning_closed": _("The bank asked no further. No money was taken."),
        "needs_response": asked,
        "under_review": _("Your answer is with the bank. It takes weeks, sometimes months."),
        "appeal_needs_response": asked,
        "appeal_under_review": _("The appeal is with the bank. It takes weeks, sometimes months."),
        "won": _("The bank decided for the clinic: the amount came back. The fee may not."),
        "lost": _("The bank decided for the cardholder: the amount is gone. Do not refund it too."),
        "prevented": _("It was settled before it began, usually by a refund that Stripe made."),
    }
    return words.get(
        found.line.status,
        _("Stripe has a new word for this: “%(word)s”. Look there.", word=found.line.status),
    )
