"""How is a doubt about Stripe settled by hand: look at everything, or apply old messages again?"""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, datetime

import click
from flask.cli import AppGroup, with_appcontext

from efoy.domain.errors import EfoyError
from efoy.domain.role import Door, system
from efoy.failpoints import NAMES
from efoy.queries.stored_events import stored_events
from efoy.services import reconcile, worker
from efoy.services.stripe_events import replay_event
from efoy.tasks import tools
from efoy.wiring import outside


@click.command("reconcile")
@click.option("--since", metavar="ISO", help="Look back to this instant instead of three days.")
@with_appcontext
def reconcile_command(since: str | None) -> None:
    """Compare with Stripe, both ways, and repair: one line for each sweep."""
    start, failed = _instant(since), False
    sweep = reconcile.Sweep(
        stripe=outside().worker_stripe, actor=system(Door.CLI), now=outside().clock()
    )
    for name, job in _sweeps(sweep, start):
        try:
            click.echo(f"{name}: {job()}")
        except EfoyError as error:
            failed = True
            click.echo(f"{name}: not done, {type(error).__name__} {error}", err=True)
    done = worker.drain(tools())
    click.echo(f"due work: {done}")
    raise SystemExit(1 if failed else 0)


def _sweeps(sweep: reconcile.Sweep, since: datetime | None) -> list[tuple[str, Callable[[], int]]]:
    return [
        ("holds and checkouts cut short", lambda: reconcile.each_minute(sweep)),
        ("open checkouts looked at", lambda: reconcile.look_at_open(sweep, since=since)),
        ("events fetched", lambda: reconcile.list_events(sweep, since=since)),
        ("refunds followed", lambda: reconcile.follow_refunds(sweep, daily=True)),
        ("charges settled", lambda: reconcile.compare(sweep, since=since)),
        ("fees completed", lambda: reconcile.missing_fees(sweep)),
    ]


def _instant(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise click.BadParameter("use an instant like 2026-11-20T09:00:00+00:00") from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


@click.command("failpoints")
def failpoints_command() -> None:
    """The names a test may arm by EFOY_FAILPOINTS, one a line."""
    click.echo("\n".join(NAMES))


events = AppGroup("events", help="The messages Stripe sent.")


@events.command("replay")
@click.option("--booking", metavar="REF", help="Only those of one booking.")
@click.option("--seed", type=int, help="The order to apply them in; by chance when left out.")
@with_appcontext
def replay(booking: str | None, seed: int | None) -> None:
    """Apply stored messages again, in any order. Nothing may change by it."""
    keys = stored_events(booking)
    if booking is not None and not keys:
        raise click.ClickException(f"No stored message belongs to a booking {booking}.")
    random.Random(seed).shuffle(keys)  # noqa: S311  # any order will do
    lies, again = outside(), 0
    for key in keys:
        actor = system(Door.CLI, key)
        again += replay_event(key, stripe=lies.worker_stripe, actor=actor, now=lies.clock())
    click.echo(f"{len(keys)} messages, {again} applied again.")


COMMANDS = (reconcile_command, failpoints_command, events)
