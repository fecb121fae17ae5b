"""What may we have missed? Sweeps that ask Stripe, through the same doors as everyone."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from sqlalchemy import and_, or_, select

from efoy.domain.booking import BookingEvent, BookingStatus
from efoy.domain.errors import EfoyError, ProviderDown, ProviderRefused
from efoy.domain.notice import CheckoutNotice
from efoy.domain.payment import BACKSTOP, UNDECIDED, PaymentStatus
from efoy.models.base import lock, reading, transaction
from efoy.models.booking import Booking, free_claims
from efoy.models.payment import Payment, Refund
from efoy.models.transition import move
from efoy.models.upkeep import Watermark, raise_alert, take_turn
from efoy.services.checkout_closing import close_checkout
from efoy.services.checkout_creation import resume_creating
from efoy.services.disputes import apply_dispute
from efoy.services.giving_up import due_holds, expire_hold
from efoy.services.moving_due import due_top_ups, top_ups_in_vain
from efoy.services.moving_steps import drop_move, is_top_up
from efoy.services.refund_following import apply_refund, settle_refund
from efoy.services.settlement import apply_checkout, settle_payment
from efoy.services.stripe_events import keep_hint
from efoy.services.stripe_list import (
    WAITING,
    Sweep,
    Waiting,
    compare_with_list,
    read_waiting,
)

__all__ = [
    "Sweep",
    "compare",
    "each_five_minutes",
    "each_minute",
    "follow_refunds",
    "list_events",
    "look_at_open",
    "missing_fees",
]

CUT_SHORT = timedelta(minutes=1)
EVENT_OVERLAP = timedelta(hours=1)
FIRST_LOOK_BACK = timedelta(days=3)
REFUND_WATCH = timedelta(days=35)
FEE_WAIT = timedelta(minutes=10)


def each_minute(sweep: Sweep) -> int:
    """Holds past their time, creations cut short, checkouts on their way to being closed."""
    done = _each(due_holds(sweep.now), lambda key: _expire(key, sweep), sweep)
    done += _each(_cut_short(sweep.now), lambda key: _resume(key, sweep), sweep)
    done += _each(top_ups_in_vain(), lambda key: _leave(key, sweep), sweep)
    done += _each(due_top_ups(sweep.now), lambda key: _close(key, sweep), sweep)
    return done + _each(_closing(sweep.now), lambda key: _close(key, sweep), sweep)


def _each(keys: Iterable[str], work: Callable[[str], None], sweep: Sweep) -> int:
    """Every one on its own: one that fails keeps nobody else waiting."""
    done = 0
    for key in keys:
        try:
            work(key)
            done += 1
        except (ProviderDown, ProviderRefused):  # a checkout Stripe does not know, too
            _backstop(key, sweep)
        except EfoyError:
            continue
    return done


def _expire(booking_id: str, sweep: Sweep) -> None:
    expire_hold(booking_id, stripe=sweep.stripe, actor=sweep.actor, now=sweep.now)


def _resume(payment_id: str, sweep: Sweep) -> None:
    resume_creating(payment_id, stripe=sweep.stripe, actor=sweep.actor, now=sweep.now)


def _leave(payment_id: str, sweep: Sweep) -> None:
    close_checkout(
        payment_id, closing_for="cancel", stripe=sweep.stripe, actor=sweep.actor, now=sweep.now
    )


def _close(payment_id: str, sweep: Sweep) -> None:
    close_checkout(
        payment_id, closing_for=None, stripe=sweep.stripe, actor=sweep.actor, now=sweep.now
    )


def _cut_short(now: datetime) -> list[str]:
    query = select(Payment.id).where(
        Payment.status == "creating", Payment.created_at <= now - CUT_SHORT
    )
    with reading() as connection:
        return list(connection.scalars(query))


def _closing(now: datetime) -> list[str]:
    query = select(Payment.id).where(Payment.status == "closing")
    with reading() as connection:
        return list(connection.scalars(query))


def _backstop(key: str, sweep: Sweep) -> None:
    """Stripe away 15 minutes past the checkout's own end: nobody can pay there any more.

    The time is released and we keep asking; money that did arrive takes the late path.
    """
    with transaction("release_backstop") as session:
        query = select(Payment.id).where(or_(Payment.id == key, Payment.booking_id == key))
        payment_id = session.scalar(query.where(Payment.status.in_(list(UNDECIDED))))
        if payment_id is None:
            return
        payment = lock(session, Payment, payment_id)
        booking = lock(session, Booking, payment.booking_id)
        ends = payment.checkout_expires_at
        over = ends is not None and ends + BACKSTOP <= sweep.now
        waits = payment.status is not PaymentStatus.PROCESSING
        if over and waits and is_top_up(payment):
            drop_move(session, booking, payment, why="backstop", actor=sweep.actor, now=sweep.now)
            raise_alert(session, "stripe_silent", payment.id, "backstop", now=sweep.now)
        linked = booking.pay_by is not None and booking.pay_by > sweep.now
        if over and waits and not linked and booking.status is BookingStatus.HELD:
            facts = {"payment": payment.id, "backstop": True}
            move(
                session,
                booking,
                BookingEvent.EXPIRE,
                actor=sweep.actor,
                now=sweep.now,
                facts=facts,
            )
            free_claims(session, booking.id)
            raise_alert(session, "stripe_silent", payment.id, "backstop", now=sweep.now)


def each_five_minutes(sweep: Sweep) -> int:
    """Open checkouts past their end, delayed money, fees not yet known: by list, 100 a call."""
    waiting = _waiting(sweep.now)
    if not waiting:
        return 0
    done = compare_with_list(waiting, sweep, patient=True)
    return done + _each(list(waiting), lambda key: _settle(key, sweep), sweep)


def _waiting(now: datetime) -> dict[str, Waiting]:
    """Payments to look at."""
    query = select(*WAITING).where(
        Payment.checkout_ref.is_not(None),
        or_(
            and_(Payment.status == "open", Payment.checkout_expires_at <= now),
            Payment.status == "processing",
        ),
    )
    return read_waiting(query)


def _apply(notice: CheckoutNotice, sweep: Sweep) -> int:
    apply_checkout(notice.reference or "", notice, actor=sweep.actor, now=sweep.now)
    return 1


def _settle(payment_id: str, sweep: Sweep) -> None:
    settle_payment(payment_id, stripe=sweep.stripe, actor=sweep.actor, now=sweep.now)


def look_at_open(sweep: Sweep, *, since: datetime | None = None) -> int:
    """Every undecided checkout compared with Stripe's list, whatever its age: 100 a call."""
    query = select(*WAITING).where(
        Payment.status.in_(["open", "closing", "processing", "expired", "failed"])
        if since is not None
        else Payment.status.in_(["open", "closing", "processing"]),
        Payment.checkout_ref.is_not(None),
    )
    if since is not None:
        query = query.where(Payment.created_at >= since)
    waiting = read_waiting(query)
    if not waiting:
        return 0
    done = compare_with_list(waiting, sweep, patient=False)
    return done + _each(list(waiting), lambda key: _settle(key, sweep), sweep)


