"""What does Stripe's list say of many checkouts at once? A hundred a call, a few in each commit."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select
from sqlalchemy.exc import IntegrityError

from efoy.domain.errors import EfoyError, ProviderDown
from efoy.domain.notice import CheckoutNotice, CheckoutState, Funds
from efoy.domain.role import Actor
from efoy.models.base import reading
from efoy.models.payment import Payment
from efoy.services.settlement import apply_checkout, apply_checkouts

if TYPE_CHECKING:
    from efoy.gateways.stripe_gateway import StripeGateway

WINDOWS, FEW, TOGETHER = 4, 100, 25
"""Into how many windows a long list is parted, up to how many rows one list will do, and how many
checkouts are settled in one commit: others write in between."""


@dataclass(frozen=True, kw_only=True)
class Sweep:
    """What every sweep needs: Stripe, who is acting, and the caller's present."""

    stripe: StripeGateway
    actor: Actor
    now: datetime


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """What we know of a checkout that Stripe is asked about."""

    id: str
    created_at: datetime
    checkout_ref: str
    amount_minor: int
    currency: str
    live: bool

    def learns_from(self, notice: CheckoutNotice) -> bool:
        """Whether the notice says more than "still open, not paid", or differs from our row."""
        still_open = notice.state is CheckoutState.OPEN and notice.funds is Funds.UNPAID
        theirs = (notice.ref, notice.amount, notice.currency, notice.live)
        ours = (self.checkout_ref, self.amount_minor, self.currency, self.live)
        return not still_open or notice.decline_code is not None or ours != theirs


WAITING = (
    Payment.id,
    Payment.created_at,
    Payment.checkout_ref,
    Payment.amount_minor,
    Payment.currency,
    Payment.live,
)
"""The columns that make a :class:`Waiting`."""


def read_waiting(query: Select[*tuple[Any, ...]]) -> dict[str, Waiting]:
    """The payments of a query of ``WAITING``, by their ids."""
    with reading() as connection:
        rows = connection.execute(query).mappings()
        return {row["id"]: Waiting(**dict(row)) for row in rows}


def compare_with_list(waiting: dict[str, Waiting], sweep: Sweep, *, patient: bool) -> int:
    """Act on what Stripe's list says of them and take them out of ``waiting``; returns how many.

    ``patient``: a list that breaks off is no fault here, what it did not reach stays waiting.
    """
    done, telling = 0, list[CheckoutNotice]()
    try:
        for notice in _listed([each.created_at for each in waiting.values()], sweep):
            ours = waiting.pop(notice.reference or "", None)
            done += ours is not None
            if ours is not None and ours.learns_from(notice):
                telling.append(notice)
            if len(telling) == TOGETHER:
                _apply_all(telling, sweep)
                telling = []
    except ProviderDown:
        if not patient:
            raise
    finally:
        _apply_all(telling, sweep)
    return done


def _apply_all(notices: list[CheckoutNotice], sweep: Sweep) -> None:
    """A few in one commit; where that fails, one by one, so that one keeps nobody else waiting."""
    if not notices:
        return
    try:
        apply_checkouts(notices, actor=sweep.actor, now=sweep.now)
    except (IntegrityError, EfoyError):
        for notice in notices:
            apply_checkout(notice.reference or "", notice, actor=sweep.actor, now=sweep.now)


def _listed(created: list[datetime], sweep: Sweep) -> Iterator[CheckoutNotice]:
    """Stripe's checkouts of those times; several windows at once where they fill many pages."""
    windows = _windows(sorted(created), sweep.now)
    if len(windows) == 1:
        yield from sweep.stripe.list_checkouts(*windows[0])
        return
    with ThreadPoolExecutor(max_workers=len(windows)) as pool:
        pages = [pool.submit(_all_of, sweep.stripe, window) for window in windows]
        for each in pages:
            yield from each.result()


def _all_of(stripe: StripeGateway, window: tuple[datetime, datetime]) -> list[CheckoutNotice]:
    return list(stripe.list_checkouts(*window))


def _windows(created: list[datetime], now: datetime) -> list[tuple[datetime, datetime]]:
    """From a little before the first to the end, in parts that hold about as many each."""
    first, last = created[0] - timedelta(minutes=5), now + timedelta(days=1)
    if len(created) <= FEW:
        return [(first, last)]
    cuts = [created[len(created) * part // WINDOWS] for part in range(1, WINDOWS)]
    return list(pairwise([first, *cuts, last]))
