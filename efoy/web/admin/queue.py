"""How is each thing that needs a person said: what happened, what to do, where?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import url_for
from flask_babel import gettext as _

from efoy.domain.money import Money, UnusableCurrency
from efoy.queries.admin.needs import Need
from efoy.services.alerts import may_close
from efoy.web.admin.words import difference_words, failure_words, span_words
from efoy.web.context import clinic, locale
from efoy.wiring import outside
from efoy.wording import datetime_short, money

BAD = frozenset(
    {
        "parked_payment",
        "refund_failed",
        "dispute",
        "unmatched_money",
        "dead_mail",
        "stripe_refused",
        "refund_differs",
        "law_broken",
    }
)
DRAWINGS = {
    "refund_to_approve": "undo",
    "refund_wish": "user",
    "late_money": "clock",
    "dispute": "bank",
    "stripe_silent": "clock",
    "refund_waits": "undo",
}


@dataclass(frozen=True, kw_only=True)
class QueueItem:
    """One line of the queue, ready to be shown."""

    tone: str
    drawing: str
    fact: str
    detail: str
    action: str
    url: str
    close_url: str
    id: str = ""
    age: str = ""
    owner: str = ""
    owner_id: str = ""
    note: str = ""
    due_at: datetime | None = None
    mail: bool = False


def queue(found: Sequence[Need], *, with_money: bool) -> list[QueueItem]:
    """The queue in words. Without money: what concerns a booking, and no amounts."""
    return [_item(need, with_money) for need in found if with_money or need.booking_ref]


def _item(need: Need, with_money: bool) -> QueueItem:
    fact, detail, action = _words(need)
    if with_money and need.amount is not None and need.kind != "clash_of_hours":
        fact = _("%(fact)s: %(amount)s", fact=fact, amount=money(need.amount, locale()))
    return QueueItem(
        tone="bad" if need.kind in BAD else "",
        drawing=DRAWINGS.get(need.kind, "alert"),
        fact=fact,
        detail=detail,
        action=action,
        url=_url(need, with_money),
        close_url=url_for("admin.seen_to", alert=need.id)
        if with_money and may_close(need.kind)
        else "",
        id=need.id,
        age=_age(outside().clock() - need.since),
        owner=need.owner,
        owner_id=need.owner_id,
        note=need.note,
        due_at=need.due_at,
        mail=with_money and need.kind == "dead_mail",
    )


def _age(waiting: timedelta) -> str:
    if waiting < timedelta(minutes=1):
        return _("Just now.")
    return _("Waiting for %(how_long)s.", how_long=span_words(waiting))


def _url(need: Need, with_money: bool) -> str:
    if need.kind == "clash_of_hours":
        return url_for("away.clash", ref=need.booking_ref)
    pages = {
        "parked_payment": "/admin/parked",
        "refund_failed": "/admin/refunds",
        "refund_wish": "/admin/refunds",
        "dispute": "/admin/disputes",
        "unknown_dispute_status": "/admin/disputes",
    }
    if with_money and need.kind in pages:
        return f"{pages[need.kind]}/{need.subject}"
    if need.booking_ref:
        return url_for("admin.booking", ref=need.booking_ref)
    return url_for("admin.refunds" if need.kind == "refund_breaker" else "admin.health")


def _words(need: Need) -> tuple[str, str, str]:
    """What happened, more about it, and the words of the button."""
    name, see = need.visitor_name, _("See the booking")
    table = {
        "parked_payment": lambda: (
            _("A payment does not fit its booking"),
            _("%(name)s. Stripe shows %(what)s. Nothing was confirmed or sent back.",
              name=name, what=difference_words(need.detail)),
            _("Decide"),
        ),
        "refund_failed": lambda: (
            _("A refund did not arrive"),
            _("%(name)s. %(why)s Call and pay it back another way.",
              name=name, why=failure_words(need.detail)),
            _("Sort it out"),
        ),
        "refund_differs": lambda: (
            _("A refund differs from ours"),
            _("%(name)s. Stripe shows another amount for it. Compare it in Stripe’s dashboard.",
              name=name),
            see,
        ),
        "unknown_refund_status": lambda: (
            _("Stripe says something new about a refund"),
            _("%(name)s. Its word is “%(word)s”. Look in Stripe’s dashboard.",
              name=name, word=need.detail),
            see,
        ),
        "unknown_dispute_status": lambda: (
            _("A bank’s question stands in a way we do not know"),
            _("%(name)s. Stripe’s word for it is “%(word)s”. Look in its dashboard.",
              name=name, word=need.detail),
            see,
        ),
        "law_broken": lambda: (
            _("Something here contradicts itself"),
            _("%(what)s Tell whoever runs this installation.", what=_closed(need.detail)),
            _("See health"),
        ),
        "dispute": lambda: (
            _("A bank asks about a payment"),
            _("%(name)s. Answer it in Stripe’s dashboard.", name=name),
            _("See the dispute"),
        ),
        "refund_to_approve": lambda: (
            _("A refund to approve"),
            _("%(name)s. It needs a second person.", name=name) if need.detail == "second"
            else _("%(name)s. Nothing is sent before somebody agrees.", name=name),
            _("Decide"),
        ),
        "refund_wish": lambda: (
            _("A patient says how they want their money"),
            _("%(name)s. %(choice)s", name=name, choice=_wish(need.detail)),
            _("Sort it out"),
        ),
        "late_money": lambda: (
            _("Paid when the time was gone"),
            _("%(name)s. All of it goes back by itself. Call to offer another time.", name=name),
            see,
        ),
        "refund_waits": lambda: (
            _("A refund cannot be sent"),
            _("%(name)s. The bank is looking at the payment.", name=name),
            see,
        ),
        "refund_breaker": lambda: (
            _("Automatic refunds have stopped"),
            _("There were too many in an hour. Look at them; they go on by themselves later."),
            _("Review refunds"),
        ),
        "stripe_silent": lambda: (
            _("Stripe does not say how a payment ended"),
            _("%(name)s. The time was released. We keep asking.", name=name),
            see,
        ),
        "stripe_refused": lambda: (
            _("Stripe refused to take a payment"),
            _("%(name)s could not pay. Stripe’s word for it: %(code)s.",
              name=name, code=need.detail),
            see,
        ),
        "clash_of_hours": lambda: (
            _("A visit lies where its doctor is not"),
            _clash_words(need),
            _("Decide"),
        ),
        "dead_mail": lambda: (
            _("A mail could not be sent"),
            _("It was tried for two days (%(kind)s). Call the patient, or correct the address.",
              kind=need.detail),
            _("See health"),
        ),
        "restored": lambda: (
            _("A backup was restored"),
            _("Mails were kept back (%(what)s). Compare with Stripe before they go out.",
              what=need.detail),
            _("See health"),
        ),
        "unmatched_money": lambda: (
            _("Money at Stripe belongs to no booking"),
            _("%(amount)s. Look for it in Stripe’s dashboard.", amount=_amount(need.detail)),
            _("See health"),
        ),
        "unmatched_event": lambda: (
            _("A message from Stripe fits nothing here"),
            need.detail,
            _("See health"),
        ),
    }  # fmt: skip
    if need.kind in table:
        return table[need.kind]()
    return _("Something needs a look"), f"{need.kind}: {need.detail}", see


def _clash_words(need: Need) -> str:
    """Whom it concerns, when, and what it waits for; ``detail`` is how far the decision is."""
    when = datetime_short(need.visit_at, clinic().zone, locale()) if need.visit_at else ""
    who = _("%(name)s, %(when)s.", name=need.visitor_name, when=when)
    waits = {
        "offered": _("Asked to choose another time; no answer yet."),
        "failed": _("What was chosen could not be done."),
    }
    return f"{who} {waits.get(need.detail) or _('Call, then move, keep or cancel it.')}"


def _wish(choice: str) -> str:
    words = {
        "call": _("Wants to be called."),
        "collect": _("Comes to the clinic for it."),
        "try_again": _("Wants the same card tried again."),
    }
    return words.get(choice, choice)


def _closed(sentence: str) -> str:
    """With its full stop."""
    return sentence if sentence.endswith((".", "…")) else f"{sentence}."


def _amount(detail: str) -> str:
    """``4500 USD`` as people write it."""
    minor, _blank, currency = detail.partition(" ")
    try:
        return money(Money(int(minor), currency), locale())
    except (ValueError, UnusableCurrency):
        return detail
