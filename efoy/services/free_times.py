"""Which times of a doctor are free from now on, as far as anybody may book?"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select

from efoy.domain import slot as slots
from efoy.models.booking import SlotClaim
from efoy.services.offer import Offer, Reader, away, extra, openings


def free_times(reader: Reader, offer: Offer, days: Iterable[date], now: datetime) -> list[datetime]:
    """Every free time of these days, earliest first; four reads however many days there are."""
    zone = ZoneInfo(offer.zone)
    last = slots.horizon_end(offer.visit, zone, now)
    weekly, there = openings(reader, offer.doctor_id), extra(reader, offer.doctor_id)
    gone, taken = away(reader, offer.doctor_id), _taken(reader, offer.doctor_id, now)
    return [
        slot.starts_at
        for day in days
        if day <= last
        for slot in slots.day_slots(
            slots.windows(weekly, there, day, zone, offer.service_id),
            offer.visit,
            zone=zone,
            taken=taken,
            away=gone,
            now=now,
        )
    ]


def _taken(reader: Reader, doctor_id: int, now: datetime) -> frozenset[int]:
    query = select(SlotClaim.cell_at).where(
        SlotClaim.doctor_id == doctor_id, SlotClaim.cell_at >= slots.cell_of(now)
    )
    return frozenset(row[0] for row in reader.execute(query))


def bookable_days(offer: Offer, now: datetime) -> list[date]:
    """Today and every later day that may be booked."""
    zone = ZoneInfo(offer.zone)
    today = now.astimezone(zone).date()
    return slots.days(today, (slots.horizon_end(offer.visit, zone, now) - today).days + 1)
