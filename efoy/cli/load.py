"""How is load work prepared: many rows, many signed-in patients, the times that are free?"""

from __future__ import annotations

import json
from itertools import islice
from zoneinfo import ZoneInfo

import click
from flask import current_app
from flask.cli import with_appcontext
from flask.sessions import SecureCookieSessionInterface

from efoy.cli.guard import not_in_production
from efoy.cli.tables import do_not_wait_for_the_disk
from efoy.domain.errors import NotFound
from efoy.queries.clinic import clinic_card
from efoy.queries.slots import free_times
from efoy.services.load import Load, fill, sign_in_patients
from efoy.web.login import TOKEN
from efoy.wiring import outside


@click.command("load-data")
@click.option("--bookings", default=0, help="Bookings to make, half of the next two weeks first.")
@click.option("--payments", default=0, help="How many of them are paid.")
@click.option("--open-checkouts", default=0, help="Bookings beside them that are being paid for.")
@with_appcontext
def load_data_command(bookings: int, payments: int, open_checkouts: int) -> None:
    """Fill the database for load work: patients patient<n>@load.test, fifty doctors."""
    not_in_production()
    if not 0 <= payments <= bookings or open_checkouts < 0:
        raise click.ClickException("Numbers from zero; not more payments than bookings.")
    load = Load(bookings=bookings, payments=payments, open_checkouts=open_checkouts)
    do_not_wait_for_the_disk()
    made = fill(load, now=outside().clock())
    click.echo(f"{made} bookings." if made else "Load data are there already.")


@click.command("load-sessions")
@click.argument("limit", type=click.IntRange(1))
@with_appcontext
def load_sessions_command(limit: int) -> None:
    """Login cookies of LIMIT load patients as JSON lines."""
    not_in_production()
    name = current_app.config["SESSION_COOKIE_NAME"]
    seal = SecureCookieSessionInterface().get_signing_serializer(current_app._get_current_object())  # type: ignore[attr-defined]  # noqa: SLF001  # the app itself
    if seal is None:
        raise click.ClickException("SECRET_KEY is missing.")
    for email, token in sign_in_patients(limit, now=outside().clock()):
        cookie = seal.dumps({"_permanent": True, TOKEN: token})
        click.echo(json.dumps({"email": email, "name": name, "cookie": f"{name}={cookie}"}))


@click.command("slots")
@click.option("--doctor", required=True, metavar="SLUG")
@click.option("--service", required=True, metavar="SLUG")
@click.option("--days", default=14, show_default=True, type=click.IntRange(1, 60))
@click.option("--limit", type=click.IntRange(1), help="At most so many.")
@with_appcontext
def slots_command(doctor: str, service: str, days: int, limit: int | None) -> None:
    """Free times as JSON lines, earliest first."""
    now = outside().clock()
    today = now.astimezone(ZoneInfo(clinic_card().zone)).date()
    try:
        found = free_times(doctor, service, first=today, count=days, now=now)
    except NotFound:
        raise click.ClickException("No such doctor, or no such service there.") from None
    for starts_at in islice((time for day in found for time in day.times), limit):
        line = {"doctor": doctor, "service": service, "starts_at": starts_at.isoformat()}
        click.echo(json.dumps(line))


COMMANDS = (load_data_command, load_sessions_command, slots_command)
