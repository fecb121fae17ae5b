"""What needs a person? Open alerts whose cause still stands, money first, longest waiting first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    Select,
    and_,
    exists,
    func,
    or_,
    select,
)
from sqlalchemy.orm import aliased

from efoy.domain.booking import BookingStatus
from efoy.domain.closing import OPEN
from efoy.domain.money import Money
from efoy.domain.payment import UNDECIDED, PaymentStatus
from efoy.domain.refund import OVER, RefundOrigin, RefundStatus
from efoy.domain.role import Action, Role, may
from efoy.models.base import reading
from efoy.models.booking import Booking
from efoy.models.closing import DayClosingItem
from efoy.models.payment import Dispute, Payment, Refund
from efoy.models.upkeep import Alert
from efoy.models.user import User

MOST_SHOWN = 30


@dataclass(frozen=True, kw_only=True)
class Need:
    """One thing that waits for a person; booking, name and amount where it is about one.

    ``subject`` is the id of what it is about, ``owner`` and ``owner_id`` whoever took it on,
    ``note`` what they wrote, ``due_at`` a deadline of the bank's.
    """

    id: str
    kind: str
    subject: str
    detail: str
    since: datetime
    booking_ref: str = ""
    visitor_name: str = ""
    visit_at: datetime | None = None
    amount: Money | None = None
    owner: str = ""
    owner_id: str = ""
    note: str = ""
    due_at: datetime | None = None


def needs() -> Sequence[Need]:
    """The queue, as far as one page shows it."""
    query = (
        select(
            Alert.id,
            Alert.kind,
            Alert.subject_ref.label("subject"),
            Alert.detail,
            Alert.raised_at.label("since"),
            Alert.note,
            func.coalesce(Alert.owner_id, "").label("owner_id"),
            func.coalesce(User.name, "").label("owner"),
            Dispute.due_at,
        )
        .outerjoin(User, User.id == Alert.owner_id)
        .outerjoin(Dispute, (Dispute.id == Alert.subject_ref) & (Alert.kind == "dispute"))
    )
    urgent = Alert.kind.in_(["parked_payment", "dispute", "refund_failed"])
    query = query.where(cause_stands()).order_by(urgent.desc(), Alert.raised_at).limit(MOST_SHOWN)
    with reading() as connection:
        rows = connection.execute(query).mappings().all()
        about = _about(connection, [row["subject"] for row in rows])
    return [_need(row, about.get(row["subject"])) for row in rows]


@dataclass(frozen=True, kw_only=True)
class Colleague:
    """Somebody who works at the queue."""

    id: str
    name: str


def colleagues() -> Sequence[Colleague]:
    """Whom a thing can be given to: the desk and the admins who can sign in."""
    roles = [role for role in Role if may(role, Action.SEE_ANY)]
    query = select(User.id, User.name).where(User.role.in_(roles), User.disabled_at.is_(None))
    with reading() as connection:
        rows = connection.execute(query.order_by(User.name)).mappings()
        return [Colleague(**row) for row in rows]


# -- causes that still stand -----------------------------------------------------------------


def cause_stands() -> ColumnElement[bool]:
    """The alert is open, and what raised it has not passed by itself."""
    return and_(
        Alert.closed_at.is_(None),
        ~or_(
            and_(Alert.kind == "parked_payment", ~_payment(PaymentStatus.PARKED)),
            and_(Alert.kind == "stripe_silent", ~_payment(*UNDECIDED)),
            and_(Alert.kind == "refund_failed", _sent_again()),
            and_(Alert.kind == "refund_wish", _sent_again()),
            and_(Alert.kind == "refund_to_approve", ~_refund(RefundStatus.PROPOSED)),
            and_(Alert.kind == "refund_waits", ~_refund(RefundStatus.REQUESTED)),
            and_(Alert.kind == "refund_breaker", ~_automatic_refunds_wait()),
            and_(Alert.kind == "clash_of_hours", ~_visit_undecided()),
        ),
    )


def _payment(*statuses: PaymentStatus) -> ColumnElement[bool]:
    return exists().where(Payment.id == Alert.subject_ref, Payment.status.in_(statuses))


def _refund(*statuses: RefundStatus) -> ColumnElement[bool]:
    return exists().where(Refund.id == Alert.subject_ref, Refund.status.in_(statuses))


def _sent_again() -> ColumnElement[bool]:
    """A later refund of the same payment took over what the failed one was to bring back."""
    failed, later = aliased(Refund), aliased(Refund)
    return exists().where(
        failed.id == Alert.subject_ref,
        later.payment_id == failed.payment_id,
        later.created_at > failed.created_at,
        later.status.not_in(list(OVER)),
    )


def _automatic_refunds_wait() -> ColumnElement[bool]:
    return exists().where(
        Refund.origin == RefundOrigin.AUTO, Refund.status == RefundStatus.REQUESTED
    )


def _visit_undecided() -> ColumnElement[bool]:
    """The visit stands where its doctor is not, and nobody has said what becomes of it."""
    return exists().where(
        DayClosingItem.booking_id == Alert.subject_ref,
        DayClosingItem.status.in_(list(OPEN)),
        Booking.id == DayClosingItem.booking_id,
        Booking.status == BookingStatus.CONFIRMED,
        Booking.starts_at == DayClosingItem.visit_at,
    )


# -- what they are about ---------------------------------------------------------------------

_About = tuple[str, str, datetime, Money]


def _about(connection: Connection, subjects: Sequence[str]) -> Mapping[str, _About]:
    """The booking and amount behind payments, refunds and disputes, by their id."""
    if not subjects:
        return {}
    found: dict[str, _About] = {}
    for query in (
        _of_bookings(subjects),
        _of_payments(subjects),
        _of(Refund, subjects),
        _of(Dispute, subjects),
    ):
        for key, ref, name, at, minor, currency in connection.execute(query):
            found[key] = (ref, name, at, Money(minor, currency))
    return found


def _of_bookings(
    subjects: Sequence[str],
) -> Select[str, str, str, datetime, int, str]:
    columns = (Booking.ref, Booking.visitor_name, Booking.starts_at)
    query = select(Booking.id, *columns, Booking.price_minor, Booking.currency)
    return query.where(Booking.id.in_(subjects))


def _of_payments(
    subjects: Sequence[str],
) -> Select[str, str, str, datetime, int, str]:
    columns = (Booking.ref, Booking.visitor_name, Booking.starts_at)
    query = select(Payment.id, *columns, Payment.amount_minor, Payment.currency)
    return query.join(Booking, Booking.id == Payment.booking_id).where(Payment.id.in_(subjects))


def _of(
    table: type[Refund] | type[Dispute], subjects: Sequence[str]
) -> Select[str, str, str, datetime, int, str]:
    columns = (Booking.ref, Booking.visitor_name, Booking.starts_at)
    return (
        select(table.id, *columns, table.amount_minor, table.currency)
        .join(Payment, Payment.id == table.payment_id)
        .join(Booking, Booking.id == Payment.booking_id)
        .where(table.id.in_(subjects))
    )


def _need(row: RowMapping, about: _About | None) -> Need:
    if about is None:
        return Need(**row)
    ref, name, visit_at, amount = about
    return Need(**row, booking_ref=ref, visitor_name=name, visit_at=visit_at, amount=amount)
