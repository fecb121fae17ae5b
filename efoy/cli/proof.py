"""What can this installation prove: its invariants, its whole state?"""

from __future__ import annotations

from urllib.parse import urlsplit

import click
from flask.cli import with_appcontext

from efoy.domain.errors import EfoyError
from efoy.queries.export import export_state
from efoy.queries.invariants import LAWS, check
from efoy.queries.invariants.beside_stripe import check_beside_stripe
from efoy.wiring import outside, settings


@click.command("check")
@click.option("--stripe", "with_stripe", is_flag=True, help="Compare with Stripe's lists as well.")
@click.option("--at-rest", is_flag=True, help="Nothing may be on its way: every timer has run out.")
@click.option("--whole-chain", is_flag=True, help="Verify every link of the audit trail.")
@with_appcontext
def check_command(with_stripe: bool, at_rest: bool, whole_chain: bool) -> None:
    """Prove the invariants; one line for each violation, exit 1 on any. Repairs nothing."""
    now = outside().clock()
    found = check(now=now, at_rest=at_rest, whole_chain=whole_chain)
    if with_stripe:
        try:
            found += check_beside_stripe(outside().worker_stripe, now=now)
        except EfoyError as error:
            raise click.ClickException(f"Stripe could not be asked: {error}.") from None
    for violation in found:
        click.echo(str(violation))
    if found:
        raise SystemExit(1)
    click.echo(f"{len(LAWS)} laws hold.", err=True)


@click.command("export-state")
@with_appcontext
def export_state_command() -> None:
    """The whole state as one JSON object: no secrets, no people, in a stable order."""
    host = urlsplit(settings().base_url).hostname or "localhost"
    for piece in export_state(now=outside().clock(), mail_host=host):
        click.echo(piece, nl=False)


COMMANDS = (check_command, export_state_command)
