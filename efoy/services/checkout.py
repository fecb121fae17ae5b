"""How does a held time get its hosted pay page, and how is the page closed again?

Intent row, commit, call with the row's key, record, commit. Nothing is open during a call.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from efoy.domain.booking import BookingEvent, BookingStatus
from efoy.domain.errors import (
    AlreadyPaid,
    HoldExpired,
    NotFound,
    PaymentUnsettled,
    ProviderDown,
    ProviderRefused,
)
from efoy.domain.notice import CheckoutNotice, CheckoutRequest, CheckoutState
from efoy.domain.payment import (
    CHECKOUT_LASTS,
    KEY_LIVES,
    UNDECIDED,
    PaymentEvent,
    PaymentMethod,
    PaymentStatus,
)
from efoy.domain.role import Actor
from efoy.models.base import lock, new_id, reading, transaction
from efoy.models.booking import Booking
from efoy.models.outbox import post
from efoy.models.payment import Payment
from efoy.models.transition import begin, may_move, move
from efoy.models.upkeep import raise_alert
from efoy.services.settlement import apply_checkout, give_up_hold, settle_payment

if TYPE_CHECKING:
    from efoy.gateways.stripe_gateway import StripeGateway

SECOND_LOOK = timedelta(minutes=2)
ABSENT = "absent"


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


@dataclass(frozen=True, kw_only=True)
class _Frozen:
    """What one create call needs, taken from the committed row."""

    payment_id: str
    params: dict[str, object]
    key: str
    created_at: datetime
    looked_at: datetime | None


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
    notice = _create(ready, stripe=stripe, actor=actor, now=now)
    return _record(ready.payment_id, notice, actor=actor, now=now)


def _begin(
    booking_id: str,
    urls: ReturnUrls,
    stripe: StripeGateway,
    reason: str | None,
    actor: Actor,
    now: datetime,
) -> OpenCheckout | _Frozen:
    """Commit the intention: the payment row with its frozen parameters and its key."""
    with transaction("begin_payment") as session:
        booking = lock(session, Booking, booking_id)
        if reason is not None:
            booking.reason = reason
        if booking.status in {BookingStatus.CONFIRMED, BookingStatus.ATTENDED}:
            raise AlreadyPaid(booking_id)
        if booking.status is not BookingStatus.HELD:
            raise HoldExpired(booking_id)
        if not booking.price:
            return _free(session, booking, actor, now)
        existing = _undecided(session, booking_id)
        if existing is not None:
            return _resume(existing, now)
        if booking.hold_expires_at is None or booking.hold_expires_at <= now:
            raise HoldExpired(booking_id)
        payment = _new_payment(booking, urls, stripe, now)
        booking.hold_expires_at = payment.checkout_expires_at
        begin(session, payment, actor=actor, now=now)
        return _frozen(payment)


def _undecided(session: Session, booking_id: str) -> Payment | None:
    query = select(Payment).where(
        Payment.booking_id == booking_id,
        Payment.status.in_([*UNDECIDED, PaymentStatus.PARKED]),
    )
    return session.scalars(query.execution_options(populate_existing=True)).first()


def _resume(payment: Payment, now: datetime) -> OpenCheckout | _Frozen:
    """The page that is open already, or the creation that was cut short."""
    ends = payment.checkout_expires_at
    if payment.status is PaymentStatus.OPEN and ends is not None and now < ends:
        return _open(payment)
    if payment.status is PaymentStatus.CREATING:
        return _frozen(payment)
    raise PaymentUnsettled(payment.booking_id)


def _new_payment(
    booking: Booking, urls: ReturnUrls, stripe: StripeGateway, now: datetime
) -> Payment:
    payment_id = new_id()
    expires_at = now.replace(microsecond=0) + CHECKOUT_LASTS
    request = CheckoutRequest(
        reference=payment_id,
        booking_id=booking.id,
        public_ref=booking.ref,
        amount=booking.price_minor,
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
        status=PaymentStatus.CREATING,
        amount_minor=booking.price_minor,
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


def _frozen(payment: Payment) -> _Frozen:
    return _Frozen(
        payment_id=payment.id,
        params=payment.params,
        key=payment.idempotency_key,
        created_at=payment.created_at,
        looked_at=payment.looked_at,
    )


def _open(payment: Payment) -> OpenCheckout:
    return OpenCheckout(
        payment_id=payment.id,
        checkout_ref=payment.checkout_ref,
        url=payment.checkout_url,
        amount=payment.amount_minor,
        currency=payment.currency,
        expires_at=payment.checkout_expires_at,
    )


def _create(
    frozen: _Frozen, *, stripe: StripeGateway, actor: Actor, now: datetime
) -> CheckoutNotice:
    """Send the frozen parameters with the row's key; a definite no ends this attempt."""
    if now - frozen.created_at >= KEY_LIVES:
        raise PaymentUnsettled(frozen.payment_id)
    try:
        return stripe.open_checkout(frozen.params, frozen.key)
    except ProviderRefused as error:
        _fail(frozen.payment_id, error.code, actor=actor, now=now)
        raise


