"""How are reasons, failures and happenings said to staff?"""

from __future__ import annotations

from datetime import timedelta

from flask_babel import gettext as _
from flask_babel import ngettext

from efoy.domain.booking import Landing
from efoy.domain.payment import PaymentMethod
from efoy.domain.refund_way import BY_HAND, RefundWay
from efoy.services.refunds import REASONS
from efoy.wording import duration


def reason_choices() -> list[tuple[str, str]]:
    """The reasons an admin can give for a refund, with their words."""
    return [(value, reason_words(value)) for value in REASONS]


def reason_words(value: str) -> str:
    """Why money goes back."""
    words = {
        "patient_asked": _("The patient asked for it"),
        "clinic_cancelled": _("The clinic cancelled"),
        "visit_changed": _("The visit was changed"),
        "charged_wrongly": _("Charged wrongly"),
        "goodwill": _("Goodwill"),
        "made_at_stripe": _("Made in Stripe’s dashboard"),
        str(Landing.SLOT_LOST): _("Paid too late, the time was gone"),
        str(Landing.CANCELLED): _("Paid while it was cancelled"),
        str(Landing.DUPLICATE): _("Paid twice"),
    }
    return words.get(value, value)


def failure_words(code: str | None) -> str:
    """Why a refund did not arrive, as far as Stripe says (a ``failure_reason`` or error code)."""
    words = {
        "lost_or_stolen_card": _("The card is lost or stolen."),
        "expired_or_canceled_card": _("The card is closed."),
        "charge_for_pending_refund_disputed": _("The bank is looking at the payment."),
        "insufficient_funds": _("The Stripe balance was too low."),
        "declined": _("The bank declined it."),
        "merchant_request": _("The clinic stopped it."),
        "charge_already_refunded": _("Everything had gone back before."),
        "charge_disputed": _("The bank is looking at the payment."),
        "never_arrived": _("It never reached Stripe; it was sent again."),
        "unknown": _("The bank did not say why."),
    }
    return words.get(code, _("Stripe’s word for it: %(code)s.", code=code)) if code else ""


def waiting_words(code: str | None) -> str:
    """Why a refund is still on its way."""
    words = {
        "insufficient_funds": _("Stripe sends it when the clinic’s balance is high enough."),
        "charge_pending": _("Stripe sends it when the payment has settled."),
    }
    return words.get(code or "", "")


def decline_words(code: str | None) -> str:
    """Why a try to pay failed."""
    words = {
        "insufficient_funds": _("insufficient funds"),
        "expired_card": _("card expired"),
        "incorrect_cvc": _("wrong security code"),
        "invalid_cvc": _("wrong security code"),
        "authentication_required": _("not confirmed with the bank"),
        "payment_intent_authentication_failure": _("not confirmed with the bank"),
    }
    return words.get(code, _("card declined")) if code else ""


def span_words(span: timedelta) -> str:
    """``3 h 20 min``, and from two days on only the days."""
    if span >= timedelta(days=2):
        return ngettext("%(num)s day", "%(num)s days", span.days)
    return duration(span)


def way_choices() -> list[tuple[str, str]]:
    """The ways on which money is handed over, with their words."""
    return [(str(way), way_words(way)) for way in RefundWay if way in BY_HAND]


def way_words(way: str) -> str:
    """By which way money is handed over; '' for a way on which nobody hands anything over."""
    words = {
        "cash": _("cash"),
        "terminal": _("card terminal"),
        "transfer": _("bank transfer"),
    }
    return words.get(way, "")


def refusal_words(reason: str) -> str:
    """Why a refund is not possible now."""
    words = {
        "disputed": _(
            "You can’t refund this payment because the bank is looking at it. "
            "Answer the dispute instead."
        ),
        "not_paid": _("Nothing has been paid, so nothing can go back."),
        "not_settled": _("The payment is not settled yet. Refund it once it is."),
        "refunded": _("Everything that was paid has gone back or is on its way."),
        "amount": _("That amount cannot go back. Look at what is left, then decide."),
        "reason": _("Choose a reason from the list."),
        "needs_another": _("You asked for this refund. A second person has to approve it."),
        "asked": _("A refund was asked for and waits for an admin."),
        "hand": _("Say who hands the money over, and how."),
        "not_failed": _("This refund did not fail, so nothing has to be made good."),
        "not_captured": _("Stripe shows no money for it, so there is nothing to accept."),
        "not_ours": _("This money is not for our payment. Close the matter here."),
        "captured": _("Stripe has this money. Accept it or give it back."),
        "decided": _("Somebody has decided about this refund already. This is how it stands now."),
        "by_hand": _(
            "This was not paid through Stripe. Give the money back by hand and record it."
        ),
        "another_is_waiting": _(
            "Another refund of this payment waits to be sent. Try again when it has gone."
        ),
    }
    return words.get(reason, _("This refund is not possible now."))


def hand_words(method: PaymentMethod) -> str:
    """How money came that Stripe never saw; Stripe's own name where no card is known."""
    words = {
        PaymentMethod.CASH: _("In cash at the desk"),
        PaymentMethod.TERMINAL: _("By card at the desk"),
    }
    return words.get(method, str(method))


def difference_words(word: str) -> str:
    """What differs between what was asked for and what Stripe showed."""
    words = {
        "amount": _("another amount"),
        "captured": _("another amount taken than asked for"),
        "currency": _("another currency"),
        "mode": _("a test payment in a live clinic, or the other way round"),
        "reference": _("somebody else’s reference"),
        "checkout": _("another pay page"),
    }
    return words.get(word, word)
