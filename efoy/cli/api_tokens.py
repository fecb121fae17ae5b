"""How does an operator let a program in, and out again?"""

from __future__ import annotations

from datetime import timedelta

import click
from flask.cli import with_appcontext

from efoy.domain.errors import InvalidValue, NotFound
from efoy.domain.role import Door, system
from efoy.domain.scope import Scope
from efoy.services import api_tokens
from efoy.wiring import outside


@click.command("create-api-token")
@click.argument("email")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    required=True,
    type=click.Choice([str(scope) for scope in Scope]),
    help="What the program may do; give it once for each.",
)
@click.option("--days", default=90, show_default=True, help="How long the token works.")
@with_appcontext
def create_api_token_command(email: str, scopes: tuple[str, ...], days: int) -> None:
    """Let a program use the JSON API as EMAIL. The token is shown once and stored nowhere."""
    try:
        issued = api_tokens.issue_token(
            email,
            frozenset(Scope(word) for word in scopes),
            lasts=timedelta(days=min(max(days, 0), 1000)),
            actor=system(Door.CLI),
            now=outside().clock(),
        )
    except InvalidValue as error:
        raise click.ClickException(f"{error.field}: {error.problem}.") from None
    until = issued.expires_at.date().isoformat()
    click.echo(f"Token {issued.id}, works until {until}. Keep it now; it is not shown again:")
    click.echo(issued.token)


@click.command("revoke-api-token")
@click.argument("token_id", metavar="ID")
@with_appcontext
def revoke_api_token_command(token_id: str) -> None:
    """Take the token back: it opens nothing from now on."""
    try:
        api_tokens.revoke_token(token_id, actor=system(Door.CLI), now=outside().clock())
    except NotFound:
        raise click.ClickException("There is no such token.") from None
    click.echo("The token is revoked.")


COMMANDS = (create_api_token_command, revoke_api_token_command)
