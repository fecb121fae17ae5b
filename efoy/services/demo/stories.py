"""How does each kind of demo booking go? One generator each: it yields when it acts next.

The loader runs all of them in order of time and lets go of each where the present begins, so that
one and the same story is an attended visit in the past and a confirmed one in the future.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta

from sqlalchemy import select

from efoy.domain.booking import BookingEvent
from efoy.domain.role import Door
from efoy.models.base import reading
from efoy.models.payment import Refund
from efoy.services.demo.teller import Teller

Story = Callable[[Teller, datetime], Iterator[datetime]]
NOTES = (
    "Better than last time. Look again in three months.",
    "Asked for a second opinion; letter given.",
    "Blood pressure by the nurse next time, before the visit.",
)
"""What the demo's doctor keeps for herself."""
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def held(teller: Teller, start: datetime) -> Iterator[datetime]:
    """Somebody is choosing to pay right now."""
    yield start
    teller.hold(start)


def confirmed(teller: Teller, start: datetime, door: Door = Door.RETURN) -> Iterator[datetime]:
    """Held, paid, booked."""
    yield start
    if not teller.hold(start):
        return
    yield start + 2 * MINUTE
    teller.open(start + 2 * MINUTE)
    yield start + 4 * MINUTE
    teller.pay(start + 4 * MINUTE, door)


def _paid(teller: Teller) -> bool:
    return bool(teller.payment_id)


def attended(teller: Teller, start: datetime) -> Iterator[datetime]:
    """Paid, came, and was seen; every other visit leaves the doctor something to note."""
    yield from confirmed(teller, start, Door.WEBHOOK)
    if not _paid(teller):
        return
    here = teller.visit.starts_at - 5 * MINUTE
    yield here
    teller.arrive(here)
    done = teller.visit.starts_at + timedelta(minutes=teller.visit.minutes)
    yield done
    teller.mark(BookingEvent.ATTEND, done)
    if done.day % 2:
        teller.note(NOTES[done.minute % len(NOTES)], done + MINUTE)


def missed(teller: Teller, start: datetime) -> Iterator[datetime]:
    """Paid, and did not come."""
    yield from confirmed(teller, start)
    late = teller.visit.starts_at + 30 * MINUTE
    if _paid(teller):
        yield late
        teller.mark(BookingEvent.MISS, late)


def let_go(teller: Teller, start: datetime) -> Iterator[datetime]:
    """Held, and never pressed Pay."""
    yield start
    if teller.hold(start):
        yield start + 16 * MINUTE
        teller.expire(start + 16 * MINUTE)


def left_page(teller: Teller, start: datetime) -> Iterator[datetime]:
    """Pressed Pay, and closed the page."""
    yield start
    if teller.hold(start):
        yield start + 3 * MINUTE
        teller.open(start + 3 * MINUTE)
        yield start + 39 * MINUTE
        teller.expire(start + 39 * MINUTE)


def declined(teller: Teller, start: datetime) -> Iterator[datetime]:
    """The bank said no."""
    yield start
    if teller.hold(start):
        yield start + 3 * MINUTE
        teller.open(start + 3 * MINUTE)
        yield start + 40 * MINUTE
        teller.decline(start + 40 * MINUTE)


def dropped(teller: Teller, start: datetime) -> Iterator[datetime]:
    """Held, and given up by the patient before paying."""
    yield start
    if teller.hold(start):
        yield start + 5 * MINUTE
        teller.cancel("patient", "", start + 5 * MINUTE)


def processing(teller: Teller, start: datetime) -> Iterator[datetime]:
    """Paid by a bank method that takes days."""
    yield start
    if teller.hold(start):
        yield start + 2 * MINUTE
        teller.open(start + 2 * MINUTE)
        yield start + 4 * MINUTE
        teller.process(start + 4 * MINUTE)


def parked(teller: Teller, start: datetime) -> Iterator[datetime]:
    """Stripe shows an amount that was never asked for."""
    yield start
    if teller.hold(start):
        yield start + 2 * MINUTE
        teller.open(start + 2 * MINUTE)
        yield start + 4 * MINUTE
        teller.pay_another_amount(start + 4 * MINUTE)


def too_late(teller: Teller, start: datetime) -> Iterator[datetime]:
    """Paid when the visit was over: everything goes back by itself."""
    yield from left_page(teller, start)
    if not _paid(teller):
        return
    late = teller.visit.starts_at + HOUR
    yield late
    teller.pay(late, Door.SWEEP)
    yield late + MINUTE
    teller.send_refund(late + MINUTE, _refund_of(teller.payment_id))
    yield late + DAY
    teller.end_refund("succeeded", late + DAY)


def _refund_of(payment_id: str) -> str:
    with reading() as connection:
        return str(connection.scalar(select(Refund.id).where(Refund.payment_id == payment_id)))