def _fail(payment_id: str, code: str, *, actor: Actor, now: datetime) -> None:
    """No checkout came of it: nobody can pay there. A person hears of a refusal by Stripe."""
    with transaction("fail_payment") as session:
        payment = lock(session, Payment, payment_id)
        booking = lock(session, Booking, payment.booking_id)
        if payment.status is not PaymentStatus.CREATING:
            return
        facts = {"refused": code}
        move(session, payment, PaymentEvent.FAIL, actor=actor, now=now, facts=facts)
        if payment.closing_for is not None:
            give_up_hold(session, booking, payment, actor=actor, now=now)
        if code != ABSENT:
            raise_alert(session, "stripe_refused", payment.id, code, now=now)


def _record(
    payment_id: str, notice: CheckoutNotice, *, actor: Actor, now: datetime
) -> OpenCheckout:
    with transaction("record_checkout") as session:
        payment = lock(session, Payment, payment_id)
        record_opened(session, payment, notice, actor=actor, now=now)
        if payment.status is not PaymentStatus.OPEN:
            raise PaymentUnsettled(payment_id)
        return _open(payment)


def record_opened(
    session: Session, payment: Payment, notice: CheckoutNotice, *, actor: Actor, now: datetime
) -> None:
    """Keep what Stripe called our checkout; a second time finds nothing new."""
    if payment.checkout_ref is None:
        payment.checkout_ref, payment.checkout_url = notice.ref, notice.url
        payment.checkout_expires_at = notice.expires_at
    if may_move(payment, PaymentEvent.OPENED):
        facts = {"seen": notice.ref}
        move(session, payment, PaymentEvent.OPENED, actor=actor, now=now, facts=facts)


def resume_creating(payment_id: str, *, stripe: StripeGateway, actor: Actor, now: datetime) -> None:
    """Finish a creation that was cut short: look for it at Stripe first, then replay it.

    Two looks two minutes apart that find nothing, with the key no longer answering, prove that
    there is none: the attempt fails and a new one may start. Raises ProviderDown.
    """
    frozen = _read(payment_id)
    if frozen is None:
        return
    notice = stripe.find_checkout(payment_id, frozen.created_at)
    if notice is None:
        notice = _replay(frozen, stripe=stripe, actor=actor, now=now)
    if notice is not None:
        _adopt(payment_id, notice, stripe=stripe, actor=actor, now=now)


def _read(payment_id: str) -> _Frozen | None:
    with reading() as connection:
        row = connection.execute(
            select(
                Payment.params, Payment.idempotency_key, Payment.created_at, Payment.looked_at
            ).where(Payment.id == payment_id, Payment.status == "creating")
        ).first()
    if row is None:
        return None
    return _Frozen(
        payment_id=payment_id,
        params=row.params,
        key=row.idempotency_key,
        created_at=row.created_at,
        looked_at=row.looked_at,
    )


def _replay(
    frozen: _Frozen, *, stripe: StripeGateway, actor: Actor, now: datetime
) -> CheckoutNotice | None:
    try:
        return _create(frozen, stripe=stripe, actor=actor, now=now)
    except ProviderRefused:
        return None
    except (ProviderDown, PaymentUnsettled):
        if frozen.looked_at is not None and now - frozen.looked_at >= SECOND_LOOK:
            _fail(frozen.payment_id, ABSENT, actor=actor, now=now)
        elif frozen.looked_at is None:
            _looked(frozen.payment_id, now)
        return None


def _looked(payment_id: str, now: datetime) -> None:
    with transaction("fail_payment") as session:
        lock(session, Payment, payment_id).looked_at = now


def _adopt(
    payment_id: str,
    notice: CheckoutNotice,
    *,
    stripe: StripeGateway,
    actor: Actor,
    now: datetime,
) -> None:
    with transaction("record_checkout") as session:
        payment = lock(session, Payment, payment_id)
        record_opened(session, payment, notice, actor=actor, now=now)
    if notice.state is not CheckoutState.OPEN:
        settle_payment(payment_id, stripe=stripe, actor=actor, now=now)


def close_checkout(
    payment_id: str,
    *,
    closing_for: str,
    stripe: StripeGateway,
    actor: Actor,
    now: datetime,
) -> None:
    """End a checkout: say so here, ask Stripe, always look, and act on what it says.

    ``closing_for`` (``cancel`` or ``expire``) is what an unpaid end means for the booking.
    Raises ProviderDown: the payment stays ``closing``, the time stays taken, the sweep returns.
    """
    ref = _begin_closing(payment_id, closing_for, actor, now)
    if ref is None:
        resume_creating(payment_id, stripe=stripe, actor=actor, now=now)
        ref = _begin_closing(payment_id, closing_for, actor, now)
    if ref is not None:
        notice = stripe.expire_checkout(ref)
        apply_checkout(payment_id, notice, actor=actor, now=now)


def _begin_closing(payment_id: str, closing_for: str, actor: Actor, now: datetime) -> str | None:
    with transaction("close_checkout") as session:
        payment = lock(session, Payment, payment_id)
        if payment.closing_for != "cancel":
            payment.closing_for = closing_for
        if may_move(payment, PaymentEvent.CLOSE):
            move(session, payment, PaymentEvent.CLOSE, actor=actor, now=now)
        return payment.checkout_ref


def payment_of_booking(booking_id: str) -> str:
    """The newest payment of a booking; raises NotFound where there is none."""
    query = select(Payment.id).where(Payment.booking_id == booking_id)
    with reading() as connection:
        found = connection.scalar(query.order_by(Payment.created_at.desc()).limit(1))
    if found is None:
        raise NotFound(booking_id)
    return str(found)
