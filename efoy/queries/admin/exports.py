"""What goes into a file for a spreadsheet? Rows in pages, oldest first, however many there are.

Each page is read on its own, after the last row of the one before: memory stays the same for ten
rows and for a million, and no connection is held while a slow reader takes the file.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, or_, select

from efoy.domain.money import Money
from efoy.models.base import reading
from efoy.models.booking import Booking
from efoy.models.clinic import Doctor, Service
from efoy.models.ledger import LedgerEntry
from efoy.models.payment import Payment, Refund
from efoy.queries.admin.payment_filter import PaymentFilter, conditions
from efoy.queries.standing import PAYMENTS, PaymentMoney, read_payments

AT_A_TIME = 500
Cells = Sequence[Any]
Lines = Iterator[Cells]
PAYMENT_COLUMNS = (
    "payment booking status method currency amount collected fee refunded kept begun_at paid_at"
    " visit_at doctor service patient card checkout_ref intent_ref"
).split()
BOOKING_COLUMNS = (
    "booking status starts_at ends_at doctor service patient email phone currency price held_at"
    " confirmed_at cancelled_at cancelled_by"
).split()
REFUND_COLUMNS = (
    "refund payment booking status origin currency amount reason asked_at asked_by refund_ref"
).split()
LEDGER_COLUMNS = "entry at transaction account currency amount cause payment booking".split()


def pages(query: Select[*tuple[Any, ...]], at: Any, key: Any) -> Iterator[Sequence[Any]]:
    """The rows of a query in the order of (``at``, ``key``), labelled ``at`` and ``key``."""
    after: tuple[Any, Any] | None = None
    while True:
        step = query.order_by(at, key).limit(AT_A_TIME)
        if after is not None:
            step = step.where(or_(at > after[0], and_(at == after[0], key > after[1])))
        with reading() as connection:
            rows = connection.execute(step).all()
        if rows:
            yield rows
            after = rows[-1].at, rows[-1].key
        if len(rows) < AT_A_TIME:
            return


def payment_lines(wanted: PaymentFilter, zone: str) -> Lines:
    """Every payment of a filter, with the sums of what went back."""
    named = (Payment.created_at.label("at"), Payment.id.label("key"))
    query = select(*named).where(*conditions(wanted, zone))
    for rows in pages(query, Payment.created_at, Payment.id):
        yield from _payments([row.key for row in rows])


def _payments(keys: list[str]) -> Lines:
    facts = (Booking.id, Booking.ref, Booking.visitor_name, Booking.starts_at)
    about = (
        select(*facts, Doctor.name.label("doctor"), Service.name.label("service"))
        .join(Doctor, Doctor.id == Booking.doctor_id)
        .join(Service, Service.id == Booking.service_id)
    )
    with reading() as connection:
        payments = read_payments(connection, PAYMENTS.where(Payment.id.in_(keys)))
        mine = about.where(Booking.id.in_({each.booking_id for each in payments}))
        visits = {row.id: row for row in connection.execute(mine)}
    payments.sort(key=lambda each: (each.created_at, each.id))
    return (_payment(each, visits[each.booking_id]) for each in payments)


def _payment(payment: PaymentMoney, visit: Any) -> Cells:
    currency = payment.amount.currency
    kept = payment.captured - payment.refunded - (payment.fee or 0)
    return (
        payment.id,
        visit.ref,
        str(payment.status),
        str(payment.method),
        currency,
        payment.amount,
        Money(payment.captured, currency),
        None if payment.fee is None else Money(payment.fee, currency),
        Money(payment.refunded, currency),
        Money(kept, currency),
        payment.created_at,
        payment.paid_at,
        visit.starts_at,
        visit.doctor,
        visit.service,
        visit.visitor_name,
        payment.card,
        payment.checkout_ref,
        payment.intent_ref,
    )


def booking_lines(since: datetime | None, until: datetime | None) -> Lines:
    """Every booking whose visit begins in that time; reasons and notes stay out."""
    query = (
        select(
            Booking.starts_at.label("at"),
            Booking.id.label("key"),
            Booking.__table__,
            Doctor.name.label("doctor"),
            Service.name.label("service"),
        )
        .join_from(Booking, Doctor, Doctor.id == Booking.doctor_id)
        .join(Service, Service.id == Booking.service_id)
        .where(*_between(Booking.starts_at, since, until))
    )
    for rows in pages(query, Booking.starts_at, Booking.id):
        for row in rows:
            price = Money(row.price_minor, row.currency)
            when = (row.held_at, row.confirmed_at, row.cancelled_at, row.cancelled_by)
            who = (row.doctor, row.service, row.visitor_name, row.visitor_email, row.visitor_phone)
            visit = (row.ref, str(row.status), row.starts_at, row.ends_at)
            yield (*visit, *who, row.currency, price, *when)


def refund_lines(since: datetime | None, until: datetime | None) -> Lines:
    """Every refund asked for in that time."""
    query = (
        select(
            Refund.created_at.label("at"),
            Refund.id.label("key"),
            Refund.__table__,
            Booking.ref.label("booking_ref"),
        )
        .join_from(Refund, Payment, Payment.id == Refund.payment_id)
        .join(Booking, Booking.id == Payment.booking_id)
        .where(*_between(Refund.created_at, since, until))
    )
    for rows in pages(query, Refund.created_at, Refund.id):
        for row in rows:
            amount = Money(row.amount_minor, row.currency)
            named = (row.id, row.payment_id, row.booking_ref, str(row.status), str(row.origin))
            asked = (row.reason, row.created_at, row.actor_id or row.actor_role, row.refund_ref)
            yield (*named, row.currency, amount, *asked)


def ledger_lines(since: datetime | None, until: datetime | None) -> Lines:
    """Every entry of the books in that time."""
    query = (
        select(
            LedgerEntry.at.label("at"),
            LedgerEntry.id.label("key"),
            *(column for column in LedgerEntry.__table__.c if column.name not in {"at", "id"}),
            Booking.ref.label("booking_ref"),
        )
        .join_from(LedgerEntry, Payment, Payment.id == LedgerEntry.payment_id)
        .join(Booking, Booking.id == Payment.booking_id)
        .where(*_between(LedgerEntry.at, since, until))
    )
    for rows in pages(query, LedgerEntry.at, LedgerEntry.id):
        for row in rows:
            amount = Money(row.minor, row.currency)
            moved = (row.transaction_id, row.account, row.currency, amount)
            yield (row.key, row.at, *moved, row.cause, row.payment_id, row.booking_ref)


def _between(column: Any, since: datetime | None, until: datetime | None) -> list[Any]:
    found = [] if since is None else [column >= since]
    return found if until is None else [*found, column < until]
