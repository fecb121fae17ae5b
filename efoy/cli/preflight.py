"""Is this installation fit to charge? One line for each fault, with its cure."""

from __future__ import annotations

import smtplib
from collections.abc import Iterator
from datetime import timedelta

import click
from flask import current_app
from flask.cli import with_appcontext

from efoy.domain.errors import EfoyError
from efoy.domain.money import Money
from efoy.queries.fitness import Fitness, fitness
from efoy.settings import Settings
from efoy.wiring import outside, settings

PATIENCE = 10
"""Seconds the mail server may take to answer."""
SKEW = timedelta(minutes=2)
"""Stripe's messages are refused when the clocks differ by more than five minutes."""
QUIET = timedelta(minutes=2)


@click.command("preflight")
@with_appcontext
def preflight_command() -> None:
    """Check keys, mode, webhook, clock, HTTPS, mail, zone, prices, worker; exit 1 on any fault."""
    faults = list(_faults(settings()))
    for fault in faults:
        click.echo(fault)
    if faults:
        raise SystemExit(1)
    click.echo("Fit to charge.")


def _faults(given: Settings) -> Iterator[str]:
    yield from given.faults()
    yield from _mode(given)
    yield from _mail(given)
    yield from _stripe()
    yield from _clinic(fitness())


def _mode(given: Settings) -> Iterator[str]:
    if not given.production:
        yield f"EFOY_ENV is {given.env}: set it to production where real people pay."
    if given.sandbox_mode:
        yield "STRIPE_API_BASE points at a sandbox: remove it to talk to Stripe."
    if not given.live_key:
        yield "STRIPE_SECRET_KEY is a test key: no money moves. Use a live restricted key."
    if not given.base_url.startswith("https://"):
        yield "BASE_URL is not https: put a certificate in front and set BASE_URL."
    if current_app.debug:
        yield "Debug mode is on: start without it."


def _mail(given: Settings) -> Iterator[str]:
    """Speak to the mail server without sending anything."""
    kind = smtplib.SMTP_SSL if given.mail_use_ssl else smtplib.SMTP
    try:
        with kind(given.mail_server, given.mail_port, timeout=PATIENCE) as server:
            if given.mail_use_tls:
                server.starttls()
            if given.mail_username:
                server.login(given.mail_username, given.mail_password)
    except (OSError, smtplib.SMTPException) as error:
        yield (
            f"The mail server {given.mail_server}:{given.mail_port} does not take our mail"
            f" ({type(error).__name__}): check the MAIL_ settings."
        )


def _stripe() -> Iterator[str]:
    """Ask Stripe for its newest events: proves the key, and shows the newest one's time."""
    now = outside().clock()
    try:
        hints = list(outside().stripe.list_events(now - timedelta(hours=1)))
    except EfoyError as error:
        yield f"Stripe does not answer with this key ({error}): check STRIPE_SECRET_KEY."
        return
    if any(hint.created_at > now + SKEW for hint in hints):
        yield "This machine's clock is behind Stripe's: turn time synchronisation on."


def _clinic(found: Fitness) -> Iterator[str]:
    now = outside().clock()
    if found.clinic is None:
        yield "There is no clinic yet: enter its name, address, zone and currency first."
        return
    if found.clinic.currency != settings().stripe_currency:
        yield "The clinic's currency is not STRIPE_CURRENCY: make the two equal."
    if not found.zone_exists:
        yield f"There is no zone {found.clinic.zone}: choose one like Africa/Nairobi."
    for name, minor, currency in found.prices:
        if minor and not Money(minor, currency).chargeable():
            yield f"{name} costs less (or more) than Stripe can charge: change its price."
    if not found.admins:
        yield "Nobody can sign in as admin: run create-admin."
    if found.worker_seen_at is None or now - found.worker_seen_at > QUIET:
        yield "The worker is not running: start it, or nothing is mailed or refunded."


COMMANDS = (preflight_command,)
