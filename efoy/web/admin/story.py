"""How is the history of a booking told: what, who, through which door?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _

from efoy.queries.admin.timeline import Happening
from efoy.web.admin.words import decline_words
from efoy.web.context import clinic, locale
from efoy.wording import datetime_short, money

Told = tuple[str, str, str]
MOVES = frozenset({"move", "move_begun", "move_dropped"})


@dataclass(frozen=True, kw_only=True)
class TimelineItem:
    """One entry, ready to be shown."""

    tone: str
    drawing: str
    what: str
    detail: str
    code: str
    who: str
    door: str
    at: datetime


def tell(
    happenings: Sequence[Happening], *, cancel_reason: str, with_money: bool
) -> list[TimelineItem]:
    """The history in words; without money, only what happened to the booking and its mails."""
    seen = [one for one in happenings if with_money or one.object in {"booking", "mail"}]
    return [_item(one, cancel_reason, with_money) for one in seen]


def _item(one: Happening, cancel_reason: str, with_money: bool) -> TimelineItem:
    tone, drawing, what = _told(one)
    if one.amount is not None and with_money:
        what = _("%(what)s, %(amount)s", what=what, amount=money(one.amount, locale()))
    return TimelineItem(
        tone=tone,
        drawing=drawing,
        what=what,
        detail=_detail(one, cancel_reason),
        code=one.code if with_money else "",
        who=_who(one),
        door="" if one.object == "mail" else one.door,
        at=one.at,
    )


def _who(one: Happening) -> str:
    """A name where one is known; guests have none here, and nobody stands behind the clock."""
    if one.door == "webhook":
        return str(_("Stripe"))
    return one.who or (_("Patient") if one.role == "guest" else "")


def _detail(one: Happening, cancel_reason: str) -> str:
    if one.object == "mail":
        return _("To %(address)s.", address=one.words)
    if (one.object, one.event) == ("booking", "cancel") and cancel_reason:
        return _("Reason: “%(reason)s”.", reason=cancel_reason)
    if one.object == "booking" and one.event in MOVES and one.to:
        return _moved(one)
    if (one.object, one.event) == ("payment", "fail") and one.words:
        return _("Reason: %(reason)s.", reason=decline_words(one.words))
    return ""


def _moved(one: Happening) -> str:
    """From where to where; a move that was not made only has where it wanted to go."""
    zone, language = clinic().zone, locale()
    to = datetime_short(one.to, zone, language)
    if not one.was:
        return _("Wanted: %(to)s.", to=to)
    return _("From %(was)s to %(to)s.", was=datetime_short(one.was, zone, language), to=to)


def _told(one: Happening) -> Told:
    """Tone, drawing and words of one entry; an unknown one is told by its own name."""
    if one.object == "mail":
        return _mail(one)
    tables = {
        "booking": _of_bookings,
        "payment": _of_payments,
        "refund": _of_refunds,
        "dispute": _of_disputes,
    }
    words = tables[one.object]() if one.object in tables else {}
    return words.get(one.event, ("", "info", f"{one.object}: {one.event}"))


def _of_bookings() -> Mapping[str, Told]:
    return {
        "begin": ("", "clock", _("Time held")),
        "pay": ("ok", "check", _("Visit booked")),
        "expire": ("", "clock", _("Time released, not paid")),
        "cancel": ("bad", "x", _("Booking cancelled")),
        "arrive": ("", "user", _("Patient is here")),
        "not_here": ("", "undo", _("Patient is not here after all")),
        "attend": ("ok", "check", _("Visit done")),
        "miss": ("", "user", _("Patient did not come")),
        "undo": ("", "undo", _("Mark taken back")),
        "move": ("ok", "swap", _("Visit moved")),
        "move_begun": ("now", "clock", _("Another time held until its extra payment")),
        "move_dropped": ("", "clock", _("The other time released, the visit stays")),
    }


def _of_payments() -> Mapping[str, Told]:
    return {
        "begin": ("", "card", _("Payment begun")),
        "opened": ("", "out", _("Sent to Stripe to pay")),
        "close": ("", "clock", _("Pay page being closed")),
        "process": ("now", "bank", _("The bank is checking the payment")),
        "pay": ("ok", "check", _("Payment received")),
        "expire": ("", "clock", _("Pay page ran out, nothing paid")),
        "fail": ("bad", "alert", _("Payment failed")),
        "park": ("bad", "alert", _("Payment set aside for a person")),
        "accept": ("ok", "check", _("Payment accepted")),
        "dismiss": ("", "x", _("Payment closed")),
    }


def _of_refunds() -> Mapping[str, Told]:
    return {
        "begin": ("now", "undo", _("Refund asked for")),
        "submit": ("", "out", _("Refund sent to Stripe")),
        "pend": ("", "clock", _("Refund waits at Stripe")),
        "require_action": ("now", "user", _("Refund needs the patient")),
        "succeed": ("ok", "check", _("Refund on its way to the bank")),
        "fail": ("bad", "alert", _("Refund failed")),
        "cancel": ("bad", "x", _("Refund stopped")),
        "withdraw": ("", "x", _("Refund withdrawn")),
    }


def _of_disputes() -> Mapping[str, Told]:
    return {
        "begin": ("bad", "bank", _("The bank asks about the payment")),
        "bank": ("now", "bank", _("The bank moved on with its question")),
    }


def _mail(one: Happening) -> Told:
    if one.after == "dead":
        return ("bad", "mail", _("A mail could not be sent"))
    return ("", "mail", mail_words(one.event))


def mail_words(kind: str) -> str:
    """Which mail went out."""
    words = {
        "booked": _("Confirmation with receipt sent"),
        "cancelled_by_clinic": _("Mail about the cancellation sent"),
        "cancelled_by_patient": _("Mail about the cancellation sent"),
        "payment_failed": _("Mail about the failed payment sent"),
        "moved": _("Mail about the new time sent"),
        "move_not_made": _("Mail that the visit was not moved sent"),
        "paid_too_late": _("Mail about the late payment sent"),
        "paid_twice": _("Mail about the double payment sent"),
        "refund_sent": _("Refund mail sent"),
        "refund_failed": _("Mail about the failed refund sent"),
        "refund_by_hand": _("Mail about the money handed over sent"),
        "refund_wish": _("Question how to pay back sent"),
    }
    return words.get(kind, _("A mail was sent"))
