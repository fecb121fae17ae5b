"""Do our rows and Stripe's lists say the same? Both ways, over the last days.

Only what is old enough to have settled is compared; what the demo was seeded with never was at
Stripe and is left out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from efoy.domain.notice import CheckoutNotice, CheckoutState, RefundNotice
from efoy.models.base import reading
from efoy.models.booking import Booking
from efoy.models.ledger import STRIPE_BALANCE, LedgerEntry
from efoy.models.payment import Dispute, Payment, Refund
from efoy.queries.invariants.law import Violation

if TYPE_CHECKING:
    from efoy.gateways.stripe_gateway import StripeGateway

LOOK_BACK = timedelta(days=3)
LAG = timedelta(minutes=15)
"""What is younger may be known on one side only."""
AT_A_TIME = 500
SEEDED = "%\\_seeded\\_%"


@dataclass(frozen=True, kw_only=True)
class Lists:
    """What Stripe has since the beginning of the comparison."""

    checkouts: dict[str, CheckoutNotice]
    charges: dict[str, tuple[str | None, int, str]]
    refunds: dict[str, RefundNotice]
    balance: dict[str, int]


def check_beside_stripe(
    stripe: StripeGateway, *, now: datetime, since: datetime | None = None
) -> list[Violation]:
    """Every difference between our rows and Stripe's lists since ``since`` (three days ago).

    Raises ProviderDown.
    """
    begin = since or now - LOOK_BACK
    theirs = _lists(stripe, begin, now)
    return [
        *_same_charges(theirs, begin, now),
        *_same_refunds(theirs, begin, now),
        *_same_balance(theirs, begin, now),
        *_same_checkouts(theirs, now),
        *_right_mode(stripe, theirs),
    ]


def _lists(stripe: StripeGateway, begin: datetime, now: datetime) -> Lists:
    charges = {
        charge: (intent, captured, currency)
        for charge, intent, captured, currency in stripe.list_captured(begin)
    }
    balance: dict[str, int] = defaultdict(int)
    for line in stripe.list_balance(begin):
        balance[line.source or ""] += line.net
    return Lists(
        checkouts={each.ref: each for each in stripe.list_checkouts(begin, now + LAG)},
        charges=charges,
        refunds={each.ref: each for each in stripe.list_refunds_since(begin)},
        balance=balance,
    )


def _broken(code: str, subject: str, sentence: str) -> Violation:
    return Violation(code=code, subject=subject, sentence=sentence)


def _rows(query: Any) -> list[Any]:
    with reading() as connection:
        return list(connection.execute(query))


def _among(query: Any, column: Any, values: Iterable[str | None]) -> list[Any]:
    """The rows whose ``column`` is one of ``values``, asked for some hundreds at a time."""
    wanted, found = sorted({value for value in values if value}), []
    for start in range(0, len(wanted), AT_A_TIME):
        found += _rows(query.where(column.in_(wanted[start : start + AT_A_TIME])))
    return found


def _paid_since(begin: datetime) -> list[Any]:
    query = select(
        Payment.id,
        Payment.charge_ref,
        Payment.intent_ref,
        Payment.captured_minor,
        Payment.currency,
        Payment.settled_currency,
        Payment.paid_at,
    ).where(
        Payment.status == "paid",
        Payment.method == "stripe",
        Payment.paid_at >= begin,
        Payment.checkout_ref.not_like(SEEDED, escape="\\"),
    )
    return _rows(query)


def _same_charges(theirs: Lists, begin: datetime, now: datetime) -> Iterator[Violation]:
    """M2: captured charges and paid payments, one for one."""
    ours = {row.charge_ref: row for row in _paid_since(begin)}
    mine = _among(select(Payment.charge_ref), Payment.charge_ref, theirs.charges)
    known = {row.charge_ref for row in mine}
    for ref, row in ours.items():
        found = theirs.charges.get(ref)
        if found is None:
            yield _broken("M2", row.id, f"Stripe has no captured charge {ref}")
        elif found[1:] != (row.captured_minor, row.currency):
            yield _broken("M2", row.id, f"Stripe captured {found[1]} {found[2]} as {ref}")
    checkouts = {each.charge_ref: each for each in theirs.checkouts.values() if each.charge_ref}
    for ref in theirs.charges.keys() - known:
        seen = checkouts.get(ref)
        if seen is not None and seen.paid_at is not None and now - seen.paid_at < LAG:
            continue
        yield _broken("M2", ref, "Stripe captured it, and no payment here has it")


def _same_refunds(theirs: Lists, begin: datetime, now: datetime) -> Iterator[Violation]:
    """M5, R1: refund by refund."""
    columns = select(Refund.id, Refund.refund_ref, Refund.amount_minor, Refund.status)
    ours = {row.refund_ref: row for row in _among(columns, Refund.refund_ref, theirs.refunds)}
    asked = (refund.intent_ref for refund in theirs.refunds.values())
    paid = _among(select(Payment.intent_ref), Payment.intent_ref, asked)
    intents = {row.intent_ref for row in paid}
    for ref, refund in theirs.refunds.items():
        row = ours.get(ref)
        if row is None:
            if refund.intent_ref in intents and now - refund.created_at >= LAG:
                yield _broken("R1", ref, "Stripe has this refund of ours, and no row does")
        elif row.amount_minor != refund.amount:
            yield _broken("M5", row.id, f"Stripe gives back {refund.amount} as {ref}")
        elif _final(refund.status) and str(row.status) != refund.status and _old(refund, now):
            yield _broken("M5", row.id, f"Stripe calls it {refund.status}, we {row.status}")


def _final(status: str) -> bool:
    return status in {"succeeded", "failed", "canceled"}


def _old(refund: RefundNotice, now: datetime) -> bool:
    return now - refund.created_at >= timedelta(hours=1)


def _same_balance(theirs: Lists, begin: datetime, now: datetime) -> Iterator[Violation]:
    """M7: what each payment moved on the balance, there and in our ledger."""
    paid = [row for row in _paid_since(begin) if row.settled_currency == row.currency]
    keys = [row.id for row in paid if row.paid_at <= now - LAG]
    booked: dict[str, int] = defaultdict(int)
    entries = select(LedgerEntry.payment_id, LedgerEntry.minor)
    for entry in _rows(
        entries.where(LedgerEntry.account == STRIPE_BALANCE, LedgerEntry.at >= begin)
    ):
        booked[entry.payment_id] += entry.minor
    moved = _moved(theirs, paid)
    for key in keys:
        if moved[key] != booked[key]:
            yield _broken(
                "M7", key, f"Stripe's balance moved {moved[key]}, the ledger {booked[key]}"
            )


def _moved(theirs: Lists, paid: Iterable[Any]) -> dict[str, int]:
    """The net of Stripe's balance lines for each payment, by charge, refunds and disputes."""
    owner = {row.charge_ref: row.id for row in paid}
    sources = theirs.balance
    refunds = select(Refund.refund_ref, Refund.payment_id)
    owner |= {row.refund_ref: row.payment_id for row in _among(refunds, Refund.refund_ref, sources)}
    disputes = select(Dispute.dispute_ref, Dispute.payment_id)
    owner |= {
        row.dispute_ref: row.payment_id for row in _among(disputes, Dispute.dispute_ref, sources)
    }
    moved: dict[str, int] = defaultdict(int)
    for source, net in theirs.balance.items():
        if source in owner:
            moved[owner[source]] += net
    return moved


