"""What does the clinic say about itself, where are its clocks, how does it look?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from efoy.domain.colour import readable
from efoy.domain.errors import Conflict, InvalidValue, StaleEdition
from efoy.domain.house import ClinicFacts
from efoy.domain.money import Money, UnusableCurrency, decimals
from efoy.domain.role import Actor
from efoy.models.base import lock, transaction
from efoy.models.clinic import Clinic, DoctorService, Service
from efoy.models.facts import clinic_facts
from efoy.models.payment import Payment
from efoy.models.picture import Picture
from efoy.models.price import ServicePrice
from efoy.services.changes import note, note_change, unchanged_since, write_facts
from efoy.services.fees import move_midnights


class CurrencyLocked(Conflict):
    """There are payments: books in two currencies would not add up."""


def save_clinic(facts: ClinicFacts, *, seen: str, actor: Actor, now: datetime) -> None:
    """Say it anew, from the next page on. Raises StaleEdition, CurrencyLocked, InvalidValue."""
    if facts.colour and not readable(facts.colour):
        raise InvalidValue("colour", "not readable")
    with transaction("save_clinic") as session:
        clinic = lock(session, Clinic, 1)
        before = clinic_facts(session)
        unchanged_since(before, seen)
        if facts.currency != before.currency:
            _change_currency(session, facts.currency)
        write_facts(clinic, facts)
        note_change(session, "clinic", 1, before, facts, actor=actor, now=now)


def move_clocks(zone: str, label: str, *, seen: str, actor: Actor, now: datetime) -> None:
    """The clinic's clocks show another zone. Hours are wall-clock times and stay as they read;

    booked visits stay at their instants, and so read differently. ``seen`` is the zone the form
    showed. Raises InvalidValue, StaleEdition.
    """
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise InvalidValue("zone", "unknown") from error
    with transaction("save_clinic") as session:
        clinic = lock(session, Clinic, 1)
        if clinic.zone != seen:
            raise StaleEdition(seen)
        changed: dict[str, list[object]] = {"zone": [clinic.zone, zone]}
        if clinic.zone_label != label:
            changed["zone_label"] = [clinic.zone_label, label]
        if clinic.zone == zone and len(changed) == 1:
            return
        clinic.zone, clinic.zone_label = zone, label
        move_midnights(session, zone)
        note(session, "clinic", 1, "zone", changed, actor=actor, now=now)


def set_logo(body: bytes, size: tuple[int, int], *, actor: Actor, now: datetime) -> None:
    """Show this picture (a PNG drawn by ourselves) on every page."""
    mark = sha256(body).hexdigest()
    with transaction("save_clinic") as session:
        clinic = lock(session, Clinic, 1)
        if session.get(Picture, mark) is None:
            row = Picture(hash=mark, body=body, width=size[0], height=size[1], created_at=now)
            session.add(row)
            session.flush()
        _show(session, clinic, mark, actor=actor, now=now)


def drop_logo(*, actor: Actor, now: datetime) -> None:
    """Show our own flower again."""
    with transaction("save_clinic") as session:
        _show(session, lock(session, Clinic, 1), None, actor=actor, now=now)


def _show(
    session: Session, clinic: Clinic, mark: str | None, *, actor: Actor, now: datetime
) -> None:
    if clinic.logo_hash != mark:
        changed: dict[str, list[object]] = {"logo": [clinic.logo_hash, mark]}
        clinic.logo_hash = mark
        note(session, "clinic", 1, "logo", changed, actor=actor, now=now)


def _change_currency(session: Session, currency: str) -> None:
    """Every fee is counted in it from now on, its number as it is: each must be chargeable."""
    try:
        decimals(currency)
    except UnusableCurrency as error:
        raise InvalidValue("currency", "unusable") from error
    if session.scalar(select(Payment.id).limit(1)) is not None:
        raise CurrencyLocked(currency)
    if not all(Money(minor, currency).chargeable() for minor in _every_fee(session)):
        raise InvalidValue("currency", "a fee is not chargeable")
    session.execute(update(Service).values(currency=currency))


def _every_fee(session: Session) -> Sequence[int]:
    columns = (Service.price_minor, DoctorService.price_minor, ServicePrice.minor)
    found = [minor for column in columns for minor in session.scalars(select(column))]
    return [minor for minor in found if minor is not None]
