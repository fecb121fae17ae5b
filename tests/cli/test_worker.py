"""Does the worker, as a process, send soon, end well, and lose nothing when it is killed?"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

from efoy.models import Heartbeat, OutboxMessage
from tests.services.test_engine import with_queue

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 30
pytestmark = pytest.mark.slow


@pytest.fixture
def world(story, tmp_path):
    """The environment of other processes: same database, queue, mail server and time."""
    offset = tmp_path / "clock"
    offset.write_text(str(story.clock().timestamp() - time.time()))
    settings = story.app.extensions["efoy_settings"]
    return os.environ | {
        "EFOY_ENV": "development",
        "SECRET_KEY": settings.secret_key,
        "DATABASE_URL": settings.database_url,
        "QUEUE_URL": f"sqlite:///{tmp_path / 'queue.sqlite3'}",
        "STRIPE_SECRET_KEY": settings.stripe_secret_key,
        "STRIPE_WEBHOOK_SECRET": settings.stripe_webhook_secrets[0],
        "STRIPE_API_BASE": "http://127.0.0.1:9",
        "STRIPE_CHECKOUT_HOST": "http://127.0.0.1:9",
        "MAIL_PORT": str(settings.mail_port),
        "EFOY_CLOCK_FILE": str(offset),
        "PYTHONPATH": str(ROOT),
    }


@contextmanager
def worker(world):
    """A running worker process that has said it is up."""
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "worker"]
    with subprocess.Popen(
        command, cwd=ROOT, env=world, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        try:
            said = []
            while not said or "is up" not in said[-1]:
                said.append(process.stdout.readline())
                assert said[-1], f"the worker did not start: {''.join(said)}"
            yield process
        finally:
            if process.poll() is None:
                process.kill()
            process.communicate()


def until(true) -> bool:
    """Wait for other processes, half a minute at most."""
    ends, pause = time.monotonic() + PATIENCE, threading.Event()
    while time.monotonic() < ends:
        if true():
            return True
        pause.wait(0.05)
    return False


def sent(story) -> bool:
    return any(row.status == "sent" for row in story.rows(OutboxMessage, kind="booked"))


def test_a_committed_mail_is_out_in_a_moment(story, world):
    with worker(world), with_queue(story.app, world["QUEUE_URL"]):
        story.booked()
        began = time.monotonic()

        assert until(lambda: sent(story))

        took = time.monotonic() - began
    assert took < 15, "the queue woke nobody"
    assert len(story.mailbox.to("almaz@example.org")) == 1


def test_the_worker_beats_and_ends_with_zero_on_term(story, world):
    with worker(world) as process:
        assert until(lambda: story.rows(Heartbeat, name="worker"))

        process.send_signal(signal.SIGTERM)

        assert process.wait(timeout=PATIENCE) == 0


def test_a_worker_killed_with_a_mail_in_hand_loses_none(story, world):
    booking = story.booked()
    killed = world | {"EFOY_FAILPOINTS": "mail.send.before_call:exit"}
    drain = [sys.executable, "-m", "flask", "--app", "wsgi", "worker", "--drain"]
    first = subprocess.run(drain, cwd=ROOT, env=killed, capture_output=True, check=False)
    assert first.returncode == 137
    assert not story.mailbox.messages
    story.clock.advance(minutes=5)

    story.drain()

    assert story.booking(booking).status == "confirmed"
    assert len(story.mailbox.to("almaz@example.org")) == 1


def test_drain_does_everything_due_and_ends(story, world):
    story.booked()

    done = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "wsgi", "worker", "--drain"],
        cwd=ROOT,
        env=world,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert "nothing is due" in done.stdout
    assert sent(story)
