"""Who works here, who was invited, who was seen when?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from efoy.domain.errors import NotFound
from efoy.domain.house import PersonFacts, edition
from efoy.domain.money import Money
from efoy.domain.role import Role
from efoy.models.base import reading
from efoy.models.clinic import Clinic, Doctor
from efoy.models.facts import person_facts
from efoy.models.user import LoginSession, OneTimeLink, User

_SEEN = (
    select(func.max(LoginSession.seen_at))
    .where(LoginSession.user_id == User.id)
    .correlate(User)
    .scalar_subquery()
)
_OPEN_UNTIL = (
    select(func.max(OneTimeLink.expires_at))
    .where(
        OneTimeLink.user_id == User.id,
        OneTimeLink.kind == "invitation",
        OneTimeLink.used_at.is_(None),
    )
    .correlate(User)
    .scalar_subquery()
)
_STAFF = (
    select(
        User,
        _SEEN.label("last_seen"),
        _OPEN_UNTIL.label("invited_until"),
        Doctor.slug.label("doctor_slug"),
        Clinic.currency,
    )
    .outerjoin(Doctor, Doctor.user_id == User.id)
    .outerjoin(Clinic, Clinic.id == 1)
    .where(User.role != Role.PATIENT)
)


@dataclass(frozen=True, kw_only=True)
class StaffPerson:
    """Somebody of the staff. ``state`` is joined, invited or disabled.

    ``invited_until``: until when the open invitation works; ``limit``: what they may refund alone,
    None for the clinic's own limit; ``seen`` is the edition of the facts.
    """

    id: str
    name: str
    email: str
    facts: PersonFacts
    seen: str
    state: str
    last_seen: datetime | None
    invited_until: datetime | None
    doctor_slug: str | None
    limit: Money | None

    @property
    def role(self) -> Role:
        """What they may do."""
        return self.facts.role


def staff_list() -> list[StaffPerson]:
    """Everyone of the staff: admins, desk, doctors; those who cannot sign in last."""
    with reading() as connection:
        found = [_person(row) for row in connection.execute(_STAFF.order_by(User.name, User.id))]
    order = [Role.ADMIN, Role.DESK, Role.DOCTOR]
    return sorted(found, key=lambda one: (one.state == "disabled", order.index(one.role)))


def staff_person(user_id: str) -> StaffPerson:
    """One of them. Raises NotFound, also for patients."""
    with reading() as connection:
        row = connection.execute(_STAFF.where(User.id == user_id)).one_or_none()
    if row is None:
        raise NotFound(f"staff {user_id}")
    return _person(row)


def _person(row: Any) -> StaffPerson:
    facts = person_facts(row)
    limit = facts.refund_limit_minor
    return StaffPerson(
        id=row.id,
        name=row.name,
        email=row.email,
        facts=facts,
        seen=edition(facts),
        state=_state(row),
        last_seen=row.last_seen,
        invited_until=row.invited_until,
        doctor_slug=row.doctor_slug,
        limit=None if limit is None else Money(limit, row.currency or "USD"),
    )


def _state(row: Any) -> str:
    if row.disabled_at is not None:
        return "disabled"
    return "invited" if row.verified_at is None else "joined"
