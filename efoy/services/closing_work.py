"""How is what was chosen for a visit carried out, exactly once, whoever is killed meanwhile?

One transaction an item: visit, refund, mail and the item itself change together or not at all. No
remote call is made in it; refunds and mails are rows that their own workers take from here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from efoy.domain.booking import BookingStatus
from efoy.domain.closing import Choice, ItemEvent, ItemStatus, answer_by
from efoy.domain.errors import DatabaseBusy, EfoyError, NotFound, RefundRefused
from efoy.domain.role import Actor, Door, Role
from efoy.models.base import lock, reading, transaction
from efoy.models.booking import Booking
from efoy.models.closing import DayClosing, DayClosingItem
from efoy.models.kept import kept_payments
from efoy.models.moving import pending_move
from efoy.models.outbox import post
from efoy.models.payment import Payment
from efoy.services.cancelling import Ending, end_visit, lock_payments
from efoy.services.closing_items import lock_item, step, tidy
from efoy.services.closing_queue import clash_is_over, clash_stands, let_stand


@dataclass(frozen=True, kw_only=True)
class Case:
    """One item with all that it is about, locked in order: payments, booking, closing, item."""

    session: Session
    payments: dict[str, Payment]
    booking: Booking
    closing: DayClosing
    item: DayClosingItem
    now: datetime

    @property
    def actor(self) -> Actor:
        """Whoever decided, by the worker's hand."""
        item = self.item
        return Actor(user_id=item.actor_id, role=item.actor_role, door=Door.WORKER)

    def step(self, event: ItemEvent) -> None:
        """One step of the item."""
        step(self.session, self.item, event, actor=self.actor, now=self.now)


def due_items(now: datetime) -> list[str]:
    """Every visit of a closed time for which nothing was done yet, oldest first."""
    query = select(DayClosingItem.id).where(DayClosingItem.status == ItemStatus.WAITING)
    with reading() as connection:
        return list(connection.scalars(query.order_by(DayClosingItem.changed_at)))


def carry_out(item_id: str, *, now: datetime) -> None:
    """Do what was chosen for one visit; a second call finds it done. Raises NotFound.

    What a rule forbids (a bank looks at the payment) leaves the visit as it is, marks the item as
    failed with the word for why, and stands in the queue.
    """
    try:
        with transaction("closing_item") as session:
            _carry_out(locked(session, item_id, now))
    except (DatabaseBusy, NotFound):
        raise
    except RefundRefused as error:
        _failed(item_id, error.reason, now)
    except IntegrityError:
        _failed(item_id, "another_is_waiting", now)
    except EfoyError as error:
        _failed(item_id, type(error).__name__, now)


def locked(session: Session, item_id: str, now: datetime) -> Case:
    """An item with all that it is about, locked in order. Raises NotFound."""
    booking_id = session.scalar(
        select(DayClosingItem.booking_id).where(DayClosingItem.id == item_id)
    )
    if booking_id is None:
        raise NotFound(item_id)
    payments = lock_payments(session, booking_id)
    booking = lock(session, Booking, booking_id)
    closing, item = lock_item(session, item_id)
    return Case(
        session=session, payments=payments, booking=booking, closing=closing, item=item, now=now
    )


def _carry_out(case: Case) -> None:
    if case.item.status is not ItemStatus.WAITING:
        return
    if pending_move(case.session, case.booking.id) is not None:
        return  # the patient is paying for another time: the next sweep sees how that ended
    ending = ended(case.booking, case.item, case.now)
    if ending is None:
        _ACTS[case.item.choice](case)
    else:
        case.step(ending)
        clash_is_over(case.session, case.item, now=case.now)
    tidy(case.session, case.closing, actor=case.actor, now=case.now)


def ended(booking: Booking, item: DayClosingItem, now: datetime) -> ItemEvent | None:
    """What became of the visit without us: moved elsewhere, cancelled, over; None while it stands.

    One that the clinic cancelled by another hand counts as cancelled.
    """
    if booking.status is BookingStatus.CANCELLED:
        return ItemEvent.CANCEL if booking.cancelled_by == "clinic" else ItemEvent.VANISH
    if booking.status is not BookingStatus.CONFIRMED:
        return ItemEvent.VANISH
    if booking.starts_at != item.visit_at:
        return ItemEvent.MOVE
    return ItemEvent.VANISH if booking.starts_at <= now else None


def _offer(case: Case) -> None:
    """Ask the patient to choose another time; the visit stays as it is meanwhile."""
    item, booking = case.item, case.booking
    item.offers += 1
    item.answer_by = answer_by(booking.starts_at, case.now)
    case.step(ItemEvent.OFFER)
    to, locale = booking.visitor_email, booking.locale
    about = f"{item.id}:{item.offers}"
    post(case.session, "move_offered", about, to, now=case.now, locale=locale)
    clash_stands(case.session, item, mail=False, now=case.now)


def _hand(case: Case) -> None:
    """The desk sees to it; a doctor's word for that is mailed to the clinic, its own is not."""
    by_doctor = case.item.actor_role == Role.DOCTOR
    case.step(ItemEvent.HAND)
    clash_stands(case.session, case.item, mail=by_doctor, now=case.now)


def _cancel(case: Case) -> None:
    """The visit ends, everything goes back, and a mail with an apology is promised."""
    kept = kept_payments(case.session, case.booking.id)
    if any(each.disputed for each in kept):
        raise RefundRefused("disputed")
    ending = Ending(by="clinic", reason=case.closing.reason)
    end_visit(case.session, case.booking, case.payments, ending, actor=case.actor, now=case.now)
    case.step(ItemEvent.CANCEL)
    clash_is_over(case.session, case.item, now=case.now)


def _keep(case: Case) -> None:
    let_stand(case.session, case.item, ItemEvent.KEEP, actor=case.actor, now=case.now)


_ACTS: Mapping[Choice, Callable[[Case], None]] = {
    Choice.MOVE: _offer,
    Choice.DESK: _hand,
    Choice.CANCEL: _cancel,
    Choice.KEEP: _keep,
}


def _failed(item_id: str, problem: str, now: datetime) -> None:
    """It could not be done: a person is told why, and may try again or decide otherwise."""
    with transaction("closing_item") as session:
        case = locked(session, item_id, now)
        if case.item.status is ItemStatus.WAITING:
            case.step(ItemEvent.FAIL)
            case.item.problem = problem[:40]
            clash_stands(session, case.item, mail=True, now=now)
            tidy(session, case.closing, actor=case.actor, now=now)
