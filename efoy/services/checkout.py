"""How does a held time get its hosted pay page, and how is the page closed again?

Intent row, commit, call with the row's key, record, commit. Nothing is open during a call.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import Row, bindparam, literal_column, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from efoy.domain.booking import BookingEvent, BookingStatus
from efoy.domain.errors import (
    AlreadyPaid,
    HoldExpired,
    NotFound,
    PaymentUnsettled,
)
from efoy.domain.notice import CheckoutNotice, CheckoutRequest
from efoy.domain.payment import (
    CHECKOUT_LASTS,
    UNDECIDED,
    PaymentMethod,
    PaymentPurpose,
    PaymentStatus,
)
from efoy.domain.role import Actor
from efoy.models.base import lock, new_id, reading, transaction
from efoy.models.booking import Booking
from efoy.models.outbox import post
from efoy.models.payment import Payment
from efoy.models.transition import begin_and_leave, move
from efoy.services.checkout_creation import (
    Frozen,
    create,
    frozen,
    open_at_once,
    record_opened,
)

if TYPE_CHECKING:
    from efoy.gateways.stripe_gateway import StripeGateway


@dataclass(frozen=True, kw_only=True)
class ReturnUrls:
    """Where Stripe sends people back to. ``{payment}`` is filled with the payment's id here;
    ``{CHECKOUT_SESSION_ID}`` stays literal for Stripe to fill."""

    success: str
    back: str


@dataclass(frozen=True, kw_only=True)
class OpenCheckout:
    """The page to send the patient to; ``url`` is None for a visit that costs nothing."""

    payment_id: str | None
    checkout_ref: str | None
    url: str | None
    amount: int
    currency: str
    expires_at: datetime | None


def open_checkout(
    booking_id: str,
    *,
    urls: ReturnUrls,
    stripe: StripeGateway,
    actor: Actor,
    now: datetime,
    reason: str | None = None,
) -> OpenCheckout:
    """The pay page of a held booking; pressing Pay again returns the same page.

    Raises HoldExpired, AlreadyPaid, PaymentUnsettled, ProviderDown (nothing was charged).
    """
    try:
        ready = _begin(booking_id, urls, stripe, reason, actor, now)
    except IntegrityError as error:  # two presses at once: the other one made the row
        raise PaymentUnsettled(booking_id) from error
    if isinstance(ready, OpenCheckout):
        return ready
    notice = create(ready, stripe=stripe, actor=actor, now=now)
    return record_created(ready.payment_id, notice, actor=actor, now=now)


def _begin(
    booking_id: str,
    urls: ReturnUrls,
    stripe: StripeGateway,
    reason: str | None,
    actor: Actor,
    now: datetime,
) -> OpenCheckout | Frozen:
    """Commit the intention: the payment row with its frozen parameters and its key."""
    with transaction("begin_payment") as session:
        booking = _locked(session, booking_id)
        written = {} if reason is None else {"reason": reason}
        if booking.status in {BookingStatus.CONFIRMED, BookingStatus.ATTENDED}:
            raise AlreadyPaid(booking_id)
        if booking.status is not BookingStatus.HELD:
            raise HoldExpired(booking_id)
        if not booking.price_minor:
            _write(session, booking_id, written)
            return _free(session, lock(session, Booking, booking_id), actor, now)
        existing = _undecided(session, booking_id)
        if existing is not None:
            _write(session, booking_id, written)
            return resume(existing, now)
        if booking.hold_expires_at is None or booking.hold_expires_at <= now:
            raise HoldExpired(booking_id)
        payment = new_payment(booking, urls, stripe, now)
        # a pay link may keep the time longer than this one page lasts
        until = max(filter(None, [payment.checkout_expires_at, booking.pay_by]))
        _write(session, booking_id, {"hold_expires_at": until, **written})
        begin_and_leave(session, payment, actor=actor, now=now)
        return frozen(payment)


_LOCKED = (
    select(
        Booking.id,
        Booking.ref,
        Booking.status,
        Booking.hold_expires_at,
        Booking.pay_by,
        Booking.price_minor,
        Booking.currency,
        Booking.visitor_email,
        Booking.locale,
    )
    .where(Booking.id == bindparam("key"))
    .with_for_update()
)


def _locked(session: Session, booking_id: str) -> Any:
    """What a payment needs of the booking, locked: no object for a row that is left at once."""
    row: Any = session.connection().execute(_LOCKED, {"key": booking_id}).one_or_none()
    if row is None:
        raise NotFound(booking_id)
    return row


def _write(session: Session, booking_id: str, values: dict[str, Any]) -> None:
    if values:
        session.connection().execute(_writing(tuple(values)), {"key": booking_id, **values})


@cache
def _writing(names: tuple[str, ...]) -> Any:
    mine: Any = Booking.__table__
    values = {name: bindparam(name, type_=mine.c[name].type) for name in names}
    return update(mine).where(mine.c.id == bindparam("key")).values(values)


def _undecided(session: Session, booking_id: str) -> Payment | None:
    key = session.connection().scalar(_UNDECIDED, {"booking": booking_id})
    return session.get(Payment, key, populate_existing=True) if key else None


_UNDECIDED = select(Payment.id).where(
    Payment.booking_id == bindparam("booking"),
    Payment.status.in_(
        [literal_column(f"'{each}'") for each in (*sorted(UNDECIDED), PaymentStatus.PARKED)]
    ),
)
"""The words as literals: SQLite uses a partial index only when it sees them."""


def resume(payment: Payment, now: datetime) -> OpenCheckout | Frozen:
    """The page that is open already, or the creation that was cut short; else PaymentUnsettled."""
    ends = payment.checkout_expires_at
    if payment.status is PaymentStatus.OPEN and ends is not None and now < ends:
        return _open(payment)
    if payment.status is PaymentStatus.CREATING:
        return frozen(payment)
    raise PaymentUnsettled(payment.booking_id)


def new_payment(
    booking: Booking | Row[Any],
    urls: ReturnUrls,
    stripe: StripeGateway,
    now: datetime,
    *,
    top_up: int | None = None,
) -> Payment:
    """One attempt to collect the price, or ``top_up`` minor units for a move; not yet written."""
    payment_id = new_id()
    amount = booking.price_minor if top_up is None else top_up
    expires_at = now.replace(microsecond=0) + CHECKOUT_LASTS
    request = CheckoutRequest(
        reference=payment_id,
        booking_id=booking.id,
        public_ref=booking.ref,
        amount=amount,
        currency=booking.currency,
        expires_at=expires_at,
        success_url=urls.success,
        cancel_url=urls.back.replace("{payment}", payment_id),
        customer_email=booking.visitor_email,
        locale=booking.locale,
    )
    return Payment(
        id=payment_id,
        booking_id=booking.id,
        method=PaymentMethod.STRIPE,
        purpose=PaymentPurpose.VISIT if top_up is None else PaymentPurpose.TOP_UP,
        status=PaymentStatus.CREATING,
        amount_minor=amount,
        currency=booking.currency,
        idempotency_key=f"efoy:cs:{payment_id}",
        params=stripe.checkout_params(request),
        live=stripe.live,
        created_at=now,
        checkout_expires_at=expires_at,
    )


def _free(session: Session, booking: Booking, actor: Actor, now: datetime) -> OpenCheckout:
    """A visit that costs nothing is confirmed here; Stripe is not asked."""
    move(session, booking, BookingEvent.PAY, actor=actor, now=now, facts={"price": 0})
    booking.confirmed_at = now
    post(session, "booked", booking.id, booking.visitor_email, now=now, locale=booking.locale)
    return OpenCheckout(
        payment_id=None,
        checkout_ref=None,
        url=None,
        amount=0,
        currency=booking.currency,
        expires_at=None,
    )


def _open(payment: Payment | Row[Any]) -> OpenCheckout:
    return OpenCheckout(
        payment_id=payment.id,
        checkout_ref=payment.checkout_ref,
        url=payment.checkout_url,
        amount=payment.amount_minor,
        currency=payment.currency,
        expires_at=payment.checkout_expires_at,
    )


def record_created(
    payment_id: str, notice: CheckoutNotice, *, actor: Actor, now: datetime
) -> OpenCheckout:
    """Keep what Stripe called the page; raises PaymentUnsettled where it is over already."""
    with transaction("record_checkout") as session:
        opened = open_at_once(session, payment_id, notice, actor=actor, now=now)
        if opened is not None:
            return _open(opened)
        payment = lock(session, Payment, payment_id)
        record_opened(session, payment, notice, actor=actor, now=now)
        if payment.status is not PaymentStatus.OPEN:
            raise PaymentUnsettled(payment_id)
        return _open(payment)


def payment_of_booking(booking_id: str) -> str:
    """The newest payment of a booking; raises NotFound where there is none."""
    query = select(Payment.id).where(Payment.booking_id == booking_id)
    with reading() as connection:
        found = connection.scalar(query.order_by(Payment.created_at.desc()).limit(1))
    if found is None:
        raise NotFound(booking_id)
    return str(found)