def to_approve(teller: Teller, start: datetime) -> Iterator[datetime]:
    """Cancelled by the patient; the clinic has not yet sent the money back."""
    yield from _cancelled(teller, start, "patient", "The time doesn’t suit me")
    if _paid(teller) and teller.refund() and teller.by_itself:
        yield from _sent(teller, start + 6 * HOUR, "")


def gone_back(teller: Teller, start: datetime) -> Iterator[datetime]:
    """Cancelled by the patient in time, and refunded in full, by itself where the rules say so."""
    yield from _refunded(teller, start, "patient", "succeeded")


def half_back(teller: Teller, start: datetime) -> Iterator[datetime]:
    """Cancelled by the patient late, and refunded by half."""
    yield from _refunded(teller, start, "patient", "succeeded", late=5 * HOUR)


def nothing_back(teller: Teller, start: datetime) -> Iterator[datetime]:
    """Cancelled by the patient in the last hour: the rules give nothing."""
    yield from _cancelled(teller, start, "patient", "Something else", late=HOUR)


def not_agreed(teller: Teller, start: datetime) -> Iterator[datetime]:
    """Cancelled by the patient; the clinic has decided that nothing goes back, where it may."""
    yield from _cancelled(teller, start, "patient", "I booked by mistake")
    if not _paid(teller) or not teller.refund():
        return
    if teller.by_itself:
        yield from _sent(teller, start + 6 * HOUR, "succeeded")
    else:
        yield start + 8 * HOUR
        teller.decide(approve=False, now=start + 8 * HOUR)


def clinic_cancelled(teller: Teller, start: datetime) -> Iterator[datetime]:
    """The doctor was ill: everything went back."""
    yield from _refunded(teller, start, "clinic", "succeeded")


def on_its_way(teller: Teller, start: datetime) -> Iterator[datetime]:
    """Cancelled by the patient; the bank has the refund and takes its time."""
    yield from _refunded(teller, start, "patient", "")


def bounced(teller: Teller, start: datetime) -> Iterator[datetime]:
    """Refunded, and the bank sent the money back: the card is closed."""
    yield from _refunded(teller, start, "clinic", "failed")


def disputed(teller: Teller, start: datetime) -> Iterator[datetime]:
    """Came, and told the bank otherwise."""
    yield from attended(teller, start)
    if _paid(teller):
        asked = teller.visit.starts_at + 2 * DAY
        yield asked
        teller.dispute(asked)


def _cancelled(
    teller: Teller, start: datetime, by: str, why: str, late: timedelta | None = None
) -> Iterator[datetime]:
    """Ended six hours after it was booked, or so ``late`` before the visit."""
    yield from confirmed(teller, start)
    if _paid(teller):
        then = teller.visit.starts_at - late if late else start + 6 * HOUR
        yield then
        teller.cancel(by, why, then)


def _refunded(
    teller: Teller, start: datetime, by: str, ending: str, late: timedelta | None = None
) -> Iterator[datetime]:
    why = "The doctor is ill" if by == "clinic" else "The time doesn’t suit me"
    yield from _cancelled(teller, start, by, why, late)
    if not _paid(teller) or not teller.refund():
        return
    asked = (teller.visit.starts_at - late if late else start + 6 * HOUR) + HOUR
    yield asked
    teller.decide(approve=True, now=asked)
    yield from _sent(teller, asked, ending)


def _sent(teller: Teller, asked: datetime, ending: str) -> Iterator[datetime]:
    """The worker sends what was ``asked`` for, and the bank says what became of it, or nothing."""
    yield asked + MINUTE
    teller.send_refund(asked + MINUTE)
    if ending:
        yield asked + DAY
        teller.end_refund("succeeded", asked + DAY)
    if ending == "failed":
        yield asked + 2 * DAY
        teller.end_refund("failed", asked + 2 * DAY, "lost_or_stolen_card")


PAST: Mapping[str, tuple[Story, int]] = {
    "attended": (attended, 60),
    "missed": (missed, 6),
    "let_go": (let_go, 5),
    "left_page": (left_page, 4),
    "declined": (declined, 2),
    "gone_back": (gone_back, 5),
    "half_back": (half_back, 3),
    "nothing_back": (nothing_back, 2),
    "not_agreed": (not_agreed, 1),
    "clinic_cancelled": (clinic_cancelled, 3),
}
"""Stories of past visits, with how often each is told."""
EACH_ONCE: tuple[Story, ...] = (
    bounced,
    too_late,
    disputed,
    half_back,
    clinic_cancelled,
    missed,
    nothing_back,
    not_agreed,
)
"""Told at least once of a past visit, whatever chance says."""
AHEAD_ONCE: tuple[Story, ...] = (to_approve, on_its_way, parked, processing, dropped, left_page)
"""Told once of a visit ahead."""
