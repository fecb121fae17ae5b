"""Which patient does the desk mean? By name, address, telephone or booking, a page at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from efoy.domain.address import has_mail
from efoy.domain.errors import NotFound
from efoy.domain.reference import is_reference
from efoy.domain.role import Role
from efoy.models.base import reading
from efoy.models.booking import Booking
from efoy.models.user import User

PAGE = 10
LEAST = 2
"""Fewer letters would list half the clinic."""


@dataclass(frozen=True, kw_only=True)
class Person:
    """A patient, as far as the desk needs to tell them from another of the same name."""

    id: str
    name: str
    email: str
    phone: str
    locale: str
    last_visit: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Found:
    """One page of the patients that match; ``more`` while there are further ones."""

    people: Sequence[Person]
    page: int
    more: bool


def find_people(query: str, *, page: int = 1) -> Found:
    """The patients who match every word, by name; nothing for less than two letters."""
    words = query.split()
    if len(query.strip()) < LEAST:
        return Found(people=(), page=1, more=False)
    chosen = _columns().where(_PATIENT, *(_matches(word) for word in words))
    chosen = chosen.order_by(func.lower(User.name), User.id)
    with reading() as connection:
        rows = connection.execute(chosen.offset((page - 1) * PAGE).limit(PAGE + 1)).all()
    return Found(people=[_person(row) for row in rows[:PAGE]], page=page, more=len(rows) > PAGE)


def one_person(user_id: str) -> Person:
    """The patient of that id; raises NotFound for everybody else."""
    with reading() as connection:
        row = connection.execute(_columns().where(_PATIENT, User.id == user_id)).first()
    if row is None:
        raise NotFound("patient")
    return _person(row)


_PATIENT = and_(User.role == Role.PATIENT, User.disabled_at.is_(None))


def _columns() -> Select[*tuple[Any, ...]]:
    last = (
        select(func.max(Booking.starts_at))
        .where(Booking.patient_id == User.id, Booking.confirmed_at.is_not(None))
        .correlate(User)
        .scalar_subquery()
    )
    return select(User.id, User.name, User.email, User.phone, User.locale, last.label("last"))


def _matches(word: str) -> ColumnElement[bool]:
    """The word is part of the name, address or number, or the reference of a booking."""
    ways = [
        User.name.icontains(word, autoescape=True),
        User.email.icontains(word, autoescape=True),
    ]
    digits = "".join(letter for letter in word if letter.isdigit())
    if len(digits) >= LEAST:
        plain = func.replace(func.replace(func.replace(User.phone, " ", ""), "-", ""), ".", "")
        ways.append(plain.contains(digits))
    ref = word.upper()
    if is_reference(ref):
        ways.append(User.id.in_(select(Booking.patient_id).where(Booking.ref == ref)))
    return or_(*ways)


def _person(row: Any) -> Person:
    return Person(
        id=row.id,
        name=row.name,
        email=row.email if has_mail(row.email) else "",
        phone=row.phone,
        locale=row.locale,
        last_visit=row.last,
    )
