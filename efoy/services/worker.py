"""What is due, and who does it? The engine only carries ids; the rows are the truth."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import or_, select

from efoy.domain.errors import DatabaseBusy, NotFound, ProviderDown, ProviderRefused
from efoy.domain.role import Door, system
from efoy.models.base import Posted, reading, transaction
from efoy.models.payment import Refund
from efoy.models.upkeep import beat, take_turn
from efoy.services import reconcile, rounds
from efoy.services.audit import seal_audit
from efoy.services.clashes import find_outside_hours, follow_clashes
from efoy.services.closing_work import carry_out, due_items
from efoy.services.opening import offer_openings
from efoy.services.receipts import deliver_mail, due_mail
from efoy.services.refund_sending import submit_refund
from efoy.services.stripe_events import apply_event, due_events

if TYPE_CHECKING:
    from efoy.gateways.mailer import Mailer
    from efoy.gateways.stripe_gateway import StripeGateway

MAX_ROUNDS = 200


@dataclass(frozen=True, kw_only=True)
class Tools:
    """What work needs from outside, and this clinic's limits."""

    clock: Callable[[], datetime]
    stripe: StripeGateway
    mailer: Mailer
    auto_refunds_per_hour: int = 20


def work(kind: str, key: str, tools: Tools) -> None:
    """Do one due row; one that cannot be done now stays due, and the sweep finds it again."""
    now = tools.clock()
    try:
        if kind == "mail":
            deliver_mail(key, mailer=tools.mailer, now=now)
        elif kind == "event":
            actor = system(Door.WEBHOOK, key)
            apply_event(key, stripe=tools.stripe, actor=actor, now=now)
        elif kind == "opening":
            offer_openings(actor=system(Door.WORKER), now=now, freed_by=key)
        elif kind == "closing":
            carry_out(key, now=now)
        elif kind == "refund":
            submit_refund(
                key,
                stripe=tools.stripe,
                actor=system(Door.WORKER),
                now=now,
                auto_per_hour=tools.auto_refunds_per_hour,
            )
    except (ProviderDown, ProviderRefused, NotFound, DatabaseBusy):
        return


def due(now: datetime) -> Iterator[Posted]:
    """Every row that waits for the worker: closed times, messages, refunds to send, mails."""
    for item_id in due_items(now):
        yield "closing", item_id
    for event_id in due_events(now):
        yield "event", event_id
    for refund_id in _due_refunds(now):
        yield "refund", refund_id
    for message_id in due_mail(now):
        yield "mail", message_id


def _due_refunds(now: datetime) -> list[str]:
    query = select(Refund.id).where(
        Refund.status.in_(["requested", "submitted"]),
        Refund.refund_ref.is_(None),
        or_(Refund.lease_until.is_(None), Refund.lease_until <= now),
    )
    with reading() as connection:
        return list(connection.scalars(query.order_by(Refund.created_at)))


PERIODS: tuple[tuple[str, timedelta, Callable[[reconcile.Sweep], object]], ...] = (
    ("minute", timedelta(minutes=1), reconcile.each_minute),
    ("patients", timedelta(minutes=1), rounds.each_minute),
    ("reminders", timedelta(minutes=5), rounds.each_five_minutes),
    ("five_minutes", timedelta(minutes=5), reconcile.each_five_minutes),
    ("clashes", timedelta(minutes=1), lambda one: follow_clashes(actor=one.actor, now=one.now)),
    ("hours", timedelta(minutes=5), lambda one: find_outside_hours(actor=one.actor, now=one.now)),
    ("fees", timedelta(minutes=10), reconcile.missing_fees),
    ("event_list", timedelta(minutes=15), reconcile.list_events),
    ("refunds", timedelta(hours=1), reconcile.follow_refunds),
    ("refunds_daily", timedelta(days=1), lambda sweep: reconcile.follow_refunds(sweep, daily=True)),
    ("compare", timedelta(days=1), reconcile.compare),
)
"""Each periodic job with its period: harmless when repeated, one worker at a time."""


def tick(tools: Tools) -> int:
    """Run every periodic job whose period is over; returns how many ran."""
    now, ran = tools.clock(), 0
    sweep = reconcile.Sweep(stripe=tools.stripe, actor=system(Door.SWEEP), now=now)
    with transaction("heartbeat") as session:
        beat(session, "worker", now=now)
    for name, period, job in PERIODS:
        if _turn(f"job:{name}", period, now):
            ran += 1
            _run(job, sweep)
    seal_audit(now=now)
    return ran


def _turn(name: str, period: timedelta, now: datetime) -> bool:
    """Whether this job is due; taking the turn keeps every other worker off it for a period."""
    with transaction("watermark") as session:
        turn = take_turn(session, name, now=now, lease=period)
        if turn is not None:
            turn.reached_at = now
        return turn is not None


def _run(job: Callable[[reconcile.Sweep], object], sweep: reconcile.Sweep) -> None:
    try:
        job(sweep)
    except (ProviderDown, ProviderRefused, DatabaseBusy):
        return


def drain(tools: Tools) -> int:
    """Everything due now, until nothing is: sweeps, messages, refunds, mails. Returns how many."""
    tick(tools)
    done, before = 0, None
    for _ in range(MAX_ROUNDS):
        waiting = list(due(tools.clock()))
        if not waiting or waiting == before:  # what stays due waits for a person or for Stripe
            break
        before = waiting
        for kind, key in waiting:
            work(kind, key, tools)
        done += len(waiting)
    seal_audit(now=tools.clock())
    return done
