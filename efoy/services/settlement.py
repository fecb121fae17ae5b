"""What does Stripe say about this payment, and what follows? Four doors, this one room.

Return page, webhook, sweep and a person's "check again" all end in ``settle_payment``.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from efoy.domain.booking import BookingEvent, BookingStatus, Landing, on_paid
from efoy.domain.errors import EfoyError
from efoy.domain.notice import CheckoutNotice, CheckoutState, Funds
from efoy.domain.payment import PaymentEvent, PaymentPurpose, PaymentStatus
from efoy.domain.refund import OVER
from efoy.domain.role import Actor
from efoy.domain.slot import cells
from efoy.models.base import lock, lock_all, reading, transaction
from efoy.models.booking import Booking, claim_again, free_claims
from efoy.models.clinic import TimeOff
from efoy.models.ledger import STRIPE_BALANCE, STRIPE_FEES, VISIT_INCOME, write_ledger
from efoy.models.outbox import post
from efoy.models.payment import Payment, Refund
from efoy.models.transition import may_move, move
from efoy.models.upkeep import close_alert, raise_alert
from efoy.services.moving_steps import drop_move, is_top_up, land_top_up
from efoy.services.papers import issue_receipt
from efoy.services.refunds import give_back
from efoy.services.whereabouts import is_elsewhere

if TYPE_CHECKING:
    from efoy.gateways.stripe_gateway import StripeGateway


def settle_payment(
    payment_id: str,
    *,
    stripe: StripeGateway,
    actor: Actor,
    now: datetime,
    checkout_ref: str | None = None,
) -> PaymentStatus:
    """Look at one payment at Stripe and act on what is there; repeating it finds nothing new.

    ``checkout_ref`` is a hint for a payment whose own record of it was cut short; what it leads
    to must name the payment. Raises NotFound, ProviderDown.
    """
    ref = _checkout_of(payment_id) or checkout_ref
    if ref is None:
        return PaymentStatus.CREATING
    notice = stripe.fetch_checkout(ref)
    return apply_checkout(payment_id, notice, actor=actor, now=now)


def _checkout_of(payment_id: str) -> str | None:
    with reading() as connection:
        ref = connection.scalar(select(Payment.checkout_ref).where(Payment.id == payment_id))
    return None if ref is None else str(ref)


def apply_checkout(
    payment_id: str, notice: CheckoutNotice, *, actor: Actor, now: datetime
) -> PaymentStatus:
    """Join what Stripe said to what is known, in one commit: payment, booking, ledger, mail."""
    with transaction("settle_payment") as session:
        payment = lock(session, Payment, payment_id)
        booking = lock(session, Booking, payment.booking_id)
        _Settling(session, payment, booking, notice, actor, now).run()
        return payment.status


class SettleApart(EfoyError):
    """Two of these payments are of one booking: settle them one after the other."""


def apply_checkouts(notices: Sequence[CheckoutNotice], *, actor: Actor, now: datetime) -> None:
    """The same for many, in one commit; where one of them fails, nothing is done.

    Every row is locked before the first receipt is numbered, so that whoever settles one of them
    alone is waited for before and not in between.
    """
    known = {notice.reference: notice for notice in notices}
    with transaction("settle_payment") as session:
        payments = lock_all(session, Payment, [key for key in known if key])
        keys = [payment.booking_id for payment in payments]
        bookings = {booking.id: booking for booking in lock_all(session, Booking, keys)}
        if len(bookings) < len(payments):  # the second must see what became of the first
            raise SettleApart(keys)
        with session.no_autoflush:  # they know nothing of each other: written together at the end
            for payment in payments:
                booking = bookings[payment.booking_id]
                _Settling(session, payment, booking, known[payment.id], actor, now).run()


def accept_difference(
    session: Session,
    payment: Payment,
    booking: Booking,
    notice: CheckoutNotice,
    why: str,
    *,
    keep: bool,
    actor: Actor,
    now: datetime,
) -> None:
    """A person decides about a parked payment: the money Stripe has is taken in as it is.

    With ``keep`` it lands as any payment does. Joins the caller's transaction, rows locked.
    """
    _Settling(session, payment, booking, notice, actor, now).accept(why, keep=keep)


class _Settling:
    """One look at one payment, inside one transaction."""

    def __init__(
        self,
        session: Session,
        payment: Payment,
        booking: Booking,
        notice: CheckoutNotice,
        actor: Actor,
        now: datetime,
    ) -> None:
        self.session, self.payment, self.booking = session, payment, booking
        self.notice, self.actor, self.now = notice, actor, now

    def run(self) -> None:
        """Decide by facts: a difference parks, money pays, an end ends, else nothing is new."""
        payment, notice = self.payment, self.notice
        if payment.status in {PaymentStatus.PARKED, PaymentStatus.CLOSED}:
            return
        difference = self._difference()
        if difference is not None:
            self._park(difference)
            return
        self._note()
        if notice.funds is Funds.PAID:
            self._paid()
        elif notice.funds is Funds.PROCESSING:
            self._processing()
        elif notice.funds is Funds.FAILED:
            self._failed()
        elif notice.state is CheckoutState.EXPIRED:
            self._expired()

    # -- facts -------------------------------------------------------------------------------

    def _difference(self) -> str | None:
        """What differs from the frozen values, if anything does."""
        payment, notice = self.payment, self.notice
        frozen = {
            "reference": (payment.id, notice.reference),
            "amount": (payment.amount_minor, notice.amount),
            "currency": (payment.currency, notice.currency),
            "mode": (payment.live, notice.live),
            "checkout": (payment.checkout_ref or notice.ref, notice.ref),
        }
        if notice.funds is Funds.PAID and notice.captured:
            frozen["captured"] = (payment.amount_minor, notice.captured)
        return next((name for name, (ours, theirs) in frozen.items() if ours != theirs), None)

    def _note(self) -> None:
        """Keep what is only told, never decided on."""
        payment, notice = self.payment, self.notice
        payment.looked_at = self.now
        payment.decline_code = notice.decline_code or payment.decline_code
        payment.intent_ref = payment.intent_ref or notice.intent_ref
        if payment.checkout_ref is None:
            payment.checkout_ref, payment.checkout_url = notice.ref, notice.url
        if may_move(payment, PaymentEvent.OPENED):
            self._move(PaymentEvent.OPENED)

    def _seen(self) -> dict[str, Any]:
        """The observation behind a change: what Stripe showed, and how we came to look."""
        notice = self.notice
        return {
            "seen": notice.ref,
            "state": str(notice.state),
            "funds": str(notice.funds),
            "amount": notice.amount,
            "currency": notice.currency,
            "charge": notice.charge_ref,
            "how": str(self.actor.door),
        }

    def _move(self, event: PaymentEvent, more: dict[str, Any] | None = None) -> None:
        move(
            self.session,
            self.payment,
            event,
            actor=self.actor,
            now=self.now,
            facts=self._seen() | (more or {}),
        )

    def _move_booking(self, event: BookingEvent) -> None:
        facts = {"payment": self.payment.id}
        move(self.session, self.booking, event, actor=self.actor, now=self.now, facts=facts)

    # -- endings -----------------------------------------------------------------------------

    def _park(self, difference: str) -> None:
        """Never confirmed, never given back by itself: a person looks, the time stays taken."""
        if not may_move(self.payment, PaymentEvent.PARK):
            return
        self.payment.parked_reason = difference
        self._move(PaymentEvent.PARK)
        if self.booking.status is BookingStatus.HELD:
            self.booking.hold_expires_at = self.booking.starts_at
        raise_alert(self.session, "parked_payment", self.payment.id, difference, now=self.now)

    def _paid(self) -> None:
        if may_move(self.payment, PaymentEvent.PAY):
            self._capture()
            self._land()
            close_alert(self.session, "stripe_silent", self.payment.id, now=self.now)
        self._fee()

    def accept(self, why: str, *, keep: bool) -> None:
        """A person took the sum Stripe has for right, or only takes it in to give it back."""
        self._note()
        self._capture(PaymentEvent.ACCEPT, {"reason": why})
        if keep:
            self._land()
        self._fee()

    def _capture(
        self, event: PaymentEvent = PaymentEvent.PAY, more: dict[str, Any] | None = None
    ) -> None:
        payment, notice = self.payment, self.notice
        payment.captured_minor = notice.captured or notice.amount
        payment.charge_ref = notice.charge_ref
        payment.paid_at = notice.paid_at or self.now
        payment.card_brand, payment.card_last4 = notice.card_brand, notice.card_last4
        self._move(event, more)
        self._write("charge", {STRIPE_BALANCE: 1, VISIT_INCOME: -1}, payment.captured_minor)

    def _write(self, cause: str, signs: dict[str, int], minor: int) -> None:
        write_ledger(
            self.session,
            cause=f"{cause}:{self.payment.id}",
            payment_id=self.payment.id,
            currency=self.payment.currency,
            amounts={account: sign * minor for account, sign in signs.items()},
            now=self.now,
        )

    def _land(self) -> None:
        """Money is here: it confirms the visit, or goes back for a reason that is told."""
        if is_top_up(self.payment):
            land_top_up(self.session, self.payment, self.booking, actor=self.actor, now=self.now)
            return
        landing = on_paid(
            self.booking.status,
            other_payment_keeps_it=self._kept_by_another(),
            slot_free=self._slot_is_ours(),
            starts_at=self.booking.starts_at,
            now=self.now,
        )
        if landing is Landing.CONFIRM and self.payment.closing_for == "cancel":
            self._move_booking(BookingEvent.CANCEL)
            self.booking.cancelled_at = self.now
            self.booking.calendar_sequence += 1
            landing = Landing.CANCELLED
        if landing is Landing.CONFIRM:
            self._confirm()
        else:
            self._return_money(landing)

    def _kept_by_another(self) -> bool:
        """Whether another payment of this booking is paid and not given back in full."""
        back = (
            select(func.coalesce(func.sum(Refund.amount_minor), 0))
            .where(Refund.payment_id == Payment.id, Refund.status.not_in(list(OVER)))
            .correlate(Payment)
            .scalar_subquery()
        )
        query = select(Payment.id).where(
            Payment.booking_id == self.booking.id,
            Payment.id != self.payment.id,
            Payment.purpose == PaymentPurpose.VISIT,
            Payment.status == PaymentStatus.PAID,
            Payment.captured_minor > back,
        )
        return self.session.scalar(query.limit(1)) is not None

    def _slot_is_ours(self) -> bool:
        """A hold has its claims; an expired booking takes them again, or finds them gone."""
        booking = self.booking
        if booking.status is not BookingStatus.EXPIRED:
            return True
        if booking.starts_at <= self.now or self._doctor_is_away():
            return False
        wanted = cells(booking.starts_at, booking.busy_until)
        if not claim_again(self.session, booking.id, booking.doctor_id, wanted):
            return False
        return not is_elsewhere(
            self.session, booking, starts_at=booking.starts_at, ends_at=booking.ends_at
        )

    def _doctor_is_away(self) -> bool:
        query = select(TimeOff.id).where(
            TimeOff.doctor_id == self.booking.doctor_id,
            TimeOff.starts_at < self.booking.ends_at,
            TimeOff.ends_at > self.booking.starts_at,
        )
        return self.session.scalar(query.limit(1)) is not None

    def _confirm(self) -> None:
        booking = self.booking
        self._move_booking(BookingEvent.PAY)
        booking.confirmed_at = self.now
        issue_receipt(self.session, self.payment, booking, now=self.now)
        self._post("booked", booking.id)

    def _return_money(self, landing: Landing) -> None:
        """The visit cannot stand: everything goes back by itself, and one honest mail says so."""
        if landing is not Landing.DUPLICATE:
            free_claims(self.session, self.booking.id)
        give_back(self.session, self.payment, reason=str(landing), actor=self.actor, now=self.now)
        kind = "paid_twice" if landing is Landing.DUPLICATE else "paid_too_late"
        self._post(kind, self.payment.id)
        if landing is Landing.SLOT_LOST:  # somebody may call and offer another time
            key = self.payment.id
            raise_alert(self.session, "late_money", key, str(landing), now=self.now, mail=False)

    def _fee(self) -> None:
        """What Stripe keeps, once it is known (balance transactions come later)."""
        payment, notice = self.payment, self.notice
        if notice.fee is None or payment.fee_minor is not None:
            return
        payment.fee_minor, payment.net_minor = notice.fee, notice.net
        payment.settled_currency = notice.settled_currency
        if notice.settled_currency == payment.currency:
            self._write("fee", {STRIPE_FEES: 1, STRIPE_BALANCE: -1}, notice.fee)

    def _processing(self) -> None:
        """A delayed method: the time stays taken until the visit, and nothing is called paid."""
        if not may_move(self.payment, PaymentEvent.PROCESS):
            return
        self._move(PaymentEvent.PROCESS)
        if self.booking.status is BookingStatus.HELD:
            self.booking.hold_expires_at = self.booking.starts_at

    def _failed(self) -> None:
        if not may_move(self.payment, PaymentEvent.FAIL):
            return
        self._move(PaymentEvent.FAIL)
        give_up_hold(self.session, self.booking, self.payment, actor=self.actor, now=self.now)
        kind = "move_not_made" if is_top_up(self.payment) else "payment_failed"
        self._post(kind, self.payment.id)

    def _expired(self) -> None:
        if may_move(self.payment, PaymentEvent.EXPIRE):
            self._move(PaymentEvent.EXPIRE)
            close_alert(self.session, "stripe_silent", self.payment.id, now=self.now)
            give_up_hold(self.session, self.booking, self.payment, actor=self.actor, now=self.now)

    def _post(self, kind: str, subject: str) -> None:
        booking = self.booking
        post(
            self.session,
            kind,
            subject,
            booking.visitor_email,
            now=self.now,
            locale=booking.locale,
        )


def give_up_hold(
    session: Session, booking: Booking, payment: Payment, *, actor: Actor, now: datetime
) -> None:
    """Nobody can pay there any more: only now is the time free (payment and booking are locked).

    It stays held where a pay link keeps it longer than one pay page lasts, or the desk closed the
    page to take the money by hand. A top-up gives up the new time alone.
    """
    if is_top_up(payment):
        drop_move(session, booking, payment, why=_why_dropped(payment), actor=actor, now=now)
        return
    if booking.status is not BookingStatus.HELD or _kept_on(booking, payment, now):
        return
    event = BookingEvent.CANCEL if payment.closing_for == "cancel" else BookingEvent.EXPIRE
    move(session, booking, event, actor=actor, now=now, facts={"payment": payment.id})
    if event is BookingEvent.CANCEL:
        booking.cancelled_at = now
    free_claims(session, booking.id)


def _why_dropped(payment: Payment) -> str:
    if payment.closing_for == "cancel":
        return "left"
    return "declined" if payment.status is PaymentStatus.FAILED else "expired"


def _kept_on(booking: Booking, payment: Payment, now: datetime) -> bool:
    linked = booking.pay_by is not None and booking.pay_by > now
    return payment.closing_for == "desk" or (linked and payment.closing_for != "cancel")
