"""Who runs due work, and what wakes them? huey carries ids; the rows they name are the truth.

A queue may lose a task (delivery is at most once) and repeat another: every minute the sweep
enqueues what is left, and each task claims its row with a lease before it acts.
"""

from __future__ import annotations

import logging
import sqlite3
from collections import deque
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from flask import Flask, current_app
from huey import Huey, MemoryHuey, PostgresHuey, RedisHuey, SqliteHuey, crontab
from huey.storage import RedisStorage
from redis import ConnectionPool
from sqlalchemy.engine import URL, make_url

from efoy.gateways.queue_messages import SignedMessages
from efoy.models.base import FIRST_SOUND_WAL, Posted
from efoy.queries.invariants import check
from efoy.services import watch, worker
from efoy.waking import Waking
from efoy.wiring import outside, settings

if TYPE_CHECKING:
    from efoy.settings import Settings

NAME = "efoy"
REMEMBERED = 10_000
FULL = 5_000
"""A queue this long has a worker behind it that cannot keep up: the sweep adds no more."""
PATIENCE = 2
"""Seconds a web request may wait for a queue that does not answer."""
MEMORY = ":memory:"
log = logging.getLogger(__name__)


class Engine:
    """The queue of one process. Tests get one that only remembers what it was told."""

    def __init__(self, app: Flask, huey: Huey, *, records: bool = False) -> None:
        self.huey = huey
        self.announced: deque[Posted] = deque(maxlen=REMEMBERED)
        self._records = records
        self._wake = Waking(self._send)
        self._do, self._tick, self._sweep = _tasks(app, self)

    def announce(self, posted: list[Posted]) -> None:
        """Wake the worker for each (kind, id); a queue that fails is logged, never raised.

        The rows are committed already: the sweep finds them within a minute.
        """
        if self._records:
            self.announced.extend(posted)
            return
        self._wake(posted)

    def _send(self, posted: list[Posted]) -> None:
        try:
            self.enqueue(posted)
        except Exception as error:  # whatever the queue's driver raises, the request goes on
            facts = {"fault": type(error).__name__, "left": len(posted)}
            log.warning("enqueue_failed", extra=facts)

    def enqueue(self, posted: list[Posted]) -> None:
        """Put each (kind, id) into the queue; raises what the queue's driver raises."""
        for kind, key in posted:
            self._do(kind, key)

    def full(self) -> bool:
        """Whether enough work waits already."""
        return bool(self.huey.pending_count() >= FULL)

    def close(self) -> None:
        """Give the queue's connections back."""
        storage = self.huey.storage
        storage.close()
        if isinstance(storage, RedisStorage):
            storage.pool.disconnect()


def build_engine(app: Flask, settings: Settings) -> Engine:
    """The engine that ``QUEUE_URL`` asks for: an SQLite file, PostgreSQL or Redis."""
    if settings.env == "test":
        return Engine(app, MemoryHuey(NAME, immediate=False, results=False), records=True)
    url = make_url(settings.queue_url)
    build = {"sqlite": _sqlite, "postgresql": _postgresql, "redis": _redis}
    common: dict[str, Any] = {"results": False, "serializer": SignedMessages(settings.secret_key)}
    return Engine(app, build[url.get_backend_name()](app, url, common))


def engine() -> Engine:
    """The engine of the running app."""
    return cast(Engine, current_app.extensions["efoy_engine"])


def tools() -> worker.Tools:
    """What work needs from outside, in this app."""
    lies = outside()
    return worker.Tools(
        clock=lies.clock,
        stripe=lies.worker_stripe,
        mailer=lies.mailer,
        auto_refunds_per_hour=settings().auto_refunds_per_hour,
    )


def prove_laws(*, now: datetime) -> None:
    """Prove the invariants, at most once in ten minutes however many workers there are."""
    if watch.may_watch(now=now):
        broken = {f"{each.code} {each.subject}"[:64]: each.sentence for each in check(now=now)}
        watch.report_breaks(broken, now=now)


def _sqlite(app: Flask, url: URL, common: dict[str, Any]) -> Huey:
    """A file of its own, apart from the data; a lost task is found again: no waiting for disk."""
    file = url.database or "queue.sqlite3"
    if file != MEMORY:
        path = Path(app.instance_path) / file
        path.parent.mkdir(parents=True, exist_ok=True)
        file = str(path)
    mode = "wal" if sqlite3.sqlite_version_info >= FIRST_SOUND_WAL else "delete"
    return SqliteHuey(
        NAME, filename=file, fsync=False, journal_mode=mode, timeout=PATIENCE, **common
    )


def _postgresql(app: Flask, url: URL, common: dict[str, Any]) -> Huey:
    dsn = url.set(drivername="postgresql").render_as_string(hide_password=False)
    return PostgresHuey(NAME, dsn=dsn, connect_timeout=PATIENCE, **common)


def _redis(app: Flask, url: URL, common: dict[str, Any]) -> Huey:
    address = url.render_as_string(hide_password=False)
    pool = ConnectionPool.from_url(
        address, socket_connect_timeout=PATIENCE, socket_timeout=2 * PATIENCE
    )
    return RedisHuey(NAME, connection_pool=pool, **common)


def _tasks(app: Flask, engine: Engine) -> tuple[Callable[[str, str], object], Any, Any]:
    """What the queue can be asked to do. The app is the one of this process, made once."""
    every_minute = crontab(minute="*")

    @engine.huey.task(name="do")
    def do(kind: str, key: str) -> None:
        with app.app_context():
            worker.work(kind, key, tools())

    @engine.huey.periodic_task(every_minute, name="tick")
    def tick() -> None:
        with app.app_context():
            worker.tick(tools())

    @engine.huey.periodic_task(every_minute, name="sweep")
    def sweep() -> None:
        with app.app_context():
            if not engine.full():
                engine.enqueue(list(worker.due(outside().clock())))

    @engine.huey.periodic_task(crontab(minute="*/10"), name="prove")
    def prove() -> None:
        with app.app_context():
            prove_laws(now=outside().clock())

    return do, tick, sweep
