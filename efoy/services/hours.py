"""How are a doctor's hours changed, so that no booked visit is lost from sight?

Whoever changes hours locks the doctor's row. A hold taken meanwhile waits for it (its claim refers
to the doctor) and looks at the new hours; one taken before is among the visits that are listed.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from efoy.domain.errors import InvalidValue, NotFound, StaleEdition
from efoy.domain.hours import (
    MOST_STRETCHES,
    HoursClash,
    There,
    fault,
    left_outside,
    overlapping,
)
from efoy.domain.role import Actor
from efoy.domain.slot import Opening
from efoy.models.audit import record
from efoy.models.base import lock, transaction
from efoy.models.clinic import Clinic, Doctor, DoctorService, ExtraHours, OpeningHours
from efoy.models.hours import booked_visits, services_text
from efoy.services.closing_items import keep_visits
from efoy.services.offer import extra, openings

MOST_EXTRA = 100


def set_hours(
    doctor_id: int,
    wanted: Sequence[Opening],
    *,
    version: int,
    keep: frozenset[str] = frozenset(),
    actor: Actor,
    now: datetime,
) -> None:
    """Replace the weekly hours. ``version`` is the doctor's as the editor saw it.

    Visits that would lie outside stay booked either way, but only with ``keep`` (their booking
    ids) naming each of them. Raises HoursClash with those it does not name, StaleEdition where
    somebody else changed the hours meanwhile, InvalidValue for hours that cannot be.
    """
    _sound(wanted)
    with transaction("set_hours") as session:
        doctor = lock(session, Doctor, doctor_id)
        if set(openings(session, doctor_id)) == set(wanted):
            return  # also the second press of the same form
        if doctor.hours_version != version:
            raise StaleEdition(f"doctor {doctor_id}")
        _offered_by(session, doctor_id, wanted)
        before = _there(session, doctor)
        session.execute(delete(OpeningHours).where(OpeningHours.doctor_id == doctor_id))
        session.add_all(_row(doctor_id, one) for one in wanted)
        kept = _kept(session, doctor, before, keep, now)
        facts = {"hours": [_fact(one) for one in wanted], "kept": kept}
        _note(session, doctor, "set_hours", facts, actor=actor, now=now)
    keep_visits(kept, actor=actor, now=now)


def add_extra_hours(
    doctor_id: int,
    spans: Sequence[tuple[datetime, datetime]],
    *,
    place: str = "",
    services: frozenset[int] = frozenset(),
    actor: Actor,
    now: datetime,
) -> None:
    """Be there besides the weekly hours. The same hours a second time change nothing.

    Raises InvalidValue for hours that run backward, are over, or are too many.
    """
    if not spans or any(start >= end for start, end in spans):
        raise InvalidValue("to", "hours run forward")
    if spans[0][0] <= now:
        raise InvalidValue("on", "hours that are over")
    with transaction("extra_hours") as session:
        doctor = lock(session, Doctor, doctor_id)
        known = {(span.starts_at, span.ends_at) for span in extra(session, doctor_id)}
        fresh = [pair for pair in spans if pair not in known]
        if len(known) + len(fresh) > MOST_EXTRA:
            raise InvalidValue("on", "too many extra hours")
        if not fresh:
            return
        for starts_at, ends_at in fresh:
            row = ExtraHours(doctor_id=doctor_id, starts_at=starts_at, ends_at=ends_at)
            row.place, row.service_ids = place, services_text(services)
            session.add(row)
        doctor.hours_version += 1
        facts = {"extra": [[a.isoformat(), b.isoformat()] for a, b in fresh]}
        _note(session, doctor, "add_extra_hours", facts, actor=actor, now=now)


def drop_extra_hours(
    doctor_id: int,
    extra_id: int,
    *,
    keep: frozenset[str] = frozenset(),
    actor: Actor,
    now: datetime,
) -> None:
    """Take extra hours away; visits booked in them as in ``set_hours``. Raises NotFound."""
    with transaction("extra_hours") as session:
        doctor = lock(session, Doctor, doctor_id)
        row = session.get(ExtraHours, extra_id)
        if row is None or row.doctor_id != doctor_id:
            raise NotFound(f"extra hours {extra_id}")
        gone, before = [row.starts_at.isoformat(), row.ends_at.isoformat()], _there(session, doctor)
        session.delete(row)
        kept = _kept(session, doctor, before, keep, now)
        facts = {"extra": [gone], "kept": kept}
        _note(session, doctor, "drop_extra_hours", facts, actor=actor, now=now)
    keep_visits(kept, actor=actor, now=now)


def _sound(wanted: Sequence[Opening]) -> None:
    if len(wanted) > MOST_STRETCHES:
        raise InvalidValue("hours", "too many")
    for one in wanted:
        word = fault(one)
        if word:
            raise InvalidValue("hours", word)
    if overlapping(wanted):
        raise InvalidValue("hours", "overlapping")


def _offered_by(session: Session, doctor_id: int, wanted: Sequence[Opening]) -> None:
    """Hours may be kept for services that this doctor offers, for no others."""
    asked = frozenset[int]().union(*(one.services for one in wanted))
    query = select(DoctorService.service_id).where(DoctorService.doctor_id == doctor_id)
    if asked - set(session.scalars(query)):
        raise InvalidValue("services", "not offered by this doctor")


def _there(session: Session, doctor: Doctor) -> There:
    session.flush()
    clinic = session.get_one(Clinic, 1)
    return There(
        openings=openings(session, doctor.id),
        extra=extra(session, doctor.id),
        zone=ZoneInfo(clinic.zone),
        place=doctor.place,
    )


def _kept(
    session: Session, doctor: Doctor, before: There, keep: frozenset[str], now: datetime
) -> list[str]:
    """The bookings that stay although they lie outside from now on; each must be named."""
    after = _there(session, doctor)
    left = left_outside(booked_visits(session, doctor.id, now), before, after)
    if not {visit.id for visit in left} <= keep:
        raise HoursClash(left)
    doctor.hours_version += 1
    return [visit.id for visit in left]


def _row(doctor_id: int, one: Opening) -> OpeningHours:
    return OpeningHours(
        doctor_id=doctor_id,
        weekday=one.weekday,
        from_minute=one.from_minute,
        to_minute=one.to_minute,
        break_from=one.break_from,
        break_to=one.break_to,
        valid_from=one.valid_from,
        valid_to=one.valid_to,
        place=one.place,
        service_ids=services_text(one.services),
    )


def _fact(one: Opening) -> list[Any]:
    """One stretch, as short as the audit trail can keep it."""
    dates = [day.isoformat() if day else None for day in (one.valid_from, one.valid_to)]
    times = [one.weekday, one.from_minute, one.to_minute, one.break_from, one.break_to]
    return [*times, *dates, one.place, sorted(one.services)]


def _note(
    session: Session,
    doctor: Doctor,
    event: str,
    facts: dict[str, Any],
    *,
    actor: Actor,
    now: datetime,
) -> None:
    record(
        session,
        "doctor",
        str(doctor.id),
        event,
        before=None,
        after=None,
        actor=actor,
        now=now,
        facts=facts | {"version": doctor.hours_version},
    )
