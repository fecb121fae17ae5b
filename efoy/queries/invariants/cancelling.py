"""Is what a patient was told when they cancelled what was asked for, and what the rules say?"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from sqlalchemy import Row, exists, func, select

from efoy.domain.cancelling import HONOURED_FOR
from efoy.domain.closing import OPEN, ItemStatus
from efoy.domain.money import Money
from efoy.domain.payment import PaymentStatus
from efoy.domain.policy import Policy, quote
from efoy.models.booking import Booking
from efoy.models.closing import DayClosingItem
from efoy.models.payment import Payment, Refund
from efoy.queries.invariants.law import law
from efoy.queries.invariants.view import View

Found = Iterable[tuple[str, str]]
ASKED = """
    SELECT p.booking_id, SUM(r.amount_minor) AS minor
    FROM refunds r JOIN payments p ON p.id = r.payment_id
    WHERE r.form_token LIKE 'cancel:%' GROUP BY p.booking_id
"""
"""What cancellations asked for: their refunds bear the payment in their token."""


@law("R5", "A cancellation asks for exactly what was quoted, once, and when it may.")
def the_quote_is_asked_for(view: View) -> Found:
    """Whatever people decide afterwards: the first rows stay, and their amounts."""
    yield from view.pairs(
        f"""
        SELECT b.id, COALESCE(asked.minor, 0) || ' was asked for, ' || b.quoted_minor
            || ' was quoted'
        FROM bookings b LEFT JOIN ({ASKED}) AS asked ON asked.booking_id = b.id
        WHERE COALESCE(b.quoted_minor, 0) <> COALESCE(asked.minor, 0)
        """  # noqa: S608  # a constant of ours
    )
    yield from view.pairs(
        """
        SELECT b.id, 'a person cancelled it, and was quoted nothing at all' FROM bookings b
        WHERE b.status = 'cancelled' AND b.cancelled_by = 'patient'
          AND b.confirmed_at IS NOT NULL AND b.quoted_minor IS NULL
          AND fact(b.policy, 'approval_mode') IS NOT NULL
        """
    )
    yield from view.pairs(
        """
        SELECT r.id, 'nobody agreed to it' FROM refunds r
        JOIN payments p ON p.id = r.payment_id JOIN bookings b ON b.id = p.booking_id
        WHERE r.form_token LIKE 'cancel:%' AND b.cancelled_by = 'patient'
          AND r.status NOT IN ('proposed', 'withdrawn') AND r.decided_at IS NULL
          AND COALESCE(fact(b.policy, 'approval_mode'), 'approval') <> 'automatic'
        """
    )


_OWN = Refund.form_token.like("cancel:%")
_PAID = (
    select(func.count())
    .where(Payment.booking_id == Booking.id, Payment.status == PaymentStatus.PAID)
    .correlate(Booking)
    .scalar_subquery()
)
_ASKED_TO_MOVE = exists().where(
    DayClosingItem.booking_id == Booking.id,
    DayClosingItem.visit_at == Booking.starts_at,
    DayClosingItem.status.in_([*OPEN, ItemStatus.GONE]),
)
"""The clinic could not keep the visit and had not heard from its patient: then all goes back."""
_QUOTED = (
    select(
        Booking.id,
        Booking.cancelled_by,
        Booking.policy_json.label("policy"),
        Booking.starts_at,
        Booking.quoted_at,
        Booking.cancelled_at,
        Booking.quoted_minor,
        Booking.currency,
        Refund.available_minor,
        _ASKED_TO_MOVE.label("asked_to_move"),
    )
    .join(Payment, Payment.booking_id == Booking.id)
    .join(Refund, Refund.payment_id == Payment.id)
    .where(_OWN, Booking.quoted_at.is_not(None), _PAID == 1)
)


@law("R5", "The quote is what the rules gave when it was shown, at most ten minutes before.")
def the_quote_is_the_rules(view: View) -> Found:
    """Where one payment paid for the visit; what it was a share of stands on its refund."""
    for row in view.connection.execute(_QUOTED):
        yield from _against_the_rules(row)


def _against_the_rules(row: Row[Any]) -> Found:
    left = Money(row.available_minor, row.currency)
    due = left
    if row.cancelled_by == "patient":
        policy = Policy.from_json(row.policy)
        if not row.asked_to_move:
            due = quote(policy, left, starts_at=row.starts_at, at=row.quoted_at)
        age = row.cancelled_at - row.quoted_at
        if not timedelta(0) <= age <= HONOURED_FOR or row.quoted_at >= row.starts_at:
            yield row.id, "the quote was too old, or of a visit that had begun"
    if due.minor != row.quoted_minor:
        yield row.id, f"{row.quoted_minor} was quoted, the rules give {due.minor}"


LAWS = (the_quote_is_asked_for, the_quote_is_the_rules)