def _same_checkouts(theirs: Lists, now: datetime) -> Iterator[Violation]:
    """M9, B5: reference, amount, currency and end; nothing given up that can still be paid."""
    query = select(
        Payment.id,
        Payment.checkout_ref,
        Payment.amount_minor,
        Payment.currency,
        Payment.checkout_expires_at,
        Payment.booking_id,
        Booking.status.label("booking_status"),
    ).join(Booking, Booking.id == Payment.booking_id)
    found = _among(query, Payment.checkout_ref, theirs.checkouts)
    rows = {row.checkout_ref: row for row in found}
    open_of: dict[str, int] = defaultdict(int)
    for ref, seen in theirs.checkouts.items():
        row = rows.get(ref)
        if row is None:
            continue
        ours = (row.id, row.amount_minor, row.currency, row.checkout_expires_at)
        if ours != (seen.reference, seen.amount, seen.currency, seen.expires_at):
            yield _broken("M9", row.id, f"Stripe's checkout {ref} is for something else")
        still_open = seen.state is CheckoutState.OPEN and seen.expires_at > now
        open_of[row.booking_id] += still_open
        if still_open and str(row.booking_status) in {"expired", "cancelled"}:
            yield _broken("B5", row.booking_id, f"it was given up, {ref} can still be paid")
    for booking_id, count in open_of.items():
        if count > 1:
            yield _broken("M9", booking_id, f"{count} checkouts of it are open at Stripe")


def _right_mode(stripe: StripeGateway, theirs: Lists) -> Iterator[Violation]:
    """M10: everything is of our key's mode."""
    for ref, seen in theirs.checkouts.items():
        if seen.live != stripe.live:
            yield _broken("M10", ref, "it is of another mode than our key")
    other = select(Payment.id).where(
        Payment.method == "stripe",
        Payment.live != stripe.live,
        Payment.checkout_ref.not_like(SEEDED, escape="\\"),
    )
    for row in _rows(other):
        yield _broken("M10", row.id, "it is of another mode than our key")
