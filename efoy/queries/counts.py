"""How much waits for the staff?"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select

from efoy.domain.refund import RefundStatus
from efoy.models.base import reading
from efoy.models.payment import Refund
from efoy.models.upkeep import Alert
from efoy.queries.admin.needs import cause_stands


@dataclass(frozen=True, kw_only=True)
class StaffCounts:
    """The numbers beside the menu: what needs a person, and refunds to approve."""

    needs_you: int
    refunds: int


def staff_counts() -> StaffCounts:
    """The numbers as they are now."""
    alerts = select(func.count()).select_from(Alert).where(cause_stands())
    to_approve = Refund.status == RefundStatus.PROPOSED
    refunds = select(func.count()).select_from(Refund).where(to_approve)
    with reading() as connection:
        return StaffCounts(
            needs_you=connection.scalar(alerts) or 0, refunds=connection.scalar(refunds) or 0
        )
