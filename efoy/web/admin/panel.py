"""How much may go back now, what do the rules say, and what stands in the way?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from efoy.domain.money import Money
from efoy.domain.refund import RefundOrigin
from efoy.domain.refund_way import RefundWay
from efoy.domain.role import Action, may
from efoy.queries.admin.booking import BookingFile, RefundRow
from efoy.queries.standing import PaymentMoney
from efoy.services.refund_limits import limit_of
from efoy.web.admin.forms import NOTHING, OTHER, POLICY, RefundForm
from efoy.web.admin.refund_doing import goes_by_hand
from efoy.web.admin.words import span_words
from efoy.web.forms import new_form_token
from efoy.web.login import Viewer


@dataclass(frozen=True, kw_only=True)
class Panel:
    """The refund panel. ``blocked`` is empty, or the word for why nothing can go back; ``rule``
    is what the rules still give, ``notice`` the time between the end of the booking (or now) and
    the visit.

    ``proposal`` is the refund that waits, if one does; then ``rule`` is its amount and
    ``available`` counts it in. ``by_hand``: the money never was at Stripe. ``issues``: this person
    gives it, else they only ask for it. ``limit``: above it a second person is needed.
    """

    blocked: str
    available: Money
    rule: Money
    rule_percent: int
    notice: timedelta
    cancelled: bool
    choice: str
    amount_text: str
    message: str
    form_token: str
    proposal: RefundRow | None
    by_hand: bool
    issues: bool
    limit: Money | None
    way: str = RefundWay.CASH
    handed_by: str = ""

    @property
    def by_rules(self) -> bool:
        """Whether the first choice is what the rules give, and not what somebody asked for."""
        return self.proposal is None or self.proposal.origin is RefundOrigin.POLICY

    @property
    def notice_words(self) -> str:
        """How long before the visit, in words."""
        return span_words(self.notice)

    def filled(self, form: RefundForm) -> Panel:
        """With what was typed before."""
        return replace(
            self,
            choice=form.choice.data or OTHER,
            amount_text=(form.amount.data or "")[:16],
            message=form.message.data or "",
            way=form.way.data or RefundWay.CASH,
            handed_by=form.handed_by.data or "",
        )


def panel_of(found: BookingFile, who: Viewer, now: datetime) -> Panel | None:
    """The panel of a booking as this person has it, None where nothing was ever paid."""
    payment = found.payment
    if payment is None:
        return _unsettled(found, who, now)
    return _panel(found, payment, who, now, blocked=_blocked(found, payment, who))


def _unsettled(found: BookingFile, who: Viewer, now: datetime) -> Panel | None:
    """Money that may be there, but is not settled, or waits for a person."""
    if not found.unsettled:
        return None
    return _panel(found, found.payments[-1], who, now, blocked="not_settled")


def _blocked(found: BookingFile, payment: PaymentMoney, who: Viewer) -> str:
    if payment.blocked_by_bank:
        return "disputed"
    if found.proposal is not None:
        if not may(who.role, Action.REFUND):
            return "asked"
        return "needs_another" if found.proposal.first_by == who.id else ""
    return "" if payment.left > 0 else "refunded"


def _panel(
    found: BookingFile, payment: PaymentMoney, who: Viewer, now: datetime, *, blocked: str
) -> Panel:
    currency, percent = payment.amount.currency, found.rule_percent(now)
    proposal = found.proposal
    waiting = proposal.amount.minor if proposal else 0
    rule = waiting or _still_due(payment, percent)
    limit = limit_of(who.id)
    return Panel(
        blocked=blocked,
        available=Money(max(payment.left + waiting, 0), currency),
        rule=Money(rule, currency),
        rule_percent=percent,
        notice=found.starts_at - (found.cancelled_at or now),
        cancelled=found.cancelled_by is not None,
        choice=POLICY if rule else NOTHING if found.cancelled_by else OTHER,
        amount_text="",
        message="",
        form_token=new_form_token(),
        proposal=proposal,
        by_hand=goes_by_hand(payment, proposal),
        issues=may(who.role, Action.REFUND),
        limit=None if limit is None else Money(limit, currency),
        way=proposal.way if proposal and proposal.handed_by else RefundWay.CASH,
        handed_by=(proposal.handed_by if proposal else "") or who.name,
    )


def _still_due(payment: PaymentMoney, percent: int) -> int:
    """What the rules give, less what went back already; never more than is left."""
    given = payment.captured - payment.left
    share = Money(payment.captured, payment.amount.currency).share(percent).minor
    return max(0, min(share - given, payment.left))
