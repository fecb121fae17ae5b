"""What comes back when a booked visit is cancelled, and is a quote that was shown still good?

The rules of ``policy`` say which share of what was paid; here it becomes the exact amount for one
visit, what is shown, what is honoured, and which payment gives how much of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from efoy.domain.money import Money
from efoy.domain.policy import Policy, percent_at

HONOURED_FOR = timedelta(minutes=10)
"""So long a shown amount is given, also when a rung passes meanwhile."""
EVERYTHING = 100


class Blocked(StrEnum):
    """Why nothing is given back, whatever the rules say."""

    NOT_PAID = "not_paid"
    DISPUTED = "disputed"


class Outcome(StrEnum):
    """What became of the money of a cancelled booking, as its letter says it."""

    NOT_PAID = "not_paid"
    NOTHING = "nothing"
    DISPUTED = "disputed"
    DECLINED = "declined"
    BY_HAND = "by_hand"
    WAITING = "waiting"
    UNDER_WAY = "under_way"


@dataclass(frozen=True, kw_only=True)
class Kept:
    """One captured payment that pays for the visit; whole numbers are minor units.

    ``back`` went back already, is on its way, or waits for a person. ``by_stripe``: Stripe can send
    it back; else a person hands it over. ``disputed``: the bank is looking at it.
    """

    payment_id: str
    captured: int
    back: int = 0
    by_stripe: bool = True
    disputed: bool = False

    @property
    def left(self) -> int:
        """What may still go back."""
        return max(self.captured - self.back, 0)


@dataclass(frozen=True, kw_only=True)
class Quote:
    """What comes back of what was paid, and how it was worked out.

    ``paid`` less ``back`` (earlier refunds) is ``left``; ``percent`` of that is ``amount``.
    """

    paid: Money
    back: Money
    percent: int
    amount: Money
    blocked: Blocked | None = None

    @property
    def left(self) -> Money:
        """What the share is taken of."""
        return self.paid - self.back

    @property
    def keeps(self) -> Money:
        """What stays with the clinic."""
        return self.left - self.amount


def quote_for_patient(
    policy: Policy, kept: Sequence[Kept], currency: str, *, starts_at: datetime, at: datetime
) -> Quote:
    """The amount for a patient who cancels at ``at``: the rung's share of what is left."""
    return _quote(kept, currency, percent_at(policy, starts_at=starts_at, at=at))


def quote_for_clinic(kept: Sequence[Kept], currency: str) -> Quote:
    """When the clinic cancels, all that is left, whatever the rungs say."""
    return _quote(kept, currency, EVERYTHING)


def _quote(kept: Sequence[Kept], currency: str, percent: int) -> Quote:
    paid = Money(sum(each.captured for each in kept), currency)
    left = Money(sum(each.left for each in kept), currency)
    blocked = _blocked(kept)
    nothing = Money(0, currency)
    amount = left if percent == EVERYTHING else left.share(percent)
    return Quote(
        paid=paid,
        back=paid - left,
        percent=percent,
        amount=nothing if blocked else amount,
        blocked=blocked,
    )


def _blocked(kept: Sequence[Kept]) -> Blocked | None:
    if not any(each.captured for each in kept):
        return Blocked.NOT_PAID
    return Blocked.DISPUTED if any(each.disputed for each in kept) else None


def parts(quote: Quote, kept: Sequence[Kept]) -> list[tuple[Kept, int]]:
    """Which payment gives how many minor units: the first as much as it can, then the next."""
    found: list[tuple[Kept, int]] = []
    missing = quote.amount.minor
    for each in kept:
        minor = min(each.left, missing)
        missing -= minor
        if minor:
            found.append((each, minor))
    return found


@dataclass(frozen=True, kw_only=True)
class Shown:
    """What a page showed, as its form brings it back: for which booking, how much, of what, when.

    ``left`` is what the amount was a share of, in minor units as ``amount``; a visit moved to
    another time is another visit.
    """

    booking_id: str
    starts_at: datetime
    amount: int
    left: int
    at: datetime

    def honoured(self, booking_id: str, starts_at: datetime, then: Quote, *, now: datetime) -> bool:
        """Whether it is given: young enough, and ``then`` (the quote at ``at``) says the same."""
        return (
            self.booking_id == booking_id
            and self.starts_at == starts_at
            and now - self.at <= HONOURED_FOR
            and (self.amount, self.left) == (then.amount.minor, then.left.minor)
        )
