"""How much goes back, given when the patient cancels? Rungs are data; one definition serves all.

A rung reads "until ``minutes_before`` minutes before the visit, ``percent`` of the price". After
the last rung nothing comes back; when the clinic cancels, everything always does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from efoy.domain.money import Money


class ApprovalMode(StrEnum):
    """Whether what the rules give goes back by itself, or after a person of the clinic agreed."""

    APPROVAL = "approval"
    AUTOMATIC = "automatic"


@dataclass(frozen=True, kw_only=True)
class Rung:
    """Until ``minutes_before`` minutes before the visit, ``percent`` of the price comes back."""

    minutes_before: int
    percent: int


@dataclass(frozen=True, kw_only=True)
class Policy:
    """Rungs from the earliest deadline to the latest, as copied onto a booking when it is held."""

    id: int
    version: int
    name: str
    rungs: tuple[Rung, ...]
    approval_mode: ApprovalMode = ApprovalMode.APPROVAL

    def __post_init__(self) -> None:
        minutes = [rung.minutes_before for rung in self.rungs]
        shares = [rung.percent for rung in self.rungs]
        if minutes != sorted(set(minutes), reverse=True) or shares != sorted(shares, reverse=True):
            raise ValueError("rungs run from early to late and never pay back more later")
        if any(minute < 0 for minute in minutes) or any(not 0 <= s <= 100 for s in shares):
            raise ValueError("a rung has minutes of zero or more and a share of 0 to 100")

    def to_json(self) -> dict[str, Any]:
        """The snapshot stored on a booking."""
        rungs = [[rung.minutes_before, rung.percent] for rung in self.rungs]
        return {
            "id": self.id,
            "version": self.version,
            "name": self.name,
            "rungs": rungs,
            "approval_mode": str(self.approval_mode),
        }

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> Policy:
        """The policy of a stored snapshot; an old one says nothing of approval and means it."""
        return Policy(
            id=data["id"],
            version=data["version"],
            name=data["name"],
            rungs=tuple(Rung(minutes_before=m, percent=p) for m, p in data["rungs"]),
            approval_mode=ApprovalMode(data.get("approval_mode", ApprovalMode.APPROVAL)),
        )


@dataclass(frozen=True, kw_only=True)
class Step:
    """One rung for one visit: until this instant, this amount. ``until`` is None for the rest."""

    until: datetime | None
    amount: Money
    percent: int
    passed: bool
    here: bool


def deadline(rung: Rung, starts_at: datetime) -> datetime:
    """The last instant of a rung. Hours are elapsed hours: a clock change in between moves what
    the clock shows, never how long somebody has."""
    return starts_at.astimezone(UTC) - timedelta(minutes=rung.minutes_before)


def rung_at(policy: Policy, *, starts_at: datetime, at: datetime) -> Rung | None:
    """The rung one stands on at ``at`` (deadlines are inclusive); None after the last."""
    for rung in policy.rungs:
        if at <= deadline(rung, starts_at):
            return rung
    return None


def percent_at(policy: Policy, *, starts_at: datetime, at: datetime) -> int:
    """The share that comes back when cancelling at ``at``."""
    rung = rung_at(policy, starts_at=starts_at, at=at)
    return rung.percent if rung else 0


def quote(policy: Policy, price: Money, *, starts_at: datetime, at: datetime) -> Money:
    """What comes back when the patient cancels at ``at``: to the smallest unit."""
    return price.share(percent_at(policy, starts_at=starts_at, at=at))


def ladder(policy: Policy, price: Money, *, starts_at: datetime, now: datetime) -> Sequence[Step]:
    """The policy as dated amounts for this very visit, the present rung marked."""
    deadlines: list[tuple[datetime | None, int]] = [
        (deadline(rung, starts_at), rung.percent) for rung in policy.rungs
    ]
    if not deadlines or deadlines[-1][1] > 0:
        deadlines.append((None, 0))
    steps: list[Step] = []
    found = False
    for until, percent in deadlines:
        passed = until is not None and now > until
        here = not passed and not found
        found = found or here
        amount = price.share(percent)
        steps.append(Step(until=until, amount=amount, percent=percent, passed=passed, here=here))
    return steps
