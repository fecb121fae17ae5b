"""How does an installation begin: with a demo clinic, or with its first admin?"""

from __future__ import annotations

import json
from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy.engine import make_url

from efoy.cli.guard import not_in_production
from efoy.cli.tables import do_not_wait_for_the_disk, empty_tables
from efoy.domain.errors import InvalidValue
from efoy.services import accounts
from efoy.services.demo import DEMO_LOGINS, DEMO_PASSWORD, AnotherClinic, seed_demo
from efoy.services.load import Load, fill
from efoy.wiring import outside, seal, settings

LOGINS_FILE = "demo-logins.json"


@click.command("seed-demo")
@click.option("--reset", is_flag=True, help="Throw away everything in the database first.")
@click.option("--bookings", default=0, metavar="N", help="Add N past and future bookings for load.")
@click.option("--print-logins", is_flag=True, help="Print the logins as JSON lines, nothing else.")
@with_appcontext
def seed_demo_command(reset: bool, bookings: int, print_logins: bool) -> None:
    """Load the demo clinic: six doctors, bookings in every state, one login for each role."""
    not_in_production()
    if reset:
        empty_tables()
    do_not_wait_for_the_disk()
    now = outside().clock()
    try:
        fresh = seed_demo(stripe=outside().stripe, now=now)
    except AnotherClinic:
        raise click.ClickException(
            "This database holds another clinic, or a demo cut short. --reset throws it away."
        ) from None
    if bookings:
        fill(Load(bookings=bookings), now=now)
    _tell(fresh, as_json=print_logins)


def _tell(fresh: bool, *, as_json: bool) -> None:
    logins = [
        {"role": str(each.role), "email": each.email, "password": DEMO_PASSWORD, "name": each.name}
        for each in DEMO_LOGINS
    ]
    if settings().env == "demo":
        _logins_file().write_text(json.dumps(logins, indent=2, ensure_ascii=False))
    if as_json:
        for login in logins:
            click.echo(json.dumps(login, ensure_ascii=False))
        return
    click.echo("The demo clinic is loaded." if fresh else "The demo clinic is there already.")
    for login in logins:
        click.echo(f"  {login['role']:<9}{login['email']:<24}{login['password']}")


def _logins_file() -> Path:
    """Beside the database file, where the demo looks; else in the instance folder."""
    url = make_url(settings().database_url)
    folder = Path(current_app.instance_path)
    if url.get_backend_name() == "sqlite" and url.database:
        folder = (folder / url.database).parent
    folder.mkdir(parents=True, exist_ok=True)
    return folder / LOGINS_FILE


@click.command("create-admin")
@click.argument("email")
@with_appcontext
def create_admin_command(email: str) -> None:
    """Make EMAIL an admin and print a link, good once, to choose a password."""
    try:
        link_id = accounts.create_admin(email, now=outside().clock())
    except InvalidValue as error:
        raise click.ClickException(f"{email}: {error.problem}.") from None
    click.echo("Open this link within three days to choose a password; it works once:")
    click.echo(f"{settings().base_url}/reset/{seal().sign(accounts.RESET, link_id)}")


COMMANDS = (seed_demo_command, create_admin_command)
