"""How much may go back now, what do the rules say, and what stands in the way?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from efoy.domain.money import Money
from efoy.queries.admin.booking import BookingFile
from efoy.queries.standing import PaymentMoney
from efoy.web.admin.forms import OTHER, POLICY, RefundForm
from efoy.web.forms import new_form_token


@dataclass(frozen=True, kw_only=True)
class Panel:
    """The refund panel. ``blocked`` is empty, or the word for why nothing can go back; ``rule``
    is what the rules still give, ``notice`` the time between the end of the booking (or now) and
    the visit."""

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

    def filled(self, form: RefundForm) -> Panel:
        """With what was typed before."""
        return replace(
            self,
            choice=form.choice.data or OTHER,
            amount_text=(form.amount.data or "")[:16],
            message=form.message.data or "",
        )


def panel_of(found: BookingFile, now: datetime) -> Panel | None:
    """The panel of a booking, None where nothing was ever paid."""
    payment = found.payment
    if payment is None:
        return _unsettled(found, now)
    return _panel(found, payment, now, blocked=_blocked(payment))


def _unsettled(found: BookingFile, now: datetime) -> Panel | None:
    """Money that may be there, but is not settled, or waits for a person."""
    if not found.unsettled:
        return None
    return _panel(found, found.payments[-1], now, blocked="not_settled")


def _blocked(payment: PaymentMoney) -> str:
    if payment.blocked_by_bank:
        return "disputed"
    return "" if payment.left > 0 else "refunded"


def _panel(found: BookingFile, payment: PaymentMoney, now: datetime, *, blocked: str) -> Panel:
    currency, percent = payment.amount.currency, found.rule_percent(now)
    rule = _still_due(payment, percent)
    return Panel(
        blocked=blocked,
        available=Money(max(payment.left, 0), currency),
        rule=Money(rule, currency),
        rule_percent=percent,
        notice=found.starts_at - (found.cancelled_at or now),
        cancelled=found.cancelled_by is not None,
        choice=POLICY if rule else OTHER,
        amount_text="",
        message="",
        form_token=new_form_token(),
    )


def _still_due(payment: PaymentMoney, percent: int) -> int:
    """What the rules give, less what went back already; never more than is left."""
    given = payment.captured - payment.left
    share = Money(payment.captured, payment.amount.currency).share(percent).minor
    return max(0, min(share - given, payment.left))
