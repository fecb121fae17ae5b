"""How does a database get its hundred thousand bookings? Doctors and patients, then in bulk."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, islice
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from efoy.domain.role import Role
from efoy.models import (
    AuditEntry,
    AuditSeal,
    Clinic,
    Doctor,
    DoctorService,
    OpeningHours,
    ReceiptCounter,
    RefundPolicy,
    Service,
    Specialty,
)
from efoy.models.base import transaction
from efoy.services.demo.rows import add_place
from efoy.services.load import times
from efoy.services.load.bulk import insert_many
from efoy.services.load.rows import Writer, receipt_content
from efoy.services.offer import policy_of

SLUG = "load-doctor-"
PAID_VISIT, FREE_VISIT = "load-visit", "load-free-visit"
AT_ONCE = 2000
LEAST_PATIENTS, BOOKINGS_EACH = 200, 20


@dataclass(frozen=True, kw_only=True)
class Load:
    """How much: ``payments`` of the bookings are paid, ``open_checkouts`` come on top."""

    bookings: int
    payments: int = 0
    open_checkouts: int = 0


def fill(load: Load, *, now: datetime) -> int:
    """Fill the database; returns how many bookings were made, none where load is there already.

    Half of the next two weeks first, the rest in the past. One transaction: all of it or nothing.
    """
    with transaction("load") as session:
        known = select(Doctor.id).where(Doctor.slug == f"{SLUG}0")
        if session.scalar(known) is not None:
            return 0
        writer = _writer(session, load, now)
        made = _write(session, writer, load)
        _count_papers(session, writer)
        _go_on_after(session, writer.seq)
        return made


def _write(session: Session, writer: Writer, load: Load) -> int:
    number = 0
    for number, time in enumerate(_times(load, writer), 1):
        writer.done(number, time, paid=number > load.bookings - load.payments)
        if number % AT_ONCE == 0:
            writer.rows.write(session)
    today = writer.now.astimezone(writer.zone).date()
    waiting = islice(times.later(today, writer.zone), load.open_checkouts)
    for number, time in enumerate(waiting, number + 1):  # noqa: B020  # goes on counting
        writer.waiting(number, time)
        if number % AT_ONCE == 0:
            writer.rows.write(session)
    writer.rows.write(session)
    return number


def _times(load: Load, writer: Writer) -> Iterator[times.Time]:
    today = writer.now.astimezone(writer.zone).date()
    ways = chain(times.ahead(today, writer.zone), times.before(today, writer.zone))
    return islice(ways, load.bookings)


# -- who and where ---------------------------------------------------------------------------


def _writer(session: Session, load: Load, now: datetime) -> Writer:
    clinic = session.scalar(select(Clinic))
    if clinic is None:
        add_place(session, now=now)
        clinic = session.scalars(select(Clinic)).one()
    policy = session.scalars(select(RefundPolicy).order_by(RefundPolicy.id)).first()
    if policy is None:
        raise ValueError("the clinic has no refund rules")
    services = _services(session, policy.id)
    seq, position, last = _chain(session)
    writer = Writer(
        zone=ZoneInfo(clinic.zone),
        doctors=_doctors(session, services),
        patients=_patients(session, load, now),
        paid_service=services[0],
        free_service=services[1],
        policy=json.dumps(policy_of(policy).to_json()),
        content=receipt_content(_letterhead(clinic)),
        now=now,
        seq=seq,
        position=position,
        chain=last,
    )
    counters = select(ReceiptCounter).where(ReceiptCounter.kind == "receipt")
    writer.papers.update({row.year: row.last for row in session.scalars(counters)})
    return writer


def _chain(session: Session) -> tuple[int, int, str]:
    """The end of the audit trail; what is not sealed yet stays so, for the sealer."""
    seq = session.scalar(select(func.max(AuditEntry.seq))) or 0
    last = session.scalars(select(AuditSeal).order_by(AuditSeal.position.desc()).limit(1)).first()
    return (seq, last.position, last.hash) if last else (seq, 0, "")


def _letterhead(clinic: Clinic) -> dict[str, Any]:
    return {
        "clinic_name": clinic.name,
        "clinic_address": clinic.address,
        "clinic_phone": clinic.phone,
        "clinic_email": clinic.email,
        "clinic_tax_text": clinic.tax_text,
        "zone": clinic.zone,
        "statement_name": clinic.statement_name,
    }


def _services(session: Session, policy: int) -> tuple[int, int]:
    rows = [
        Service(
            slug=slug,
            name=name,
            minutes=times.MINUTES,
            notice_minutes=0,
            price_minor=price,
            currency="USD",
            policy_id=policy,
            position=100,
        )
        for slug, name, price in (
            (PAID_VISIT, "Load visit", 4500),
            (FREE_VISIT, "Free load visit", 0),
        )
    ]
    session.add_all(rows)
    session.flush()
    return rows[0].id, rows[1].id


def _doctors(session: Session, services: tuple[int, int]) -> list[int]:
    specialty = session.scalars(select(Specialty).order_by(Specialty.id)).first()
    if specialty is None:
        specialty = Specialty(slug="general", name="General practice", short_name="General")
        session.add(specialty)
        session.flush()
    rows = [
        Doctor(slug=f"{SLUG}{n}", name=f"Dr Load {n}", specialty_id=specialty.id)
        for n in range(times.DOCTORS)
    ]
    session.add_all(rows)
    session.flush()
    for row in rows:
        session.add_all(DoctorService(doctor_id=row.id, service_id=each) for each in services)
        session.add_all(
            OpeningHours(
                doctor_id=row.id, weekday=day, from_minute=times.OPENS, to_minute=times.CLOSES
            )
            for day in range(7)
        )
    session.flush()
    return [row.id for row in rows]


def _patients(session: Session, load: Load, now: datetime) -> list[str]:
    """Enough that nobody is in two places at once, or holds more than one time."""
    count = max(LEAST_PATIENTS, load.open_checkouts, load.bookings // BOOKINGS_EACH)
    ids = [f"loadu{n:021d}" for n in range(count)]
    columns = "id email name phone role locale created_at verified_at failed_logins".split()
    insert_many(
        session,
        "users",
        columns,
        (
            (key, f"patient{n}@load.test", f"Patient {n}", "", str(Role.PATIENT), "en", now, now, 0)
            for n, key in enumerate(ids)
        ),
    )
    return ids


# -- counters --------------------------------------------------------------------------------


def _count_papers(session: Session, writer: Writer) -> None:
    for year, last in writer.papers.items():
        row = session.get(ReceiptCounter, ("receipt", year))
        if row is None:
            session.add(ReceiptCounter(kind="receipt", year=year, last=last))
        else:
            row.last = last


def _go_on_after(session: Session, seq: int) -> None:
    """PostgreSQL counts by itself and has to be told where we are."""
    if session.get_bind().dialect.name == "postgresql" and seq:
        sql = "SELECT setval(pg_get_serial_sequence('audit_entries', 'seq'), :seq)"
        session.execute(text(sql), {"seq": seq})
