"""Does the queue carry ids, and only ids, whichever it is, and does its trouble stay its own?"""

from __future__ import annotations

import json
from contextlib import contextmanager

import pytest
from redis import Redis
from redis.exceptions import RedisError

from efoy import create_app
from efoy.models import OutboxMessage, db
from efoy.models.base import announce_with
from efoy.tasks import Engine
from tests.support import databases

QUEUES = ("sqlite", "postgresql", "redis")
REDIS = "redis://127.0.0.1:6379/11"


@pytest.fixture
def queue_url(request, tmp_path):
    """The address of an empty queue; a server that does not answer is a loud skip."""
    kind = request.param
    if kind == "sqlite":
        yield f"sqlite:///{tmp_path / 'queue.sqlite3'}"
    elif kind == "postgresql":
        if databases.server() is None:
            pytest.skip("no PostgreSQL server answers")
        yield databases.own_database("efoy_test_queue")
        databases.drop_database("efoy_test_queue")
    else:
        client = Redis.from_url(REDIS, socket_connect_timeout=1)
        try:
            client.delete("huey.redis.efoy")
        except RedisError:
            pytest.skip("no Redis server answers")
        yield REDIS
        client.delete("huey.redis.efoy")
        client.close()


@contextmanager
def with_queue(app, url: str):
    """The same clinic with a real queue behind it."""
    settings = app.extensions["efoy_settings"]
    given = {name: getattr(settings, name) for name in settings.__dataclass_fields__}
    other = create_app(
        type(settings)(**given | {"env": "development", "queue_url": url}),
        outside=lambda _: app.extensions["efoy_outside"],
    )
    try:
        yield other, other.extensions["efoy_engine"]
    finally:
        announce_with(app.extensions["efoy_engine"].announce)
        other.extensions["efoy_engine"].close()
        with other.app_context():
            db.engine.dispose()


def run_all(engine: Engine) -> int:
    """Do every task of the queue in this thread; returns how many."""
    done = 0
    while engine.huey.pending_count():
        engine.huey.execute(engine.huey.dequeue())
        done += 1
    return done


@pytest.mark.parametrize("queue_url", QUEUES, indirect=True)
def test_a_committed_mail_is_sent_through_the_queue(story, queue_url):
    with with_queue(story.app, queue_url) as (_, engine):
        story.booked()
        waiting = engine.huey.pending_count()

        done = run_all(engine)

    assert waiting > 0
    assert done >= waiting
    assert [row.status for row in story.rows(OutboxMessage, kind="booked")] == ["sent"]
    assert len(story.mailbox.to("almaz@example.org")) == 1


@pytest.mark.parametrize("queue_url", QUEUES, indirect=True)
def test_a_task_that_was_lost_is_found_by_the_sweep(story, queue_url):
    story.booked()  # told to the engine that only remembers: lost for the queue
    with with_queue(story.app, queue_url) as (_, engine):
        sweep = next(task for task in engine.huey._registry.periodic_tasks if task.name == "sweep")

        engine.huey.execute(sweep)
        run_all(engine)

    assert [row.status for row in story.rows(OutboxMessage, kind="booked")] == ["sent"]


def test_a_task_that_comes_twice_sends_one_mail(story, tmp_path):
    with with_queue(story.app, f"sqlite:///{tmp_path / 'queue.sqlite3'}") as (_, engine):
        story.booked()
        engine.enqueue([("mail", row.id) for row in story.rows(OutboxMessage)])

        run_all(engine)

    assert len(story.mailbox.to("almaz@example.org")) == 1


def test_what_lies_in_the_queue_is_signed_json(story, tmp_path):
    with with_queue(story.app, f"sqlite:///{tmp_path / 'queue.sqlite3'}") as (_, engine):
        engine.enqueue([("mail", "some-id")])
        (item,) = engine.huey.storage.enqueued_items()

        message = json.loads(bytes(item).rpartition(b":")[0])

        assert ["mail", "some-id"] in message


def test_what_was_not_signed_here_is_not_run(story, tmp_path):
    with with_queue(story.app, f"sqlite:///{tmp_path / 'queue.sqlite3'}") as (_, engine):
        engine.enqueue([("mail", "some-id")])
        (item,) = engine.huey.storage.enqueued_items()
        engine.huey.storage.flush_queue()
        engine.huey.storage.enqueue(bytes(item).replace(b"some-id", b"evil-id"))

        with pytest.raises(ValueError, match="mismatch"):
            engine.huey.dequeue()


def test_a_queue_that_is_away_stops_no_booking(story):
    with with_queue(story.app, "redis://127.0.0.1:1/0") as (_, engine):
        booking = story.booked()
        engine.announce([("mail", "another")])

    assert story.booking(booking).status == "confirmed"
    assert [row.status for row in story.rows(OutboxMessage, kind="booked")] == ["new"]


def test_an_unknown_row_in_the_queue_is_left_alone(story, tmp_path):
    with with_queue(story.app, f"sqlite:///{tmp_path / 'queue.sqlite3'}") as (_, engine):
        engine.enqueue([("mail", "nobody"), ("event", "nobody"), ("refund", "nobody")])

        assert run_all(engine) == 3


def test_tests_have_an_engine_that_only_remembers(story):
    story.booked()

    engine = story.app.extensions["efoy_engine"]

    assert ("mail", story.rows(OutboxMessage)[0].id) in engine.announced
    assert engine.huey.pending_count() == 0
