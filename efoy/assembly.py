"""How is the application put together? Assembly only; nothing is decided here."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

from flask import Flask
from flask_migrate import Migrate

from efoy import cli, failpoints, web
from efoy.gateways.log import start_log
from efoy.models import db
from efoy.models.base import announce_with, prepare_engine
from efoy.settings import Settings, WrongSettings
from efoy.tasks import build_engine
from efoy.wiring import Outside, build_outside

ROOT = Path(__file__).resolve().parent.parent
HUEY_PREFIX = "huey_"
POOL = {"pool_size": 5, "max_overflow": 0, "pool_timeout": 15}
"""Far fewer connections than threads: nobody holds one while Stripe is asked, and a hundred at work
at once are slower than five. None beyond: a connection opened and thrown away costs more."""


def assemble(settings: Settings, outside: Callable[[Flask], Outside] | None = None) -> Flask:
    """The whole application. ``outside`` builds other third parties, in tests."""
    app = Flask(
        "efoy",
        template_folder=str(ROOT / "templates"),
        static_folder=str(ROOT / "static"),
        instance_path=str(ROOT / "instance"),
    )
    _refuse_debug(app, settings)
    start_log(settings.log_level)
    app.config.update(_config(settings))
    app.extensions["efoy_settings"] = settings
    failpoints.arm(settings.failpoints)
    _open_database(app)
    app.extensions["efoy_outside"] = (outside or partial(build_outside, settings=settings))(app)
    app.extensions["efoy_engine"] = engine = build_engine(app, settings)
    announce_with(engine.announce)
    web.register(app)
    cli.register(app)
    return app


def _refuse_debug(app: Flask, settings: Settings) -> None:
    """Flask reads this switch itself, before and beside our settings."""
    if app.debug and settings.production:
        raise WrongSettings(["FLASK_DEBUG must not be set: production runs without debug mode."])


def _open_database(app: Flask) -> None:
    db.init_app(app)
    Migrate(app, db, directory=str(ROOT / "migrations"), include_name=_ours, compare_type=True)
    with app.app_context():
        prepare_engine(db.engine)


def _ours(name: str | None, kind: str, _: Any) -> bool:
    """The queue may keep its tables in the same PostgreSQL: not ours to compare."""
    return not (kind == "table" and (name or "").startswith(HUEY_PREFIX))


def _config(settings: Settings) -> dict[str, Any]:
    secure = settings.base_url.startswith("https://")
    return {
        "SECRET_KEY": settings.secret_key,
        "SECRET_KEY_FALLBACKS": list(settings.secret_key_fallbacks),
        "SQLALCHEMY_DATABASE_URI": settings.database_url,
        "SQLALCHEMY_ENGINE_OPTIONS": POOL,
        "MAX_CONTENT_LENGTH": 512 * 1024,
        "MAX_FORM_MEMORY_SIZE": 128 * 1024,
        "MAX_FORM_PARTS": 100,
        "SESSION_COOKIE_NAME": "__Host-efoy" if secure else "efoy",
        "SESSION_COOKIE_SECURE": secure,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "PERMANENT_SESSION_LIFETIME": timedelta(days=30),
        "WTF_CSRF_TIME_LIMIT": None,
        "MAIL_SERVER": settings.mail_server,
        "MAIL_PORT": settings.mail_port,
        "MAIL_USE_TLS": settings.mail_use_tls,
        "MAIL_USE_SSL": settings.mail_use_ssl,
        "MAIL_USERNAME": settings.mail_username or None,
        "MAIL_PASSWORD": settings.mail_password or None,
        "MAIL_DEFAULT_SENDER": settings.mail_default_sender,
        "RATELIMIT_ENABLED": settings.ratelimit_enabled,
        "RATELIMIT_STORAGE_URI": settings.ratelimit_storage_uri,
        "BABEL_DEFAULT_LOCALE": "en",
        "TEMPLATES_AUTO_RELOAD": False,
    }
