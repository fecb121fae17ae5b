"""Which refunds may one person give alone? Up to a limit: their own, else the clinic's."""

from __future__ import annotations

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from efoy.domain.refund import OVER
from efoy.domain.role import Action, Actor, Role, may
from efoy.models.base import reading
from efoy.models.clinic import Clinic
from efoy.models.payment import Payment, Refund
from efoy.models.user import User


def must_wait(
    session: Session, payment: Payment, minor: int, actor: Actor, *, but: str = ""
) -> bool:
    """Whether a refund of ``minor`` units needs somebody beside ``actor``.

    What they gave of the same payment before counts in, so that halves do not slip under the
    limit; ``but`` is a refund that does not count. Whoever may not refund always waits; nobody
    stands behind the clock and the rules, which have no limit.
    """
    if actor.user_id is None or actor.role not in {Role.DESK, Role.ADMIN}:
        return False
    if not may(Role(actor.role), Action.REFUND):
        return True
    limit = session.scalar(select(_limit_of(actor.user_id)))
    return limit is not None and minor + _given(session, payment, actor.user_id, but) > limit


def limit_of(user_id: str) -> int | None:
    """What this person may give alone, in minor units; None without a limit."""
    with reading() as connection:
        limit: int | None = connection.scalar(select(_limit_of(user_id)))
    return limit


def _limit_of(user_id: str) -> ColumnElement[int | None]:
    own = select(User.refund_limit_minor).where(User.id == user_id).scalar_subquery()
    clinics = select(Clinic.refund_limit_minor).where(Clinic.id == 1).scalar_subquery()
    return func.coalesce(own, clinics)


def _given(session: Session, payment: Payment, user_id: str, but: str) -> int:
    query = select(func.coalesce(func.sum(Refund.amount_minor), 0)).where(
        Refund.payment_id == payment.id,
        Refund.id != but,
        Refund.first_by.is_(None),
        Refund.status.not_in(list(OVER)),
        or_(Refund.decided_by == user_id, Refund.actor_id == user_id),
    )
    return session.scalar(query) or 0
