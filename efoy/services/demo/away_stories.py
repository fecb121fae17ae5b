"""Which times did the demo's clinic close, and how far is each? A past holiday, a course to come,
a day that is done, one that waits for people, one that was opened again.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, NamedTuple, cast
from zoneinfo import ZoneInfo

from sqlalchemy import select

from efoy.domain.booking import BookingStatus
from efoy.domain.closing import Choice, ClosingSource
from efoy.domain.refund import RefundStatus
from efoy.domain.role import Actor, Door, Role, system
from efoy.models.base import reading
from efoy.models.booking import Booking
from efoy.models.clinic import Doctor
from efoy.models.closing import DayClosing, DayClosingItem
from efoy.models.payment import Payment, Refund
from efoy.services.closing_work import carry_out
from efoy.services.closings import ClosingWish, close_time
from efoy.services.demo import place
from efoy.services.demo.pretend import PretendStripe, disputed
from efoy.services.demo.teller import Cast
from efoy.services.disputes import apply_dispute
from efoy.services.refund_sending import submit_refund
from efoy.services.reopening import end_time_off

if TYPE_CHECKING:
    from efoy.gateways.stripe_gateway import StripeGateway

DAY = timedelta(days=1)
SOON = 2
"""Days from today until the first closed day: today's and tomorrow's visits take place."""


class Booked(NamedTuple):
    """A paid visit ahead."""

    id: str
    ref: str
    doctor_id: int
    starts_at: datetime
    ends_at: datetime


def close_times(people: Cast, pretend: PretendStripe, *, now: datetime) -> None:
    """Every state that a list of closed times can show, told through the services themselves."""
    admin = Actor(user_id=people.admin, role=Role.ADMIN, door=Door.WEB)
    desk = Actor(user_id=people.desk, role=Role.DESK, door=Door.WEB)
    doctor = Actor(user_id=people.doctor, role=Role.DOCTOR, door=Door.WEB)
    _take_off(doctor, -45, 5, "Holiday", now)
    _take_off(doctor, 52, 3, "Course", now)
    days = _booked_days(now)
    if len(days) < 3:
        return
    done, waiting, opened = days[0], days[1], days[2]
    _close(done, [Choice.CANCEL], "The doctor is ill", admin, pretend, now)
    _dispute(waiting[-1], now)
    kinds = [Choice.MOVE] * (len(waiting) - 1) + [Choice.CANCEL]
    _close(waiting, kinds, "The room is being repaired", desk, pretend, now)
    for called in days[3:4]:
        _close(called, [Choice.DESK], "Called to the hospital", desk, pretend, now)
    closing = _close(opened, [Choice.MOVE], "The doctor is ill", admin, pretend, now)
    _open_again(closing, admin, now)


def _take_off(doctor: Actor, first: int, days: int, reason: str, now: datetime) -> None:
    """Some days of the demo's own doctor, on which nobody is booked."""
    with reading() as connection:
        doctor_id = connection.scalar(select(Doctor.id).where(Doctor.user_id == doctor.user_id))
    if doctor_id is None:
        return
    wish = ClosingWish(
        doctor_id=doctor_id,
        starts_at=_midnight(now, first),
        ends_at=_midnight(now, first + days),
        reason=reason,
        source=ClosingSource.TIME_OFF,
    )
    close_time(wish, actor=doctor, now=_midnight(now, first - 10) if first < 0 else now - DAY)


def _midnight(now: datetime, days: int) -> datetime:
    zone = ZoneInfo(place.ZONE)
    today = now.astimezone(zone).date()
    return datetime.combine(today + timedelta(days=days), time(0), zone)


def _booked_days(now: datetime) -> list[list[Booked]]:
    """Days on which a doctor has paid visits, the fullest first."""
    columns = (Booking.id, Booking.ref, Booking.doctor_id, Booking.starts_at, Booking.ends_at)
    query = select(*columns).where(
        Booking.status == BookingStatus.CONFIRMED,
        Booking.starts_at >= _midnight(now, SOON),
        Booking.price_minor > 0,
    )
    found: dict[tuple[int, object], list[Booked]] = {}
    with reading() as connection:
        for row in connection.execute(query.order_by(Booking.starts_at)):
            day = row.starts_at.astimezone(ZoneInfo(place.ZONE)).date()
            found.setdefault((row.doctor_id, day), []).append(Booked(*row))
    doctors: dict[int, list[Booked]] = {}
    for (doctor_id, _), rows in found.items():
        doctors.setdefault(doctor_id, rows)
    return sorted(doctors.values(), key=lambda rows: (-len(rows), rows[0].starts_at))


def _close(
    visits: Sequence[Booked],
    choices: Sequence[Choice],
    reason: str,
    actor: Actor,
    pretend: PretendStripe,
    now: datetime,
) -> str:
    """Close from the first visit to the end of the last; the worker carries everything out."""
    chosen = {row.ref: choices[n % len(choices)] for n, row in enumerate(visits)}
    wish = ClosingWish(
        doctor_id=visits[0].doctor_id,
        starts_at=visits[0].starts_at,
        ends_at=visits[-1].ends_at,
        reason=reason,
        source=ClosingSource.CLOSE_DAY,
        choices=chosen,
    )
    closing = close_time(wish, actor=actor, now=now)
    with reading() as connection:
        mine = select(DayClosingItem.id).where(DayClosingItem.closing_id == closing)
        items = list(connection.scalars(mine.order_by(DayClosingItem.visit_at)))
    for item in items:
        carry_out(item, now=now)
    _send_refunds([row.id for row in visits], pretend, now)
    return closing


def _send_refunds(booking_ids: Sequence[str], pretend: PretendStripe, now: datetime) -> None:
    query = (
        select(Refund.id)
        .join(Payment, Payment.id == Refund.payment_id)
        .where(Payment.booking_id.in_(booking_ids), Refund.status == RefundStatus.REQUESTED)
    )
    with reading() as connection:
        keys = list(connection.scalars(query))
    for key in keys:
        stripe = cast("StripeGateway", pretend)
        submit_refund(key, stripe=stripe, actor=system(Door.WORKER), now=now)


def _dispute(visit: Booked, now: datetime) -> None:
    """A bank looks at one payment, so that its refund must fail."""
    query = select(Payment.id, Payment.amount_minor).where(
        Payment.booking_id == visit.id, Payment.status == "paid", Payment.method == "stripe"
    )
    with reading() as connection:
        row = connection.execute(query).first()
    if row is not None:
        notice = disputed(row.id, row.amount_minor, now)
        apply_dispute(notice, actor=system(Door.WEBHOOK), now=now)


def _open_again(closing: str, actor: Actor, now: datetime) -> None:
    query = select(DayClosing.time_off_id, DayClosing.doctor_id).where(DayClosing.id == closing)
    with reading() as connection:
        row = connection.execute(query).one()
    end_time_off(row.time_off_id, doctor_id=row.doctor_id, actor=actor, now=now)
