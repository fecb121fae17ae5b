"""The world of the tests: an app on each database, a clock, a sandbox, a mailbox."""

from __future__ import annotations

import gc
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import pytest
from flask import Flask
from sqlalchemy import create_engine

from efoy import create_app, failpoints
from efoy.gateways.log import start_log
from efoy.gateways.stripe_gateway import StripeGateway
from efoy.models import db
from efoy.models.base import announce_with
from efoy.queries.invariants import check
from efoy.services.audit import seal_audit
from efoy.settings import STRIPE_VERSION, Settings
from efoy.tasks import build_engine
from efoy.wiring import Outside, build_outside
from sandbox import create_sandbox
from tests.support import databases
from tests.support.clinic import found_clinic
from tests.support.clock import StoryClock
from tests.support.in_process_stripe import InProcessStripe
from tests.support.mailbox import Mailbox
from tests.support.story import Story

gc.freeze()  # what is imported stays; looking through it again and again is a fifth of the time
gc.set_threshold(100_000, 50, 100)
KEY = "sk_test_story"
SECRET = "whsec_story_of_a_clinic"
API = "http://127.0.0.1:12111"


def test_settings(**given) -> Settings:
    """Settings fit for a story."""
    standard = {
        "env": "test",
        "secret_key": "a secret for stories that is long enough",
        "stripe_secret_key": KEY,
        "stripe_webhook_secrets": (SECRET,),
        "stripe_api_base": API,
        "stripe_checkout_host": API,
        "queue_url": "sqlite:///:memory:",
        "ratelimit_enabled": False,
    }
    return Settings(**(standard | given))


test_settings.__test__ = False


@dataclass(frozen=True)
class StripeSide:
    """The real SDK in our gateway, on a transport that reaches the sandbox."""

    gateway: StripeGateway
    transport: InProcessStripe


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory):
    """An SQLite file built by the migrations, to be copied; a control brings its parent's."""
    path = tmp_path_factory.mktemp("template") / "template.sqlite3"
    if ready := os.environ.get("EFOY_TEST_MIGRATED"):
        shutil.copyfile(ready, path)
    else:
        _migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def migrated_postgresql():
    """A PostgreSQL database of this test process, built by the migrations."""
    name = f"efoy_test_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}_{os.getpid()}"
    url = databases.own_database(name)
    _migrate(url)
    yield url
    databases.drop_database(name)


def _migrate(url: str) -> None:
    from flask_migrate import upgrade

    app = create_app(test_settings(database_url=url))
    with app.app_context():
        upgrade()
        db.engine.dispose()


def _database_kinds():
    """Both databases; a missing server is a loud skip, or a failure where it was promised."""
    found = []
    for kind in databases.WANTED:
        missing = kind == "postgresql" and databases.server() is None
        why = "no PostgreSQL server answers: set EFOY_TEST_POSTGRES_URL"
        marks = [pytest.mark.skip(reason=why)] if missing else []
        found.append(pytest.param(kind, marks=marks))
    return found


@pytest.fixture(params=_database_kinds())
def database(request):
    """The URL of an empty, migrated database: SQLite, then PostgreSQL."""
    if request.param == "sqlite":
        template = request.getfixturevalue("migrated_sqlite")
        return databases.copy_sqlite(template, template.with_name("efoy.sqlite3"))
    url = request.getfixturevalue("migrated_postgresql")
    engine = create_engine(url)
    databases.empty(engine)
    engine.dispose()
    return url


@pytest.fixture
def clock():
    """Monday, nine o'clock at the clinic."""
    return StoryClock()


@pytest.fixture
def sandbox(clock):
    """A stand-in for Stripe that shares the story's clock."""
    box = create_sandbox(key=KEY, webhook_secret=SECRET, clock=clock)
    yield box
    box.close()


@pytest.fixture
def stripe_side(sandbox):
    """Our gateway on the sandbox."""
    transport = InProcessStripe(sandbox)
    gateway = StripeGateway(
        key=KEY,
        api_base=API,
        version=STRIPE_VERSION,
        env="test",
        webhook_secrets=(SECRET,),
        retries=0,
        http_client=transport,
    )
    return StripeSide(gateway=gateway, transport=transport)


@pytest.fixture(scope="session")
def smtp():
    """One mail server for all tests of this process."""
    box = Mailbox()
    box.port = box.start()
    yield box
    box.stop()


@pytest.fixture
def mailbox(smtp):
    """An empty mailbox behind a real SMTP server."""
    smtp.clear()
    return smtp


@pytest.fixture
def app(database, clock, stripe_side, mailbox):
    """The app on one database, with the small clinic in it; no app context is pushed."""
    settings = test_settings(database_url=database, mail_port=mailbox.port)
    world = partial(build_outside, settings=settings, clock=clock, stripe=stripe_side.gateway)
    if database in _APPS:
        app = _in_another_world(_APPS[database], settings, world)
    else:
        app = _APPS[database] = create_app(settings, outside=world)
    config = dict(app.config)
    with app.app_context():
        found_clinic(clock())
    yield app
    app.config.update(config)
    with app.app_context():
        db.engine.dispose()


_APPS: dict[str, Flask] = {}
"""One app for each database: its routes, templates and statements are made once a process."""


def _in_another_world(app: Flask, settings: Settings, world: Callable[[Flask], Outside]) -> Flask:
    """The app again, with the clock, Stripe, queue and switches of this story."""
    start_log(settings.log_level)
    failpoints.arm(settings.failpoints)
    app.extensions["efoy_outside"] = world(app)
    app.extensions["efoy_engine"] = engine = build_engine(app, settings)
    announce_with(engine.announce)
    return app


@pytest.fixture
def client(app):
    """A browser without cookies."""
    return app.test_client()


@pytest.fixture
def story(request, app, clock, sandbox, stripe_side, mailbox):
    """The steps of a story, inside the app; the invariants are proved at its end."""
    with app.app_context():
        yield Story(app, clock, sandbox, stripe_side, mailbox)
        if "planted" not in request.keywords:
            seal_audit(now=clock())
            assert check(now=clock(), whole_chain=True) == []
