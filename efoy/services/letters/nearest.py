"""Which free times are nearest to one that is gone? The same doctor, the same service."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from efoy.domain import slot as slots
from efoy.models.booking import Booking, SlotClaim
from efoy.models.clinic import Doctor, DoctorService, Service
from efoy.services.offer import away, extra, openings

AROUND = timedelta(days=7)
HOW_MANY = 3


def nearest_times(session: Session, booking: Booking, now: datetime) -> Sequence[datetime]:
    """At most three free times within a week of the booking's own, nearest first by the clock.

    Empty where the doctor no longer offers the service.
    """
    if not _offered(session, booking):
        return ()
    zone = ZoneInfo(booking.zone)
    service = session.get_one(Service, booking.service_id)
    visit = slots.Visit(
        minutes=service.minutes,
        buffer_minutes=service.buffer_minutes,
        notice_minutes=service.notice_minutes,
        horizon_days=service.horizon_days,
        service=service.id,
    )
    wanted = max(booking.starts_at, now)
    first = max(wanted - AROUND, now).astimezone(zone).date()
    last = min((wanted + AROUND).astimezone(zone).date(), slots.horizon_end(visit, zone, now))
    free = [
        slot.starts_at
        for day in slots.days(first, (last - first).days + 1)
        for slot in slots.day_slots(
            slots.windows(
                openings(session, booking.doctor_id),
                extra(session, booking.doctor_id),
                day,
                zone,
                service.id,
            ),
            visit,
            zone=zone,
            taken=_taken(session, booking.doctor_id, wanted),
            away=away(session, booking.doctor_id),
            now=now,
        )
        if slot.starts_at != booking.starts_at
    ]
    return sorted(sorted(free, key=lambda at: abs(at - wanted))[:HOW_MANY])


def _offered(session: Session, booking: Booking) -> bool:
    query = (
        select(DoctorService.doctor_id)
        .join(Doctor, Doctor.id == DoctorService.doctor_id)
        .join(Service, Service.id == DoctorService.service_id)
        .where(
            DoctorService.doctor_id == booking.doctor_id,
            DoctorService.service_id == booking.service_id,
            Doctor.active,
            Service.active,
        )
    )
    return session.scalar(query) is not None


def _taken(session: Session, doctor_id: int, wanted: datetime) -> frozenset[int]:
    margin = AROUND + timedelta(days=1)
    query = select(SlotClaim.cell_at).where(
        SlotClaim.doctor_id == doctor_id,
        SlotClaim.cell_at >= slots.cell_of(wanted - margin),
        SlotClaim.cell_at < slots.cell_of(wanted + margin),
    )
    return frozenset(session.scalars(query))
