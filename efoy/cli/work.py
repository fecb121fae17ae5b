"""How is due work done: by a consumer that stays, or at once until nothing is left?"""

from __future__ import annotations

import logging
import socket

import click
from flask.cli import with_appcontext
from huey.consumer import Consumer

from efoy.domain.errors import DatabaseBusy
from efoy.services import worker
from efoy.services.heartbeat import give_sign_of_life
from efoy.tasks import engine, tools
from efoy.wiring import outside

THREADS = 4
FIRST_POLL, LONGEST_POLL, SLOWER = 0.1, 0.5, 1.3
"""Seconds between two looks into an empty queue: a committed mail is taken up within one."""
GRACE = 25
"""Seconds a task may take to end after TERM; longer than any call to Stripe or a mail server."""
MAIL_PATIENCE = 30
BEAT = 15
"""Seconds between two signs of life."""
log = logging.getLogger(__name__)


@click.command("worker")
@click.option("--drain", is_flag=True, help="Do everything that is due until nothing is, then end.")
@click.option("--threads", default=THREADS, show_default=True, help="Tasks at a time.")
@with_appcontext
def worker_command(drain: bool, threads: int) -> None:
    """Do the work outside requests: mails, refunds, Stripe's messages, sweeps."""
    socket.setdefaulttimeout(MAIL_PATIENCE)
    if drain:
        click.echo(f"{worker.drain(tools())} done, nothing is due.")
        return
    consumer(threads).run()
    engine().close()


class LivingConsumer(Consumer):
    """huey's own, which also says that it is alive whenever it looks after its threads."""

    def start(self) -> None:
        """Start the threads, and only when signals are listened to say so."""
        super().start()
        self._beat()
        click.echo("The worker is up.")

    def check_worker_health(self) -> bool:
        """Replace threads that died, and give a sign of life."""
        self._beat()
        return bool(super().check_worker_health())

    def _beat(self) -> None:
        try:
            give_sign_of_life(now=outside().clock())
        except DatabaseBusy:
            log.warning("heartbeat_skipped")


def consumer(threads: int) -> Consumer:
    """TERM lets running tasks end, a second one does not wait."""
    return LivingConsumer(
        engine().huey,
        workers=threads,
        initial_delay=FIRST_POLL,
        backoff=SLOWER,
        max_delay=LONGEST_POLL,
        health_check_interval=BEAT,
        shutdown_timeout=GRACE,
        graceful_signal="TERM",
    )


COMMANDS = (worker_command,)