def missing_fees(sweep: Sweep) -> int:
    """Paid payments whose fee Stripe had not yet told: one look each."""
    query = (
        select(Payment.id)
        .where(
            Payment.status == "paid",
            Payment.fee_minor.is_(None),
            Payment.method == "stripe",
            or_(Payment.looked_at.is_(None), Payment.looked_at <= sweep.now - FEE_WAIT),
        )
        .limit(200)
    )
    with reading() as connection:
        keys = list(connection.scalars(query))
    return _each(keys, lambda key: _settle(key, sweep), sweep)


def list_events(sweep: Sweep, *, since: datetime | None = None) -> int:
    """Stripe's own event list since the watermark (an hour kept as overlap), into the inbox.

    The watermark moves only past pages that were stored.
    """
    with transaction("watermark") as session:
        turn = take_turn(session, "events", now=sweep.now, lease=timedelta(minutes=5))
        if turn is None:
            return 0
        reached = turn.reached_at
    begin = since or (sweep.now - FIRST_LOOK_BACK if reached is None else reached - EVENT_OVERLAP)
    hints = list(sweep.stripe.list_events(begin))
    fresh = sum(keep_hint(hint, door="sweep", now=sweep.now) for hint in reversed(hints))
    _reached("events", sweep.now)
    return fresh


def _reached(name: str, at: datetime) -> None:
    with transaction("watermark") as session:
        row = session.get_one(Watermark, name)
        row.reached_at, row.lease_until = at, None


def follow_refunds(sweep: Sweep, *, daily: bool = False) -> int:
    """Refunds that are not final, each hour; the succeeded ones of 35 days, each day."""
    waiting = Refund.status.in_(["submitted", "pending", "requires_action"])
    young = and_(Refund.status == "succeeded", Refund.created_at >= sweep.now - REFUND_WATCH)
    query = select(Refund.id).where(
        Refund.refund_ref.is_not(None), or_(waiting, young) if daily else waiting
    )
    with reading() as connection:
        keys = list(connection.scalars(query))
    return _each(keys, lambda key: _follow(key, sweep), sweep)


def _follow(refund_id: str, sweep: Sweep) -> None:
    settle_refund(refund_id, stripe=sweep.stripe, actor=sweep.actor, now=sweep.now)


def compare(sweep: Sweep, *, since: datetime | None = None) -> int:
    """Charges, refunds and disputes of the last three days, compared both ways.

    What Stripe has and we lack is settled or adopted; money nobody here knows becomes an alert.
    """
    begin = since or sweep.now - FIRST_LOOK_BACK
    done = sum(_known_charge(*charge, sweep) for charge in sweep.stripe.list_captured(begin))
    for refund in sweep.stripe.list_refunds_since(begin):
        apply_refund(refund, actor=sweep.actor, now=sweep.now)
    for dispute in sweep.stripe.list_disputes_since(begin):
        apply_dispute(dispute, actor=sweep.actor, now=sweep.now)
    return done


def _known_charge(
    charge: str, intent: str | None, captured: int, currency: str, sweep: Sweep
) -> int:
    with reading() as connection:
        known = connection.scalar(
            select(Payment.id).where(Payment.charge_ref == charge, Payment.status == "paid")
        )
    if known is not None:
        return 0
    notice = sweep.stripe.checkout_of_intent(intent) if intent else None
    if notice is not None and _have(notice.reference):
        return _apply(notice, sweep)
    with transaction("alert") as session:
        detail = f"{captured} {currency}"
        raise_alert(session, "unmatched_money", charge, detail, now=sweep.now)
    return 0


def _have(reference: str | None) -> bool:
    with reading() as connection:
        query = select(Payment.id).where(Payment.id == (reference or ""))
        return connection.scalar(query) is not None
