"""What happens to rows when a visit moves, or a held new time is given up? In one transaction."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from efoy.domain import slot as slots
from efoy.domain.booking import LIVE, BookingEvent, BookingStatus
from efoy.domain.moving import (
    MoveEvent,
    MoveStatus,
    TopUpLanding,
    on_top_up_paid,
    rules_after_move,
)
from efoy.domain.payment import PaymentPurpose
from efoy.domain.role import Actor
from efoy.domain.slot import cells
from efoy.models.audit import record
from efoy.models.booking import Booking
from efoy.models.clinic import Doctor
from efoy.models.kept import kept_payments
from efoy.models.moving import BookingMove, claim_besides, free_all_but, pending_move
from efoy.models.outbox import post
from efoy.models.payment import Payment
from efoy.models.transition import move
from efoy.services.offer import away, extra, openings
from efoy.services.papers import issue_receipt
from efoy.services.proposals import ask_back
from efoy.services.refunds import give_back
from efoy.services.whereabouts import is_elsewhere, others_of

REASON = "visit_changed"
"""Why a cheaper time gives money back, in the words of refunds."""


# -- may the visit be there? ---------------------------------------------------------------------


def take_new_time(session: Session, booking: Booking, moving: BookingMove) -> bool:
    """Claim the new time for the booking, which is locked; "no" leaves nothing behind.

    Cells first, then the doctor, then the visitor, as a hold does it.
    """
    wanted = cells(moving.starts_at, moving.busy_until)
    if not claim_besides(session, booking.id, moving.doctor_id, wanted):
        return False
    if still_open(session, booking, moving):
        return True
    _keep_own_cells(session, booking)
    return False


def still_open(session: Session, booking: Booking, moving: BookingMove) -> bool:
    """Whether doctor and visitor are free for the new time, whose cells the booking has."""
    return _doctor_is_there(session, booking, moving) and not _visitor_is_elsewhere(
        session, booking, moving
    )


def _doctor_is_there(session: Session, booking: Booking, moving: BookingMove) -> bool:
    """Within hours and outside absences as they are now.

    With the doctor's row shared: who changes hours at this moment is waited for, or waits for us.
    """
    doctor = select(Doctor.id).where(Doctor.id == moving.doctor_id)
    session.execute(doctor.with_for_update(read=True, key_share=True))
    zone = ZoneInfo(booking.zone)
    hours = slots.windows(
        openings(session, moving.doctor_id),
        extra(session, moving.doctor_id),
        moving.starts_at.astimezone(zone).date(),
        zone,
        booking.service_id,
    )
    visit = slots.Span(starts_at=moving.starts_at, ends_at=moving.ends_at)
    inside = any(at.starts_at <= visit.starts_at and visit.ends_at <= at.ends_at for at in hours)
    return inside and not any(visit.overlaps(off) for off in away(session, moving.doctor_id))


def _visitor_is_elsewhere(session: Session, booking: Booking, moving: BookingMove) -> bool:
    """Another visit of the same visitor at that time, booked or on its way there."""
    then = {"starts_at": moving.starts_at, "ends_at": moving.ends_at}
    if is_elsewhere(session, booking, **then):
        return True
    coming = (
        select(BookingMove.id)
        .join(Booking, Booking.id == BookingMove.booking_id)
        .where(
            others_of(booking),
            Booking.status == BookingStatus.CONFIRMED,
            BookingMove.status == MoveStatus.PENDING,
            BookingMove.starts_at < moving.ends_at,
            BookingMove.ends_at > moving.starts_at,
        )
    )
    return session.scalar(coming.limit(1)) is not None


def _keep_own_cells(session: Session, booking: Booking) -> None:
    own = cells(booking.starts_at, booking.busy_until)
    free_all_but(session, booking.id, booking.doctor_id, own)


# -- the move ------------------------------------------------------------------------------------


def finish_move(
    session: Session,
    booking: Booking,
    moving: BookingMove,
    *,
    keep_rules: bool = False,
    actor: Actor,
    now: datetime,
) -> None:
    """The visit is at its new time: its cells, price, rules, calendar, mail and history.

    The booking is locked and has the cells of both times. ``keep_rules``: the clinic asked for the
    move, so the patient loses nothing of the refund rules.
    """
    if not keep_rules:
        rules = rules_after_move(booking.policy, starts_at=booking.starts_at, at=moving.created_at)
        booking.policy_json = rules.to_json()
    _take_over(booking, moving)
    booking.calendar_sequence += 1
    free_all_but(
        session, booking.id, booking.doctor_id, cells(booking.starts_at, booking.busy_until)
    )
    move(session, booking, BookingEvent.MOVE, actor=actor, now=now, facts=_facts(moving))
    if moving.status is not MoveStatus.DONE:
        move(session, moving, MoveEvent.SETTLE, actor=actor, now=now)
    moving.ended_at, moving.sequence = now, booking.calendar_sequence
    post(session, "moved", moving.id, booking.visitor_email, now=now, locale=booking.locale)


def _take_over(booking: Booking, moving: BookingMove) -> None:
    booking.doctor_id = moving.doctor_id
    booking.starts_at, booking.ends_at = moving.starts_at, moving.ends_at
    booking.busy_until = moving.busy_until
    booking.window_starts_at = moving.window_starts_at
    booking.window_ends_at = moving.window_ends_at
    booking.price_minor = moving.price_minor
    booking.place = moving.place
    booking.tax_label, booking.tax_basis_points = moving.tax_label, moving.tax_basis_points
    booking.overbooked_reason = ""


def _facts(moving: BookingMove) -> dict[str, object]:
    return {
        "move": moving.id,
        "from": moving.from_starts_at.isoformat(),
        "to": moving.starts_at.isoformat(),
        "difference": moving.price_minor - moving.from_price_minor,
    }


def give_difference_back(
    session: Session,
    booking: Booking,
    payments: dict[str, Payment],
    amount: int,
    *,
    actor: Actor,
    now: datetime,
) -> int:
    """Refunds of ``amount`` minor units in all, the newest money first; what it came to.

    All payments are locked. Never more than is left of each: what went back already is not owed.
    The clinic owes it, so nobody needs to agree; what was paid by hand waits for somebody's hand.
    """
    owed = amount
    for kept in reversed(kept_payments(session, booking.id)):
        part = min(owed, kept.left)
        if part > 0 and not kept.disputed:
            payment = payments[kept.payment_id]
            ask_back(session, payment, part, automatic=True, reason=REASON, actor=actor, now=now)
            owed -= part
    return amount - owed


# -- the top-up ----------------------------------------------------------------------------------


def land_top_up(
    session: Session, payment: Payment, booking: Booking, *, actor: Actor, now: datetime
) -> None:
    """A captured top-up moves the visit, or goes back in full while the visit stays (both locked).

    The new time is still held, or is taken again where it is free.
    """
    moving = _of_payment(session, payment)
    wanted = payment.closing_for != "cancel"
    as_it_was = moving is not None and wanted and _as_it_was(session, booking, moving)
    landing = on_top_up_paid(
        booking.status,
        as_it_was=as_it_was,
        slot_free=moving is not None and as_it_was and _is_ours(session, booking, moving, now),
        wanted=wanted,
    )
    if moving is not None and landing is TopUpLanding.MOVE:
        finish_move(session, booking, moving, actor=actor, now=now)
        issue_receipt(session, payment, booking, now=now)
        return
    drop_move(session, booking, payment, why=str(landing), actor=actor, now=now)
    if moving is not None:
        moving.why = str(landing)
    give_back(session, payment, reason=str(landing), actor=actor, now=now)
    to = booking.visitor_email
    post(session, "move_not_made", payment.id, to, now=now, locale=booking.locale)


def _of_payment(session: Session, payment: Payment) -> BookingMove | None:
    query = select(BookingMove).where(BookingMove.payment_id == payment.id)
    return session.scalar(query.execution_options(populate_existing=True))


def _as_it_was(session: Session, booking: Booking, moving: BookingMove) -> bool:
    """Whether the visit is where the move set out from, and nothing else is under way."""
    waiting = pending_move(session, booking.id)
    here = (booking.doctor_id, booking.starts_at, booking.price_minor)
    begun = (moving.from_doctor_id, moving.from_starts_at, moving.from_price_minor)
    alone = waiting is None or waiting.id == moving.id
    return booking.status is BookingStatus.CONFIRMED and here == begun and alone


def _is_ours(session: Session, booking: Booking, moving: BookingMove, now: datetime) -> bool:
    if moving.starts_at <= now:
        return False
    if moving.status is MoveStatus.PENDING:
        return still_open(session, booking, moving)
    return take_new_time(session, booking, moving)


def drop_move(
    session: Session,
    booking: Booking,
    payment: Payment | None,
    *,
    why: str,
    actor: Actor,
    now: datetime,
) -> None:
    """The pending move of this top-up ends without moving: its new time is free, the visit stays.

    Only when nobody can pay the top-up any more, or it goes back. With ``payment`` None any move
    that waits ends, because the booking itself did: what is paid for it all the same goes back.
    """
    moving = pending_move(session, booking.id)
    if moving is None or (payment is not None and moving.payment_id != payment.id):
        return
    move(session, moving, MoveEvent.DROP, actor=actor, now=now)
    moving.ended_at, moving.why = now, why
    if booking.status in LIVE:
        _keep_own_cells(session, booking)
    facts = {"move": moving.id, "to": moving.starts_at.isoformat(), "why": why}
    record(
        session,
        "booking",
        booking.id,
        "move_dropped",
        before=None,
        after=None,
        actor=actor,
        now=now,
        facts=facts,
    )


def is_top_up(payment: Payment) -> bool:
    """Whether the payment is for a move."""
    return payment.purpose is PaymentPurpose.TOP_UP
