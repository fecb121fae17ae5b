"""What becomes of a reviewed decision about money: given, proposed, approved, declined, kept?"""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import gettext as _

from efoy.domain.errors import RefundRefused
from efoy.domain.money import Money
from efoy.domain.payment import PaymentMethod
from efoy.domain.refund import RefundStatus
from efoy.domain.refund_way import BY_HAND, RefundWay
from efoy.domain.role import Action, may
from efoy.queries.admin.booking import BookingFile, RefundRow, refund_status
from efoy.queries.standing import PaymentMoney
from efoy.services.proposals import approve_refund
from efoy.services.refund_by_hand import Hand, pay_by_hand
from efoy.services.refund_decisions import (
    decline_refund,
    give_other_amount,
    give_other_by_hand,
    give_proposed_by_hand,
    keep_money,
)
from efoy.services.refunds import RefundWish, request_refund
from efoy.web.access import actor
from efoy.web.admin.words import reason_words, way_words
from efoy.web.context import locale
from efoy.web.login import Viewer
from efoy.wiring import outside
from efoy.wording import money


@dataclass(frozen=True, kw_only=True)
class Reviewed:
    """What the review page showed and its button sends. ``proposal`` is the refund that waited,
    '' for none; an ``amount`` of nothing keeps the money."""

    amount: Money
    available: Money
    reason: str
    message: str
    form_token: str
    proposal: str
    way: str
    handed_by: str

    @property
    def wish(self) -> RefundWish:
        """The same for the services."""
        return RefundWish(
            amount=self.amount.minor,
            available=self.available.minor,
            reason=self.reason,
            message=self.message,
            form_token=self.form_token,
        )

    @property
    def hand(self) -> Hand:
        """Who hands it over; raises RefundRefused where nobody was named."""
        if self.way not in BY_HAND:
            raise RefundRefused("hand")
        return Hand(way=RefundWay(self.way), by=self.handed_by)


def done_before(found: BookingFile, asked: Reviewed, who: Viewer) -> bool:
    """Whether this very decision was made by this person: the button was pressed twice."""
    row = next((row for row in found.refunds if row.id == asked.proposal), None)
    if row is None:
        return False
    declined = row.status is RefundStatus.WITHDRAWN
    waits_on = row.status is RefundStatus.PROPOSED and row.first_by == who.id
    decided = row.decided_by == who.id and row.status is not RefundStatus.PROPOSED
    return waits_on or (decided and declined == (asked.amount.minor == 0))


def give(found: BookingFile, payment: PaymentMoney, asked: Reviewed, who: Viewer) -> str:
    """Make the decision, and say what came of it. Raises what the services raise."""
    if asked.proposal and (found.proposal is None or found.proposal.id != asked.proposal):
        raise RefundRefused("decided")
    if not asked.amount.minor:
        return _nothing(payment, asked)
    hand = goes_by_hand(payment, found.proposal if asked.proposal else None)
    if hand and may(who.role, Action.REFUND):
        status = _by_hand(found, payment, asked)
    else:
        status = _by_stripe(found, payment, asked)
    return _said(status, payment, asked)


def goes_by_hand(payment: PaymentMoney, proposal: RefundRow | None) -> bool:
    """Whether a person hands it over: the money never was at Stripe, or that was proposed."""
    never_there = payment.method is not PaymentMethod.STRIPE
    return never_there or (proposal is not None and proposal.way is not RefundWay.STRIPE)


def _nothing(payment: PaymentMoney, asked: Reviewed) -> str:
    now = outside().clock()
    if asked.proposal:
        note = asked.message or reason_words(asked.reason)
        decline_refund(asked.proposal, note=note, actor=actor(), now=now)
    else:
        keep_money(payment.id, asked.reason, asked.message, actor=actor(), now=now)
    return _("Nothing goes back. That stands in the history, with your reason.")


def _as_proposed(found: BookingFile, asked: Reviewed) -> bool:
    return found.proposal is not None and found.proposal.amount == asked.amount


def _by_stripe(found: BookingFile, payment: PaymentMoney, asked: Reviewed) -> RefundStatus:
    now = outside().clock()
    if not asked.proposal:
        request_refund(payment.id, asked.wish, actor=actor(), now=now)
        return refund_status(asked.form_token)
    if _as_proposed(found, asked):
        return approve_refund(asked.proposal, message=asked.message, actor=actor(), now=now)
    give_other_amount(asked.proposal, asked.wish, actor=actor(), now=now)
    return refund_status(asked.form_token)


def _by_hand(found: BookingFile, payment: PaymentMoney, asked: Reviewed) -> RefundStatus:
    now = outside().clock()
    if not asked.proposal:
        return pay_by_hand(payment.id, asked.wish, asked.hand, actor=actor(), now=now)
    if _as_proposed(found, asked):
        return give_proposed_by_hand(asked.proposal, asked.hand, actor=actor(), now=now)
    return give_other_by_hand(asked.proposal, asked.wish, asked.hand, actor=actor(), now=now)


def back_to(payment: PaymentMoney, asked: Reviewed) -> str:
    """Where the money goes, in words."""
    if asked.way in BY_HAND:
        return way_words(asked.way)
    return payment.card or _("the card it came from")


def _said(status: RefundStatus, payment: PaymentMoney, asked: Reviewed) -> str:
    amount = money(asked.amount, locale())
    if status is RefundStatus.PROPOSED:
        return _("%(amount)s waits for a second person. Nothing was sent.", amount=amount)
    if status is RefundStatus.SUCCEEDED:
        return _("%(amount)s was handed over by %(name)s.", amount=amount, name=asked.handed_by)
    card = back_to(payment, asked)
    return _("%(amount)s is on its way to %(card)s", amount=amount, card=card) + "."
